"""Looks at the rows of a task: every part of the profile, one after the other, in about linear time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tuningfork.errors import ModelUnavailable
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
from tuningfork.profile.domains import domains_of
from tuningfork.profile.duplicates import duplicates_in, leakage
from tuningfork.profile.embedding_map import embedding_map
from tuningfork.profile.field_profiles import answers_of, field_profiles, lengths_of_rows, names_of_classes
from tuningfork.profile.figures import (
    Domains,
    EmbeddingMap,
    FileProfile,
    Languages,
    Leakage,
    Profile,
    Shift,
    SuspiciousLabels,
)
from tuningfork.profile.languages import languages_of
from tuningfork.profile.noise import noise_in
from tuningfork.profile.personal import personal_data_in
from tuningfork.profile.remarks import are_amounts, remarks_on
from tuningfork.profile.shift import ShiftRows, measure_shift
from tuningfork.profile.suspicious import suspicious_labels
from tuningfork.task.cleaning import CleanRows
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TASK_TYPES
from tuningfork.task.unsplit import Unsplit

ENCODER = "wordllama"
"""A static encoder: ten thousand rows a second on a processor."""
EMBEDDED_AT_MOST = 20_000
"""Rows a file that are embedded: a random sample of more says the same of shift, domain and map, and takes seconds."""
_ENOUGH_FOR_A_GUIDE = 5000
COMPARED = ("test", "shifted")
"""Roles of files whose rows are tested for shift against the labelled rows."""

Progress = Callable[[str], None]
"""Is told each step by its name, as it begins."""


def open_profile_encoder(store: ModelStore, *, fetch: bool = True) -> Encoder | None:
    """The encoder that profiles are made with; None where it is not here and cannot, or may not, be fetched."""
    if not fetch and not store.is_present(ENCODER):
        return None
    try:
        return open_encoder(ENCODER, store)
    except ModelUnavailable as reason:
        store.announce(f"{ENCODER} cannot be had: {str(reason).splitlines()[0]}")
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the rows say of the setting that a model would work in: enough for a guide, in seconds.

    Attributes:
        languages: of the labelled file.
        domains: None where nothing can be said, or without an encoder.
        shifts: one entry a file of `COMPARED` that is given; empty without an encoder.
    """

    languages: Languages
    domains: Domains | None
    shifts: tuple[Shift, ...]


def setting_of(source: Unsplit, encoder: Encoder | None, *, seed: int = 0, progress: Progress | None = None) -> Setting:
    """What the flow's questions and the choice of candidates need of a profile, and no more.

    Args:
        encoder: gives the vectors; None where none can be had.
        seed: of every sample.
    """
    tell = progress or _silent
    tell("languages")
    languages = languages_of(source.files["data"].texts, seed=seed)
    embedded = _embedded(source, encoder, seed, tell, ("data", *COMPARED), most=_ENOUGH_FOR_A_GUIDE)
    return Setting(
        languages=languages,
        domains=_domains(embedded, encoder, tell),
        shifts=_shifts(embedded, seed, tell),
    )


def profile_rows(
    source: Unsplit,
    encoder: Encoder | None,
    *,
    seed: int = 0,
    most: int | None = None,
    progress: Progress | None = None,
) -> Profile:
    """Everything that the rows of a task's files say before any arm runs.

    Args:
        encoder: gives the vectors for shift, domains, map and suspicious labels; without one they are left out, and a
            note says so. At most `EMBEDDED_AT_MOST` rows a file are embedded.
        seed: of every sample.
        most: rows a file that are looked at, a random sample where there are more; None for all.
        progress: is told each step as it begins.
    """
    tell = progress or _silent
    source, notes = _at_most(source, most, seed)
    files = tuple(_file(role, rows, source, seed, tell) for role, rows in source.files.items())
    shared = tuple(_leakage(source, tell))
    embedded = _embedded(source, encoder, seed, tell, source.files, most=EMBEDDED_AT_MOST)
    profile = Profile(
        files=files,
        leakage=shared,
        suspicious=_suspicious(embedded, seed, tell),
        domains=_domains(embedded, encoder, tell),
        shifts=_shifts(embedded, seed, tell),
        map=None if not embedded else _map(embedded, seed, tell),
        embedded_by=None if encoder is None else encoder.name,
        notes=(),
        read=source.read,
    )
    return replace(profile, notes=(*source.notes, *notes, *_sampling(source), *remarks_on(profile)))


@dataclass(frozen=True, slots=True, eq=False)
class _Embedded:
    """Rows of one file with the names of their classes and their vectors, shape (n, dimensions): all, or a sample."""

    ids: tuple[str, ...]
    rows: CleanRows
    labels: tuple[str, ...]
    vectors: Vectors

    @property
    def for_shift(self) -> ShiftRows:
        return ShiftRows(texts=self.rows.texts, vectors=self.vectors, labels=self.labels)


def _at_most(source: Unsplit, most: int | None, seed: int) -> tuple[Unsplit, list[Note]]:
    """The same files with no more rows than that, and what was left out."""
    notes: list[Note] = []
    if most is None:
        return source, notes
    files: dict[str, CleanRows] = {}
    for role, rows in source.files.items():
        files[role] = _sample(rows, most, seed)
        if len(rows) > most:
            message = f"{most:,} random rows of {len(rows):,} in {rows.name} were looked at; its counts are of these."
            notes.append(Note("profile_sample", message))
    return replace(source, files=files), notes


def _sampling(source: Unsplit) -> Iterator[Note]:
    large = [rows.name for rows in source.files.values() if len(rows) > EMBEDDED_AT_MOST]
    if large:
        yield Note(
            "embedded_sample",
            f"Shift, domains, map and doubtful labels were looked for in {EMBEDDED_AT_MOST:,} random rows of "
            f"{' and '.join(large)}.",
        )


def _sample(rows: CleanRows, most: int, seed: int) -> CleanRows:
    """At most that many rows at random, in the order of the file."""
    if len(rows) <= most:
        return rows
    return rows.take(np.sort(np.random.default_rng(seed).choice(len(rows), size=most, replace=False)))


def _file(role: str, rows: CleanRows, source: Unsplit, seed: int, tell: Progress) -> FileProfile:
    """One file by itself."""
    kind = TASK_TYPES.get(source.spec.type)
    counts = Counter(rows.labels)
    unlabelled = counts.pop("", 0)
    tell(f"lengths of {rows.name}")
    fields = tuple(field_profiles(rows, kind, source.spec.fields or {}))
    lengths = lengths_of_rows(rows, fields)
    tell(f"repeats of {rows.name}")
    duplicates = duplicates_in(source.ids(role), rows.compared, answers_of(rows, kind))
    tell(f"languages of {rows.name}")
    languages = languages_of(rows.texts, seed=seed)
    tell(f"noise and personal data of {rows.name}")
    return FileProfile(
        role=role,
        name=rows.name,
        rows=len(rows),
        labels=tuple(sorted(counts.items())),
        unlabelled=unlabelled,
        lengths=lengths,
        duplicates=duplicates,
        languages=languages,
        noise=noise_in(rows.texts),
        personal=personal_data_in(rows.texts),
        fields=fields,
        of_options=kind.options is not None,
    )


def _leakage(source: Unsplit, tell: Progress) -> Iterator[Leakage]:
    data = source.files["data"]
    for role, rows in source.files.items():
        if role != "data":
            tell(f"rows of {rows.name} in {data.name}")
            yield leakage(role, data.compared, rows.compared)


def _embedded(
    source: Unsplit,
    encoder: Encoder | None,
    seed: int,
    tell: Progress,
    roles: Iterable[str],
    *,
    most: int,
) -> dict[str, _Embedded]:
    """Vectors by role; empty without an encoder."""
    found: dict[str, _Embedded] = {}
    if encoder is None:
        return found
    for role in roles:
        if role in source.files:
            rows = _sample(source.files[role], most, seed)
            tell(f"embeddings of {rows.name}")
            labels = names_of_classes(rows, TASK_TYPES.get(source.spec.type))
            found[role] = _Embedded(rows.ids(set()), rows, labels, encoder.embed(rows.texts))
    return found


def _suspicious(embedded: Mapping[str, _Embedded], seed: int, tell: Progress) -> SuspiciousLabels | None:
    data = embedded.get("data")
    if data is None or data.rows.fields is not None or are_amounts(data.rows.labels):
        return None
    tell("doubtful labels")
    return suspicious_labels(data.ids, data.rows.texts, data.vectors, data.rows.labels, seed=seed)


def _domains(embedded: Mapping[str, _Embedded], encoder: Encoder | None, tell: Progress) -> Domains | None:
    data = embedded.get("data")
    if data is None or encoder is None:
        return None
    tell("domains")
    return domains_of(data.rows.texts, data.vectors, encoder)


def _shifts(embedded: Mapping[str, _Embedded], seed: int, tell: Progress) -> tuple[Shift, ...]:
    shifts = []
    for role in COMPARED:
        if role in embedded:
            tell(f"shift between {embedded['data'].rows.name} and {embedded[role].rows.name}")
            shifts.append(measure_shift(role, embedded["data"].for_shift, embedded[role].for_shift, seed=seed))
    return tuple(shifts)


def _map(embedded: Mapping[str, _Embedded], seed: int, tell: Progress) -> EmbeddingMap:
    tell("map")
    shown = {role: rows for role, rows in embedded.items() if role in ("data", *COMPARED)}
    return embedding_map(
        {role: rows.vectors for role, rows in shown.items()},
        {role: rows.labels for role, rows in shown.items()},
        seed=seed,
    )


def _silent(step: str) -> None:
    """Tell nobody."""
