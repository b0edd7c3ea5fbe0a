"""A profile on a terminal: what the rows are, how other files differ, what to mind; one screen of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from tuningfork.profile.document import ProfileDocument
from tuningfork.report.paragraphs import listed, paragraph
from tuningfork.report.profile import words
from tuningfork.report.text import one_line

_MOST_NOTES = 8
_NAME_WIDTH = 10


def profile_text(document: ProfileDocument, *, width: int = 80, next_step: str | None = None) -> RenderableType:
    """The profile for a terminal of `width` columns.

    Args:
        next_step: a sentence to end with.
    """
    return Constrain(Group(*_parts(document, next_step)), width)


def _parts(document: ProfileDocument, next_step: str | None) -> Iterator[RenderableType]:
    data = document.data
    yield Text(f"What the rows of {one_line(document.name)} say", style="bold")
    yield Text()
    yield from _listed("Read", [one.line() for one in document.read])
    yield _named("Rows", words.rows_sentence(document))
    yield _named(*words.answers_named(data))
    yield _named("Length", words.lengths_sentence(data))
    yield from _known("Fields", words.fields_sentence(data))
    yield _named("Language", words.language_sentence(data))
    yield from _known("Reads", words.domain_sentence(document))
    yield _named("Repeats", words.repeats_sentence(data))
    yield from _known("Doubtful", words.doubtful_sentence(document))
    yield _named("Noise", words.seen_sentence(data))
    yield from _listed("Shared", list(words.leakage_sentences(document)))
    for shift in document.shift.values():
        yield _named("Shift", words.shift_sentence(shift, document))
        yield from _known("", words.moved_sentence(shift.words))
        yield from _known("", _labels_moved(words.moved_sentence(shift.labels)))
    notes = [f"- {note.message}" for note in words.minded(document)]
    more = [f"- and {len(notes) - _MOST_NOTES} more: --json, --out FILE.html"] if len(notes) > _MOST_NOTES else []
    yield from _listed("Mind", [*notes[:_MOST_NOTES], *more])
    yield from _listed("The flow", [f"{name}: {told}" for name, told in words.answers_of_rows(document)])
    yield from _known("Next", next_step)


def _labels_moved(told: str | None) -> str | None:
    return None if told is None else f"Labels {told}"


def _known(name: str, sentence: str | None) -> Iterator[RenderableType]:
    if sentence is not None:
        yield _named(name, sentence)


def _named(name: str, sentence: str) -> RenderableType:
    return paragraph(name, sentence, name_width=_NAME_WIDTH)


def _listed(name: str, sentences: Sequence[str]) -> Iterator[RenderableType]:
    return listed(name, sentences, name_width=_NAME_WIDTH)
