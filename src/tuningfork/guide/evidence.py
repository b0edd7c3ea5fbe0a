"""Key points and findings: what the advice rests on, and what speaks against it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from tuningfork.task.documents import parse_document

Stance = Literal["for", "against", "mixed"]
SECTIONS = (
    "data",
    "understanding",
    "generation",
    "knowledge",
    "scale",
    "miscellaneous",
    "real-world",
    "efficiency",
    "trust",
)
"""The practical guide's sections, in its order."""

_Model = TypeVar("_Model", bound=BaseModel)


class _Schema(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KeyPoint(_Schema):
    """One of the survey's key points, in our words."""

    topic: str
    text: str


class Finding(_Schema):
    """What one paper or report found.

    Attributes:
        id: for citations in the guide's text.
        authors: as cited: 'Pecher et al.'.
        found: the finding in one or two sentences.
        read: what the finding rests on: 'abstract' (the source's own summary), 'source' (its text, code or page), or
            'report' (somebody else's account of it).
        stance: for the survey's advice, against it, or mixed.
        sections, key_points, questions: what it bears on.
    """

    id: str
    title: str
    authors: str
    year: int
    link: str
    found: str
    read: Literal["abstract", "source", "report"]
    stance: Stance
    sections: tuple[str, ...]
    key_points: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def cited(self) -> str:
        """'Pecher et al. (2025)'."""
        return f"{self.authors} ({self.year})"


class _KeyPoints(_Schema):
    version: Literal[1]
    key_points: Mapping[str, KeyPoint]


class _Evidence(_Schema):
    version: Literal[1]
    findings: tuple[Finding, ...]

    @model_validator(mode="after")
    def _check(self) -> _Evidence:
        seen: set[str] = set()
        for finding in self.findings:
            if finding.id in seen:
                raise ValueError(f"finding {finding.id!r} stands there twice")
            seen.add(finding.id)
            for section in finding.sections:
                if section not in SECTIONS:
                    raise ValueError(f"finding {finding.id!r}: no section {section!r}")
            for key_point in finding.key_points:
                if key_point not in key_points():
                    raise ValueError(f"finding {finding.id!r}: no key point {key_point!r}")
        return self


@cache
def key_points() -> Mapping[str, KeyPoint]:
    """The key points by id, KP1 first."""
    return _load("key_points.yaml", _KeyPoints).key_points


@cache
def findings() -> tuple[Finding, ...]:
    """All findings, in the order of the file."""
    return _load("evidence.yaml", _Evidence).findings


def bearing_on(questions: Collection[str]) -> tuple[Finding, ...]:
    """Findings on any of these questions, the newest first."""
    found = [finding for finding in findings() if set(finding.questions) & set(questions)]
    return tuple(sorted(found, key=lambda finding: -finding.year))


def _load(name: str, model: type[_Model]) -> _Model:
    text = files("tuningfork.guide.data").joinpath(name).read_text(encoding="utf-8")
    return parse_document(text, name).as_model(model)
