"""Which part of an evaluation harness's file is meant, where it holds several tasks, or several answers a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from tuningfork.errors import InputError, UnknownName
from tuningfork.task.table import Table
from tuningfork.task.wording import listed

Part = Literal["task", "filter", "system", "run", "score"]

_PARTS = ("task", "filter", "system", "run", "score")
_ASKED = re.compile(r"(?P<file>[^?]+)\?(?P<query>\w+=.*)")
_PLAIN = "/:.,-_~ "
"""Characters of a name that need no escape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What is meant of a file.

    Attributes:
        task: None takes the only one.
        filter: what read the answers out of what was said: a filter of lm-eval, a scorer of inspect_ai. None takes the
            only one.
        system: a column of promptfoo's matrix of prompts and providers. None takes the only one.
        run: of several answers a row that one, counted from 1. None takes all of them.
        score: by which the harness says which answers are right. None takes the only one, if `by_score`.
        by_score: what counts is whether the harness scored an answer right, and not what it says.
        right_only: nobody asks for answers. What is right hangs on no filter and no run: each row comes once.
    """

    task: str | None = None
    filter: str | None = None
    system: str | None = None
    run: str | None = None
    score: str | None = None
    by_score: bool = False
    right_only: bool = False

    @classmethod
    def of(cls, parts: Mapping[str, str]) -> Pick:
        """What is named by these parts."""
        named: dict[str, Any] = {part: parts[part] for part in _PARTS if part in parts}
        return cls(**named)

    @property
    def named(self) -> dict[str, str]:
        """The parts that were named."""
        return {part: name for part in _PARTS if (name := getattr(self, part)) is not None}

    def or_else(self, other: Pick) -> Pick:
        """The same, with the other's parts where it names none."""
        named = Pick.of(other.named | self.named)
        return replace(named, by_score=other.by_score, right_only=other.right_only)


WHOLE = Pick()
"""Nothing was named."""


class Undecided(InputError):
    """A file holds several of what only one can be meant of.

    Args:
        part: that has to be named.
        name: the first that it may be.
        whole: the file with that part named, as it is typed.
    """

    def __init__(self, path: Path, part: Part, names: Sequence[str], pick: Pick) -> None:
        self.part, self.name = part, names[0]
        asked = "&".join(f"{key}={quote(one, safe=_PLAIN)}" for key, one in (pick.named | {part: names[0]}).items())
        self.whole = f"{path}?{asked}"
        super().__init__(
            f"holds several {part}s: {listed(names, most=12)}", file=path, remedy=f"Say which: '{self.whole}'"
        )

    def with_remedy(self, remedy: str) -> InputError:
        """The same where the part is named otherwise."""
        return InputError(self.problem, file=self.file, remedy=remedy)


def only_one(path: Path, part: Part, names: Sequence[str], pick: Pick) -> str:
    """The one that was named, or the only one there is.

    Args:
        names: of those that the file holds; at least one.

    Raises:
        Undecided: there are several, and none was named.
        UnknownName: the one that was named is not there.
    """
    asked = pick.named.get(part)
    if asked is None:
        if len(names) > 1:
            raise Undecided(path, part, names, pick)
        return names[0]
    if asked not in names:
        raise UnknownName(f"{part} in {path}", asked, known=names)
    return asked


def refuse_part(path: Path, part: Part, pick: Pick) -> None:
    """Refuse the name of a part that the harness's files have none of; they may be said to have 'none'.

    Raises:
        UnknownName: another was named.
    """
    only_one(path, part, ["none"], pick)


def of_one_run(path: Path, table: Table, pick: Pick) -> Table:
    """The rows of the run that was named; all of them where none was, with the runs' names in `found`.

    Args:
        table: with a column 'run' where its rows are answered several times.

    Raises:
        UnknownName: that run is not there.
    """
    runs = tuple(dict.fromkeys(table.columns.get("run", ())))
    if pick.run is None:
        return replace(table, found=replace(table.found, runs=runs))
    run = only_one(path, "run", runs or ("1",), pick)
    kept = [place for place, one in enumerate(table.columns.get("run", [run] * len(table))) if one == run]
    columns = {name: [values[at] for at in kept] for name, values in table.columns.items() if name != "run"}
    left_out = {"of other runs": len(table) - len(kept)} if len(kept) < len(table) else {}
    found = replace(table.found, left_out={**table.found.left_out, **left_out})
    return replace(table, columns=columns, rows=[table.rows[at] for at in kept], found=found)


def refuse_pick(path: Path, pick: Pick) -> None:
    """Refuse names of parts for a file that has none, and scores of a harness where there was no harness.

    Raises:
        InputError: a part was named, or answers are to be taken by their score.
    """
    for part, name in pick.named.items():
        raise InputError(
            f"is no file of an evaluation harness, so {part}={name} names nothing in it",
            file=path,
            remedy="Leave it out, or name a samples file of lm-eval, a log of inspect_ai or results of promptfoo.",
        )
    if pick.by_score and not pick.right_only:
        raise InputError(
            "is no file of an evaluation harness, so no score says which of its answers are right, and other answers "
            "are compared by theirs",
            file=path,
            remedy="Compare files of harnesses with each other, or all files by what they answer.",
        )


def parted(path: Path) -> tuple[Path, Pick]:
    """A path as it is typed, taken apart: 'samples.jsonl?filter=strict' is a file and what is meant of it.

    Raises:
        UnknownName: what stands after '?' is no part.
        InputError: a part is named twice.
    """
    found = _ASKED.fullmatch(str(path))
    if found is None or path.exists():
        return path, WHOLE
    parts: dict[str, str] = {}
    for key, value in parse_qsl(found["query"], keep_blank_values=True):
        if key not in _PARTS:
            raise UnknownName(f"part of {found['file']}", key, known=_PARTS)
        if key in parts:
            raise InputError(f"{str(path)!r} gives {key!r} twice")
        parts[key] = value
    return Path(found["file"]), Pick.of(parts)
