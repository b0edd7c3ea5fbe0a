"""What a model reference means: a starter's name, `hf:OWNER/NAME[/FILE][@REVISION]`, or a local path."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tuningfork.errors import InputError, UnknownName
from tuningfork.models.starters import Starter, starter, starters

ModelKind = Literal["encoder", "llm"]

_HUB_PREFIX = "hf:"
_HUB_PATTERN = re.compile(r"([\w.-]+/[\w.-]+)(?:/([^@]+))?(?:@([\w./-]+))?")


@dataclass(frozen=True, slots=True)
class HubReference:
    """A model of the Hugging Face Hub.

    Attributes:
        repository: OWNER/NAME.
        file: one file of weights in it, where `hf:OWNER/NAME/FILE` names one; None leaves the choice to us.
        revision: branch, tag or commit, where `@REVISION` names one; None is its main branch.
    """

    repository: str
    file: str | None = None
    revision: str | None = None

    @property
    def slug(self) -> str:
        """The reference as one name of a folder."""
        named = "--".join(["hf", *self.repository.split("/"), *(self.file or "").split("/")]).rstrip("-")
        return named if self.revision is None else f"{named}@{self.revision.replace('/', '--')}"


Reference = Starter | HubReference | Path


def parse_reference(text: str, kind: ModelKind | None = None) -> Reference:
    """Read a reference; no request is made. A starter's name wins over a file of that name (write `./NAME` for it).

    Raises:
        UnknownName: neither a starter, nor `hf:`, nor something that looks like a path; near names are given.
        InputError: a malformed `hf:` reference, a path where nothing is, or a starter of another kind.
    """
    if text.startswith(_HUB_PREFIX):
        return _hub_reference(text)
    if text in {model.name for model in starters()}:
        return _of_kind(starter(text), kind)
    path = os.path.expanduser(text)  # noqa: PTH111 (pathlib's raises where it knows no home)
    if text.strip() and os.path.exists(path):  # noqa: PTH110 (and this one where a name is too long)
        return _local(Path(path), kind)
    if _looks_like_a_path(text):
        on_the_hub = _HUB_PATTERN.fullmatch(text) is not None and not text.startswith(".") and text.count("/") == 1
        hint = f"For the Hugging Face model of that name write hf:{text}" if on_the_hub else None
        raise InputError(f"no such model file or folder: {text!r}", remedy=hint)
    known = [model.name for model in starters() if kind is None or _kind_of(model) == kind]
    raise UnknownName("model", text, known=known, remedy="A local path or hf:OWNER/NAME will do as well")


def _hub_reference(text: str) -> HubReference:
    matched = _HUB_PATTERN.fullmatch(text.removeprefix(_HUB_PREFIX))
    parts = text.removeprefix(_HUB_PREFIX).split("/")
    if matched is None or {"", ".", ".."} & set(parts):
        raise InputError(
            f"{text!r} is not a Hugging Face model", remedy="Write hf:OWNER/NAME or hf:OWNER/NAME@REVISION"
        )
    return HubReference(matched[1], matched[2], matched[3])


def _of_kind(model: Starter, kind: ModelKind | None) -> Starter:
    if kind is not None and _kind_of(model) != kind:
        fitting = ", ".join(other.name for other in starters() if _kind_of(other) == kind)
        article = {"encoder": "an encoder", "llm": "an LLM"}
        raise InputError(
            f"{model.name} is {article[_kind_of(model)]}, not {article[kind]}", remedy=f"Choose one of: {fitting}"
        )
    return model


def _local(path: Path, kind: ModelKind | None) -> Path:
    if kind == "encoder" and not path.is_dir():
        raise InputError("an encoder is a folder with config.json, tokenizer.json and weights", file=path)
    if not path.is_dir() and (not path.is_file() or path.suffix.lower() != ".gguf"):
        raise InputError("a local LLM is a GGUF file", file=path)
    return path


def _kind_of(model: Starter) -> ModelKind:
    return "llm" if model.kind == "llm" else "encoder"


def _looks_like_a_path(text: str) -> bool:
    return "/" in text or os.sep in text or text.startswith(("~", ".")) or text.lower().endswith(".gguf")
