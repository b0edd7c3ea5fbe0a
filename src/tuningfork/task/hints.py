"""What the other columns of a file say of its rows: that they belong together, or that the text is elsewhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from shlex import quote

from tuningfork.task.columns import TEXT_NAMES
from tuningfork.task.command import command_with
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.table import Table
from tuningfork.task.wording import counted, quoted
from tuningfork.task.written_alike import folded

_WHOSE = (
    *("conversation", "thread", "dialog", "dialogue", "chat", "session", "ticket", "interview", "visit", "encounter"),
    *("user", "author", "speaker", "customer", "client", "patient", "person", "participant", "member", "respondent"),
    *("reviewer", "sender", "writer", "employee", "student", "household", "document", "doc", "article", "paper"),
)
"""Words that tell whom or what a row belongs to."""
_WHENCE = ("file", "filename", "url", "page", "chapter", "book", "video", "episode", "source", "path", "email")
"""Words that tell where a row comes from: with few values, a category."""
_KEYS = ("id", "ids", "uuid", "guid", "key", "hash", "no", "number", "nr")
_PERSONS = (*_KEYS, "name", "email", "handle")
_NO_KEYS = ("label_id", "class_id", "category_id", "intent_id", "topic_id", "lang_id", "language_id", "annotation_id")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_FEWEST_ROWS_SHARED = 0.05
_MOST_ROWS_A_KEY = 50
_FEWEST_KEYS = 5
_FEWEST_PERSONS = 3
_DIGITS = re.compile(r"\d+")
_FEW_TEXTS = 0.1
_RICHER = 5
_LEAST_TO_JUDGE, _ENOUGH_TO_JUDGE = 20, 2000


def may_group(name: str) -> bool:
    """Whether a column of that name may say which rows belong together: 'thread', 'userId', 'order_no'; 'user_type' is
    a category."""
    words = _words(name)
    return (
        bool(words) and name.lower() not in ("id", *_NO_KEYS) and (_says_whose(name) or words[-1] in (*_KEYS, *_WHENCE))
    )


def _says_whose(name: str) -> bool:
    words = _words(name)
    return words[-1] in _WHOSE or (words[-1] in _PERSONS and any(word in _WHOSE for word in words))


def may_be_text(name: str) -> bool:
    """Whether a column of that name may hold the text."""
    return folded(name) in TEXT_NAMES


def dependent_rows(table: Table, text: str, columns: Sequence[str], spec: TaskSpec) -> Iterator[Note]:
    """A note on the column whose values tie the most rows of different texts together, where no group is given."""
    if spec.group is not None:
        return
    tied = {name: _tied(table, text, name) for name in columns}
    best = max(tied, key=lambda name: tied[name][0], default=None)
    if best is None or tied[best][0] == 0:
        return
    rows, keys = tied[best]
    yield Note(
        "rows_not_independent",
        f"{rows} of {counted(len(table), 'row')} share their {quoted(best)} with rows of other texts "
        f"({keys} values have several): rows of one {quoted(best)} are not independent, so an arm may score well by "
        f"having seen its other rows. To keep them together: {command_with(spec, f'--group {quote(best)}')}.",
    )


def says_little(texts: Sequence[str]) -> bool:
    """Whether texts are nearly always the same, numbers aside; of a large file, its first rows tell."""
    first = texts[:_ENOUGH_TO_JUDGE]
    return len(first) >= _LEAST_TO_JUDGE and _different(first) <= max(2, _FEW_TEXTS * len(first))


def poor_text(table: Table, text: str, taken: Collection[str], spec: TaskSpec) -> Iterator[Note]:
    """A note where another column says more than the text column, which says little.

    Args:
        table: with all columns.
        taken: those that have another part in the row.
    """
    said = _different(table.columns[text])
    columns = [name for name in table.names if name not in taken and not may_group(name)]
    richer = {name: _different(table.columns[name]) for name in columns if _are_texts(table.columns[name])}
    best = max(richer, key=lambda name: richer[name], default=None)
    if best is not None and richer[best] >= _RICHER * said:
        yield Note(
            "text_says_little",
            f"The texts in {quoted(text)} are nearly all the same (numbers aside {counted(said, 'text')} in "
            f"{counted(len(table), 'row')}, such as {quoted(table.columns[text][0])}), those in {quoted(best)} are "
            f"{richer[best]}. To read these: {command_with(spec, f'--text {quote(best)}')}.",
        )


def _tied(table: Table, text: str, column: str) -> tuple[int, int]:
    """Rows that share their value with a row of another text, and how many values do so; (0, 0) for a column that is a
    category, a constant or a key of single rows."""
    texts: dict[str, set[str]] = defaultdict(set)
    rows: dict[str, int] = defaultdict(int)
    for value, said in zip(table.columns[column], table.columns[text], strict=True):
        if value.strip():
            texts[value].add(said)
            rows[value] += 1
    shared = [value for value, said in texts.items() if len(said) > 1]
    many = sum(rows[value] for value in shared)
    least = _FEWEST_PERSONS if _says_whose(column) else _FEWEST_KEYS
    small = many <= _MOST_ROWS_A_KEY * max(1, len(shared)) or _says_whose(column)
    usual = len(rows) >= least and small
    return (many, len(shared)) if usual and many >= _FEWEST_ROWS_SHARED * len(table) else (0, 0)


def _are_texts(fields: Sequence[str]) -> bool:
    """Whether most fields are several words."""
    return sum(len(field.split()) > 2 for field in fields) > len(fields) // 2


def _different(texts: Sequence[str]) -> int:
    """How many different texts there are, numbers, case and blanks aside."""
    return len({" ".join(_DIGITS.sub("", said).lower().split()) for said in texts if said.strip()})


def _words(name: str) -> list[str]:
    """'conversationId' and 'conversation_id' are both 'conversation' and 'id'."""
    return [word.lower() for word in _WORD.findall(name)]
