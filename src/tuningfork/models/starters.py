"""The table of starter models: what they are, and where their bytes may come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from typing import Any, Literal

from tuningfork.errors import UnknownName

StarterKind = Literal["encoder", "static-encoder", "llm"]


@dataclass(frozen=True, slots=True)
class HubAddress:
    """A repository of the Hugging Face Hub, OWNER/NAME, at a branch or commit."""

    repository: str
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterFile:
    """One file of a starter.

    Attributes:
        path: its name in the starter's folder, with forward slashes.
        bytes: its size.
        sha256: 64 hex digits; a file with another sum is never used.
        hub_path: its path in the Hub's repository, or None where the Hub has no such bytes.
        owner: the starter whose sources carry it; another than the starter itself where they share it.
    """

    path: str
    bytes: int
    sha256: str
    hub_path: str | None
    owner: str


@dataclass(frozen=True, slots=True)
class Wheel:
    """One package of the mirror and, for each file wanted, the name of its bytes inside the wheel.

    Attributes:
        package, version: what to download.
        inside: file of the starter -> member of the wheel.
        tags: pip's platform, python_version and implementation to ask for; empty where any machine gets the wheel.
    """

    package: str
    version: str
    inside: Mapping[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mirror:
    """One place on the package index: a single wheel, or several that each hold a part of the only file.

    Attributes:
        wheels: in the order in which parts are joined.
        part_bytes: size of every part but the last; None for a single wheel.
    """

    wheels: tuple[Wheel, ...]
    part_bytes: int | None = None

    @property
    def packages(self) -> str:
        """Its packages, for people: 'a 1.0', or 'a-part1 to a-part6 1.0'."""
        first, last = self.wheels[0], self.wheels[-1]
        names = first.package if first == last else f"{first.package} to {last.package}"
        return f"{names} {first.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """One starter model.

    Attributes:
        kind: 'encoder', 'static-encoder' (no context) or 'llm'.
        title: the model's own name.
        parameters: number of weights.
        licence: of the weights, in words.
        quantisation: as in the file, or None at full precision.
        context_tokens: context window of an LLM, None for encoders.
        instruct: False for an LLM that was never taught to follow instructions.
        mirror_by_default: whether the package index is used without being asked for.
    """

    name: str
    kind: StarterKind
    title: str
    parameters: int
    licence: str
    quantisation: str | None
    context_tokens: int | None
    instruct: bool
    hub: HubAddress | None
    files: tuple[StarterFile, ...]
    mirrors: tuple[Mirror, ...]
    mirror_by_default: bool

    @property
    def bytes(self) -> int:
        """Size of all its files."""
        return sum(file.bytes for file in self.files)

    @property
    def weights(self) -> StarterFile:
        """The file that holds the weights: the largest."""
        return max(self.files, key=lambda file: file.bytes)


def starters() -> tuple[Starter, ...]:
    """All starters, in the order of the table: encoders first, then LLMs by size."""
    return tuple(_table().values())


def starter(name: str) -> Starter:
    """The starter of that name.

    Raises:
        UnknownName: there is none.
    """
    if name not in _table():
        raise UnknownName("starter model", name, known=_table())
    return _table()[name]


@cache
def _table() -> dict[str, Starter]:
    from tuningfork.foundation.strict_yaml import parse_yaml

    text = package_files("tuningfork.models").joinpath("starters.yaml").read_text(encoding="utf-8")
    raw: dict[str, dict[str, Any]] = parse_yaml(text).content
    return {name: _starter(name, raw) for name in raw}


def _starter(name: str, raw: Mapping[str, Mapping[str, Any]]) -> Starter:
    entry = raw[name]
    return Starter(
        name=name,
        kind=entry["kind"],
        title=entry["title"],
        parameters=entry["parameters"],
        licence=entry["licence"],
        quantisation=entry.get("quantisation"),
        context_tokens=entry.get("context_tokens"),
        instruct=entry.get("instruct", True),
        hub=HubAddress(**entry["hub"]) if "hub" in entry else None,
        files=tuple(_file(path, name, raw) for path in entry["files"]),
        mirrors=tuple(_mirror(mirror, entry["files"]) for mirror in entry["mirrors"]),
        mirror_by_default=entry["mirror_by_default"],
    )


def _file(path: str, owner: str, raw: Mapping[str, Mapping[str, Any]]) -> StarterFile:
    entry = raw[owner]["files"][path]
    if "shared_with" in entry:
        return _file(path, entry["shared_with"], raw)
    return StarterFile(
        path=path,
        bytes=entry["bytes"],
        sha256=entry["sha256"],
        hub_path=entry.get("hub", path),
        owner=owner,
    )


def _mirror(entry: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> Mirror:
    own = [name for name, file in names.items() if "shared_with" not in file]
    inside = entry.get("inside") or {name: f"{entry['folder']}/{name}" for name in own}
    wheels = tuple(
        Wheel(
            package=entry["package"].format(part=part),
            version=entry["version"],
            inside={name: member.format(part=part, index=part - 1) for name, member in inside.items()},
            tags=entry.get("tags", {}),
        )
        for part in range(1, entry.get("parts", 1) + 1)
    )
    return Mirror(wheels, entry.get("part_bytes"))
