"""The practical guide's text: one section a page, every citation a finding that is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from tuningfork.errors import UnknownName
from tuningfork.guide.evidence import SECTIONS, Finding, findings, key_points
from tuningfork.guide.flow import load_flow
from tuningfork.task.documents import parse_document

OVERVIEW = "overview"
"""The page that comes before the sections."""
CITATION = re.compile(r"\[([a-z0-9]+(?:-[a-z0-9]+)+)\](?!\()")
"""A finding's id in brackets, as a section's text cites it."""


class Section(BaseModel):
    """One page.

    Attributes:
        key_points, questions: what the page is about.
        studies: which figures of this project's own studies it shows.
        lead, llm, fine_tuned, why, changed: Markdown; findings are cited as [id].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    key_points: tuple[str, ...]
    questions: tuple[str, ...]
    studies: tuple[Literal["overview", "break_even", "speed", "sizes", "answers"], ...]
    lead: str
    llm: str
    fine_tuned: str
    why: str
    changed: str

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of the findings that the text cites, each once, in its order."""
        texts = (self.lead, self.llm, self.fine_tuned, self.why, self.changed)
        return tuple(dict.fromkeys(name for text in texts for name in CITATION.findall(text)))


class Overview(BaseModel):
    """The page before the sections, in Markdown: both sides defined, what the flow is, how far to trust it all.

    `{survey}` and `{findings}` stand for a link to the flow's source and the number of findings.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    lead: str
    sides: str
    flow: str
    caution: str


class _Sections(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    overview: Overview
    sections: Mapping[str, Section]

    @model_validator(mode="after")
    def _check(self) -> _Sections:
        if tuple(self.sections) != SECTIONS:
            raise ValueError(f"the sections are {', '.join(SECTIONS)}, in this order")
        known = {finding.id for finding in findings()}
        for name, section in self.sections.items():
            for wrong in _wrong(section, known):
                raise ValueError(f"section {name!r}: {wrong}")
        return self


def _wrong(section: Section, known: set[str]) -> Iterator[str]:
    """Whatever the section names that is not there."""
    yield from (f"no finding {cited!r}" for cited in section.cited if cited not in known)
    yield from (f"no key point {name!r}" for name in section.key_points if name not in key_points())
    yield from (f"no question {name!r}" for name in section.questions if name not in load_flow().questions)


def sections() -> Mapping[str, Section]:
    """All sections by name, in the guide's order."""
    return _texts().sections


def overview() -> Overview:
    """The texts of the page before the sections."""
    return _texts().overview


@cache
def _texts() -> _Sections:
    text = files("tuningfork.guide.data").joinpath("sections.yaml").read_text(encoding="utf-8")
    return parse_document(text, "sections.yaml").as_model(_Sections)


def findings_of(name: str) -> tuple[Finding, ...]:
    """Findings that bear on a section: those that its text cites, and those that are filed under it."""
    cited = sections()[name].cited
    return tuple(finding for finding in findings() if finding.id in cited or name in finding.sections)


def page(name: str | None = None) -> str:
    """A rendered page of the guide, as Markdown; without a name, the overview.

    Raises:
        UnknownName: the guide has no such section.
    """
    if name is not None and name not in SECTIONS:
        raise UnknownName("section of the guide", name, known=SECTIONS)
    return files("tuningfork.guide.pages").joinpath(f"{name or OVERVIEW}.md").read_text(encoding="utf-8")
