"""A profile as JSON: what `profile --json` prints, what a study keeps, and what terminal and page are drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from tuningfork.profile.figures import (
    Domains,
    Duplicates,
    EmbeddingMap,
    FieldProfile,
    FileProfile,
    Finding,
    Languages,
    Leakage,
    Lengths,
    Profile,
    Shift,
    SuspiciousLabels,
    Truncation,
)
from tuningfork.task.read import FileRead
from tuningfork.task.schema import Note

_BINS_A_DOUBLING = 2


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Spread(_Document):
    """How a count is distributed over the rows: its least, middle, 95th percentile, largest and mean value."""

    least: int
    median: float
    p95: float
    most: int
    mean: float

    @classmethod
    def of(cls, values: NDArray[np.int32]) -> Self:
        """Of at least one value."""
        median, p95 = np.quantile(values, [0.5, 0.95])
        return cls(
            least=int(values.min()),
            median=float(median),
            p95=round(float(p95), 1),
            most=int(values.max()),
            mean=round(float(values.mean()), 2),
        )


class LengthsDocument(_Document):
    """How long the texts of one file are.

    Attributes:
        edges, counts: rows from one edge up to the next, in tokens; each edge is about 1.4 times the last.
        truncations: models that would not see the end of some rows.
        counted_by, counted: whose tokens, and in how many rows they were counted; see `profile.figures.Lengths`.
    """

    tokens: Spread
    characters: Spread
    edges: tuple[int, ...]
    counts: tuple[int, ...]
    truncations: tuple[Truncation, ...]
    counted_by: str
    counted: int

    @classmethod
    def of(cls, lengths: Lengths) -> Self:
        """Lengths without the single rows."""
        edges = _edges(int(lengths.tokens.min()), int(lengths.tokens.max()))
        places = np.searchsorted(edges, lengths.tokens, side="right") - 1
        counts = np.bincount(places, minlength=len(edges) - 1)
        return cls(
            tokens=Spread.of(lengths.tokens),
            characters=Spread.of(lengths.characters),
            edges=edges,
            counts=tuple(counts.tolist()),
            truncations=lengths.truncations,
            counted_by=lengths.counted_by,
            counted=lengths.counted,
        )


class FieldDocument(_Document):
    """One field by itself; see `profile.figures.FieldProfile`.

    Attributes:
        options: how many texts a row has; None for a field of one text a row.
    """

    column: str
    tokens: Spread
    characters: Spread
    options: Spread | None

    @classmethod
    def of(cls, field: FieldProfile) -> Self:
        """A field without the single rows."""
        return cls(
            column=field.column,
            tokens=Spread.of(field.lengths.tokens),
            characters=Spread.of(field.lengths.characters),
            options=None if field.options is None else Spread.of(field.options),
        )


class LanguagesDocument(_Document):
    """Languages of one file; see `profile.figures.Languages`."""

    shares: dict[str, float]
    looked_at: int
    told: int

    @classmethod
    def of(cls, languages: Languages) -> Self:
        """The same with the shares by code."""
        return cls(shares=dict(languages.shares), looked_at=languages.looked_at, told=languages.told)

    def as_record(self) -> Languages:
        """What it was made of."""
        return Languages(shares=tuple(self.shares.items()), looked_at=self.looked_at, told=self.told)


class FileDocument(_Document):
    """One file by itself; see `profile.figures.FileProfile`."""

    role: str
    name: str
    rows: int
    labels: dict[str, int]
    unlabelled: int
    lengths: LengthsDocument
    duplicates: Duplicates
    languages: LanguagesDocument
    noise: dict[str, int]
    personal: dict[str, int]
    fields: dict[str, FieldDocument] = {}
    of_options: bool = False

    @classmethod
    def of(cls, file: FileProfile) -> Self:
        """One file's part of a profile."""
        return cls(
            role=file.role,
            name=file.name,
            rows=file.rows,
            labels=dict(file.labels),
            unlabelled=file.unlabelled,
            lengths=LengthsDocument.of(file.lengths),
            duplicates=file.duplicates,
            languages=LanguagesDocument.of(file.languages),
            noise=_by_kind(file.noise),
            personal=_by_kind(file.personal),
            fields={field.name: FieldDocument.of(field) for field in file.fields},
            of_options=file.of_options,
        )


class MapDocument(_Document):
    """The rows in two dimensions; see `profile.figures.EmbeddingMap`."""

    points: tuple[tuple[float, float], ...]
    labels: tuple[str, ...]
    roles: tuple[str, ...]
    explained: tuple[float, float]

    @classmethod
    def of(cls, drawn: EmbeddingMap) -> Self:
        """The same as plain numbers."""
        return cls(
            points=tuple((round(x, 4), round(y, 4)) for x, y in drawn.points.tolist()),
            labels=drawn.labels,
            roles=drawn.roles,
            explained=(round(drawn.explained[0], 4), round(drawn.explained[1], 4)),
        )


class FlowAnswer(_Document):
    """What the rows answer to one question of the decision flow: yes, no or unknown, how sure, and how it was found."""

    answer: str
    confidence: str | None
    method: str | None
    source: str


class ProfileDocument(_Document):
    """A whole profile without single rows.

    Attributes:
        name: of the task, for titles.
        answers: to questions of the decision flow, as far as the rows can tell.
        map: None where there are no embeddings.
    """

    name: str
    files: tuple[FileDocument, ...]
    leakage_by_file: tuple[Leakage, ...]
    shift: dict[str, Shift]
    suspicious: SuspiciousLabels | None
    domains: Domains | None
    answers: dict[str, FlowAnswer]
    embedded_by: str | None
    notes: tuple[Note, ...]
    map: MapDocument | None
    read: tuple[FileRead, ...] = ()

    @classmethod
    def of(cls, profile: Profile, *, name: str, answers: Mapping[str, FlowAnswer], notes: Sequence[Note] = ()) -> Self:
        """What a profile says, with the answers and further notes that a guide makes of it."""
        return cls(
            name=name,
            files=tuple(FileDocument.of(file) for file in profile.files),
            leakage_by_file=profile.leakage,
            shift={shift.role: shift for shift in profile.shifts},
            suspicious=profile.suspicious,
            domains=profile.domains,
            answers=dict(answers),
            embedded_by=profile.embedded_by,
            notes=(*profile.notes, *notes),
            map=None if profile.map is None else MapDocument.of(profile.map),
            read=profile.read,
        )

    @property
    def data(self) -> FileDocument:
        """The labelled file."""
        return self.files[0]

    def as_dict(self) -> dict[str, Any]:
        """The JSON contract: what is said of DATA first, then everything; the map's points are left out."""
        told = self.model_dump(mode="json", exclude={"map"})
        data = told["files"][0]
        return {
            "rows": data["rows"],
            "labels": data["labels"],
            "unlabelled": data["unlabelled"],
            "duplicates": self.data.duplicates.normalised,
            "leakage": sum(leakage.rows for leakage in self.leakage_by_file),
            "shift": told["shift"],
            "answers": told["answers"],
            "suspicious": told["suspicious"],
            "languages": data["languages"],
            "lengths": data["lengths"],
            "fields": data["fields"],
            "noise": data["noise"],
            "personal": data["personal"],
            "domains": told["domains"],
            "duplicates_detail": data["duplicates"],
            "leakage_by_file": {leakage["role"]: leakage for leakage in told["leakage_by_file"]},
            "files": told["files"],
            "embedded_by": told["embedded_by"],
            "notes": told["notes"],
            "read": [one.as_dict() for one in self.read],
        }


def _by_kind(findings: Sequence[Finding]) -> dict[str, int]:
    return {finding.kind: finding.rows for finding in findings}


def _edges(least: int, most: int) -> tuple[int, ...]:
    """Whole numbers that grow by about the square root of two, from at most `least` to above `most`."""
    edges, power = [0, 1], 0
    while edges[-1] <= most:
        power += 1
        edge = round(2 ** (power / _BINS_A_DOUBLING))
        if edge > edges[-1]:
            edges.append(edge)
    first = next(place for place in reversed(range(len(edges))) if edges[place] <= least)
    return tuple(edges[first:])
