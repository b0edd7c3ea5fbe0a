"""Models of the Hub that are no starters: fetched once at one commit, and known by what was fetched."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuningfork.errors import InputError, ModelUnavailable
from tuningfork.foundation.files import write_text
from tuningfork.models.digests import DigestBook
from tuningfork.models.downloads import Announce, Progress, SourceFailed, SourceRefused
from tuningfork.models.locking import alone
from tuningfork.models.references import HubReference, ModelKind
from tuningfork.models.starters import starters
from tuningfork.models.suggestions import suggestions

if TYPE_CHECKING:
    from tuningfork.models.hub import Hub, RemoteFile, Repository

_MAIN = "main"
_FORMATS: Mapping[ModelKind | None, tuple[str, ...]] = {
    "llm": ("gguf",),
    "encoder": ("safetensors", "onnx"),
    None: ("safetensors", "onnx", "gguf"),
}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a model's files are.

    Attributes:
        commit: of the Hub's repository; None for a folder of the user's.
        files: path in the folder -> SHA-256.
    """

    commit: str | None
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """A record of an earlier fetch: the format, the files, weights first, and the commit they are of."""

    weights: str
    files: tuple[str, ...]
    commit: str


class HubModels:
    """Fetches repositories of the Hub into the cache, each into a folder of its own.

    Args:
        cache: the folder of all fetched models.
        digests: remembers the sums of their files.
        announce, progress: see `ModelStore`.
    """

    def __init__(self, cache: Path, digests: DigestBook, announce: Announce, progress: Progress | None) -> None:
        self._cache, self._digests, self._announce, self._progress = cache, digests, announce, progress

    def fetched(self, model: HubReference, kind: ModelKind | None) -> Path | None:
        """The folder or GGUF file that an earlier call fetched whole; a later commit is not asked for."""
        record = self._record(model, kind)
        return None if record is None else _place(self._folder(model), record.weights, record.files[0])

    def contents(self, model: HubReference, kind: ModelKind | None) -> Contents | None:
        """What was fetched, by the sums that the files have now; None where nothing was.

        Raises:
            ModelUnavailable: a file cannot be read.
        """
        record = self._record(model, kind)
        if record is None:
            return None
        folder = self._folder(model)
        return Contents(record.commit, {path: self._digests.digest(folder / path) for path in sorted(record.files)})

    def ensure(self, model: HubReference, kind: ModelKind | None) -> Path:
        """The folder or GGUF file, fetched if need be.

        Raises:
            InputError: the Hub has no such model, revision or file, not for this token, or none that could be used.
            ModelUnavailable: the Hub does not answer, or the cache cannot be written.
        """
        if (place := self.fetched(model, kind)) is not None:
            return place
        with alone(self._cache, model.slug, self._announce):
            try:
                return self.fetched(model, kind) or self._fetch(model, kind)
            except SourceRefused as refusal:
                remedy = refusal.remedy or _how_it_is_written(model)
                raise InputError(f"{_named(model)}: the Hugging Face Hub {refusal.problem}", remedy=remedy) from refusal
            except SourceFailed as reason:
                raise ModelUnavailable(
                    f"{_named(model)} cannot be had: the Hugging Face Hub {reason}. Only the Hub has it; "
                    "a folder or file fetched elsewhere can be named by its path instead."
                ) from reason

    def _fetch(self, model: HubReference, kind: ModelKind | None) -> Path:
        from tuningfork.models.hub import Hub
        from tuningfork.models.repositories import choose_files

        hub = Hub(self._announce)
        try:
            repository = hub.repository(model.repository, model.revision or _MAIN)
        except SourceRefused:
            raise
        except SourceFailed as reason:
            if (place := self._taken_from_other_tools(model, kind, str(reason))) is not None:
                return place
            raise
        weights, files = choose_files(repository, file=model.file, kind=kind)
        size = sum(file.expected.bytes or 0 for file in files)
        self._announce(
            f"Fetching {_named(model)} ({size / 1e6:.0f} MB, {files[0].path}) from the Hugging Face Hub ({hub.host})."
        )
        if weights != "gguf":
            from tuningfork.models.encoders.fitness import require_room

            require_room(size, _named(model))
        self._transfer(hub, repository, model, _small_first(files))
        return self._keep_record(model, weights, [file.path for file in files], repository.commit)

    def _transfer(self, hub: Hub, repository: Repository, model: HubReference, files: Sequence[RemoteFile]) -> None:
        folder = self._folder(model)
        for file in files:
            target, wanted = folder / file.path, file.expected
            target.parent.mkdir(parents=True, exist_ok=True)
            if wanted.sha256 is None or not target.is_file() or self._digests.digest(target) != wanted.sha256:
                told = self._told_of(model.repository)
                hub.fetch(model.repository, repository.commit, file.path, target, expected=wanted, progress=told)

    def _taken_from_other_tools(self, model: HubReference, kind: ModelKind | None, reason: str) -> Path | None:
        """What the user's own Hugging Face cache holds of the model, copied, where the Hub cannot be asked."""
        from tuningfork.models.repositories import choose_files
        from tuningfork.models.users_cache import copied, snapshot

        found = snapshot(model.repository, model.revision or _MAIN)
        if found is None:
            return None
        try:
            weights, files = choose_files(found.repository, file=model.file, kind=kind)
        except SourceRefused:
            return None  # other tools fetched another part of it
        self._announce(
            f"Taking {_named(model)} from the Hugging Face cache of this machine ({found.folder}), as it was there: "
            f"the Hub {reason}."
        )
        paths = [file.path for file in files]
        copied(found, paths, self._folder(model))
        return self._keep_record(model, weights, paths, found.repository.commit)

    def _keep_record(self, model: HubReference, weights: str, paths: Sequence[str], commit: str) -> Path:
        folder = self._folder(model)
        record = {"commit": commit, "files": [*paths]}
        write_text(folder / _record_name(weights), json.dumps(record, indent=1))
        return _place(folder, weights, paths[0])

    def _record(self, model: HubReference, kind: ModelKind | None) -> _Fetched | None:
        folder = self._folder(model)
        for weights in _FORMATS[kind]:
            try:
                raw = json.loads((folder / _record_name(weights)).read_text(encoding="utf-8"))
                record = _Fetched(weights, tuple(raw["files"]), str(raw["commit"]))
            except (OSError, ValueError, KeyError):
                continue
            if all((folder / path).is_file() for path in record.files):
                return record
        return None

    def _folder(self, model: HubReference) -> Path:
        return self._cache / "models" / model.slug

    def _told_of(self, name: str) -> Progress | None:
        progress = self._progress
        return progress and (lambda file, done, total: progress(f"{name}: {file}", done, total))


def _small_first(files: Sequence[RemoteFile]) -> list[RemoteFile]:
    """What is refused is refused before the weights are here."""
    return sorted(files, key=lambda file: file.expected.bytes or 0)


def _named(model: HubReference) -> str:
    file = f"/{model.file}" if model.file else ""
    return f"hf:{model.repository}{file}{f'@{model.revision}' if model.revision else ''}"


def _how_it_is_written(model: HubReference) -> str:
    known = [one.repository for one in suggestions()]
    known += [one.hub.repository for one in starters() if one.hub is not None]
    by_name = {name.rpartition("/")[2].lower(): name for name in known}
    owner, _, name = model.repository.rpartition("/")
    if model.repository in known:
        return "There is such a model on https://huggingface.co: look at HF_ENDPOINT, and at what stands between"
    near = difflib.get_close_matches(model.repository, known, n=2, cutoff=0.75)
    near = near or [by_name[one] for one in difflib.get_close_matches(name.lower(), by_name, n=2, cutoff=0.7)]
    if near:
        return f"Did you mean {' or '.join(f'hf:{one}' for one in near)}?"
    return f"Look at the owner's page for its name: https://huggingface.co/{owner}"


def _record_name(weights: str) -> str:
    return f".fetched-{weights}.json"


def _place(folder: Path, weights: str, first: str) -> Path:
    return folder / first if weights == "gguf" else folder
