"""What page and report show of a profile, worked out before any markup: sentences, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tuningfork.profile.document import FileDocument, ProfileDocument
from tuningfork.profile.figures import MovedShare, Shift
from tuningfork.profile.language_names import language_name
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.plots.profile_labels import labels_plot
from tuningfork.report.plots.profile_lengths import lengths_plot
from tuningfork.report.plots.profile_map import map_plot
from tuningfork.report.profile import words
from tuningfork.report.text import harmless, one_line
from tuningfork.verdict.numbers import UNKNOWN, count, p_value


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftPart:
    """How one other file differs: a sentence, what moved, and the tests behind it."""

    heading: str
    says: str
    method: str
    words: DataTable | None
    labels: DataTable | None
    tests: DataTable


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileParts:
    """Top to bottom; a part is None or empty where there is nothing to tell.

    Attributes:
        facts: name and sentence, what the rows are.
        minded: what the reader should mind.
        answers: what the rows answer to the flow's questions.
    """

    facts: tuple[tuple[str, str], ...]
    minded: tuple[str, ...]
    files: DataTable | None
    labels: Figure | None
    lengths: Figure
    map: Figure | None
    shifts: tuple[ShiftPart, ...]
    doubtful: DataTable | None
    small: tuple[DataTable, ...]
    answers: tuple[tuple[str, str], ...]


def profile_parts(document: ProfileDocument, *, with_answers: bool = True) -> ProfileParts:
    """Everything that the templates print of a profile.

    Args:
        with_answers: whether what the rows answer to the flow's questions is among it; a study's report tells that
            beside the flow itself, with what its learning curve has added.
    """
    data, names = document.data, {file.role: file.name for file in document.files}
    return ProfileParts(
        facts=tuple((name, harmless(told)) for name, told in _facts(document)),
        minded=tuple(one_line(note.message) for note in words.minded(document)),
        files=_files(document) if len(document.files) > 1 else None,
        labels=None if data.of_options else labels_plot(data),
        lengths=lengths_plot(document.files),
        map=None if document.map is None or not document.map.points else map_plot(document.map, names),
        shifts=tuple(_shift(shift, document) for shift in document.shift.values()),
        doubtful=_doubtful(document),
        small=tuple(_small(document)),
        answers=tuple(words.answers(document)) if with_answers else (),
    )


def _facts(document: ProfileDocument) -> Iterator[tuple[str, str]]:
    data = document.data
    yield "Rows", words.rows_sentence(document)
    yield words.answers_named(data)
    yield "Length", words.lengths_sentence(data)
    if (fields := words.fields_sentence(data)) is not None:
        yield "Fields", fields
    yield "Language", words.language_sentence(data)
    domain, doubtful = words.domain_sentence(document), words.doubtful_sentence(document)
    if domain is not None:
        yield "Reads", domain
    yield "Repeats", words.repeats_sentence(data)
    if doubtful is not None:
        yield "Doubtful labels", doubtful
    for sentence in words.leakage_sentences(document):
        yield "Shared rows", sentence


def _files(document: ProfileDocument) -> DataTable:
    leaked = {found.role: found for found in document.leakage_by_file}
    rows = []
    for file in document.files:
        shared = leaked.get(file.role)
        rows.append(
            (
                one_line(file.name),
                file.role,
                count(file.rows),
                UNKNOWN if file.of_options else count(len(file.labels)),
                count(file.unlabelled),
                count(file.duplicates.normalised),
                count(file.duplicates.near),
                UNKNOWN if shared is None else count(shared.rows + shared.near),
            )
        )
    head = ("file", "role", "rows", "labels", "unlabelled", "repeats", "near repeats", "also in the labelled file")
    return DataTable(caption="The files", head=head, rows=tuple(rows))


def _shift(shift: Shift, document: ProfileDocument) -> ShiftPart:
    before, after = shift.rows
    tests = tuple(
        (
            test.method,
            f"{test.statistic:.3g}",
            (p_value(test.p_value) or UNKNOWN).removeprefix("p = ").removeprefix("p "),
            UNKNOWN if test.smallest_shift is None else words.share(test.smallest_shift),
        )
        for test in shift.tests
    )
    missed = f" {words.missed_sentence(shift)}" if shift.detected else ""
    return ShiftPart(
        heading=f"Are the {shift.role} rows like the labelled ones?",
        says=harmless(words.shift_sentence(shift, document)),
        method=f"{shift.method}, on {count(before)} and {count(after)} rows.{missed}",
        words=_moved(shift.words, "word"),
        labels=_moved(shift.labels, "label"),
        tests=DataTable(
            caption="The tests",
            head=("test", "statistic", "p", "smallest shift seen four times in five"),
            rows=tests,
        ),
    )


def _moved(moved: Sequence[MovedShare], what: str) -> DataTable | None:
    if not moved:
        return None
    return DataTable(
        caption=f"{what.capitalize()}s that moved beyond chance",
        head=(what, "share of the labelled rows", "share there"),
        rows=tuple((one_line(one.name), words.share(one.before), words.share(one.after)) for one in moved),
    )


def _doubtful(document: ProfileDocument) -> DataTable | None:
    found = document.suspicious
    if found is None or not found.worst:
        return None
    return DataTable(
        caption=f"Labels to look at first, of {count(found.found)} doubtful ones ({found.model})",
        head=("row", "its label", "rows like it have", "probability of its label"),
        rows=tuple(
            (one_line(one.row), one_line(one.label), one_line(one.suggested), words.share(one.probability))
            for one in found.worst
        ),
    )


def _small(document: ProfileDocument) -> Iterator[DataTable]:
    """Short tables that stand side by side."""
    data = document.data
    if data.languages.shares:
        shares = tuple((language_name(code), words.share(part)) for code, part in data.languages.shares.items())
        yield DataTable(caption="Languages", head=("language", "share of rows that tell"), rows=shares)
    if document.domains is not None and document.domains.ranked:
        yield DataTable(
            caption="Reference domains, nearest first",
            head=("domain", "rows nearest to it", "words that mark it"),
            rows=tuple(
                (domain.name, words.share(domain.share), ", ".join(one_line(word) for word in domain.words))
                for domain in document.domains.ranked
            ),
        )
    if data.noise:
        yield _kinds("Typing and markup", data.noise, data)
    if data.personal:
        yield _kinds("Looks like personal data (counts only)", data.personal, data)
    if data.lengths.truncations:
        yield DataTable(
            caption="Models that would not see the end",
            head=("model", "reads tokens", "longer rows"),
            rows=tuple(
                (cut.model, count(cut.max_tokens), f"{count(cut.rows)} ({words.share(cut.rows / data.rows)})")
                for cut in data.lengths.truncations
            ),
        )


def _kinds(caption: str, found: Mapping[str, int], file: FileDocument) -> DataTable:
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    return DataTable(
        caption=caption,
        head=("what", "rows", "share"),
        rows=tuple((one_line(kind), count(rows), words.share(rows / file.rows)) for kind, rows in ranked),
    )
