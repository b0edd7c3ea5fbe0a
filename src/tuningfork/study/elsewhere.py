"""What is asked of families whose answers were made before the study, and what a plan says of it."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from tuningfork.arms.family import Elsewhere, ToAnswer
from tuningfork.arms.results import Side
from tuningfork.foundation.hashing import hash_of
from tuningfork.task.command import command_on_files
from tuningfork.task.inputs import Inputs
from tuningfork.task.schema import Note, TaskData, TaskSpec
from tuningfork.task.wording import counted

_RULE = 2
"""Raised with every change after which the same file could be read otherwise."""


def rows_to_answer(task: TaskData, arm: str, others: Sequence[str]) -> ToAnswer:
    """The rows that the study scores.

    Args:
        arm: its spec; `others` are those of the other arms.
    """
    return _rows(task, run_command(task.spec, [other for other in others if other != arm]))


def run_command(spec: TaskSpec, arms: Sequence[str]) -> str:
    """'tuningfork run data.csv --test test.csv --arm linear {}': the whole command, `{}` where a further arm stands."""
    typed = "".join(f" --arm {shlex.quote(arm)}" for arm in arms)
    return f"{command_on_files(spec)}{typed} {{}}"


def question_read(question: str, found: Elsewhere | None) -> str:
    """The digest of what an arm's answers hang on, with how its files are read where that is not as it always was."""
    return question if found is None or found.as_before else hash_of([question, _RULE])


def notes_of(
    found: Mapping[str, Elsewhere], sides: Mapping[str, Side], task: TaskData, *, ranked: Collection[str]
) -> Iterator[Note]:
    """What a reader of plan and verdict should know of answers made elsewhere.

    Args:
        found: arm -> what its files say.
        sides: of all arms, in their order; `ranked` are those with two arms or more, where validation rows are wanted.
    """
    for one in found.values():
        yield from one.notes
    for side in sorted(ranked):
        lacking = [arm for arm, one in found.items() if sides[arm] == side and "validation" in one.unanswered]
        if lacking:
            yield _not_ranked(lacking, list(sides), task)
    for arm, one in found.items():
        shifted = one.unanswered.get("shifted", 0)
        if shifted and task.shifted is not None:
            rows = f"{shifted:,} of {counted(len(task.shifted), 'shifted row')}"
            yield Note("shifted_not_answered", f"{arm} has no answer for {rows}: it has no score on them.")


def _not_ranked(lacking: Sequence[str], arms: Sequence[str], task: TaskData) -> Note:
    have, they = ("has", "it") if len(lacking) == 1 else ("have", "they")
    command = run_command(task.spec, arms).replace("{}", "--validation FILE")
    return Note(
        "not_ranked_beforehand",
        f"{' and '.join(lacking)} {have} no answers for validation rows ({counted(len(task.validation), 'row')} apart "
        f"from those that decide), so {they} cannot be ranked within the side beforehand. Better give validation rows "
        f"with answers of all: {command}",
    )


@lru_cache(maxsize=16)
def _rows(task: TaskData, command: str) -> ToAnswer:
    return ToAnswer(
        evaluation=task.evaluation.inputs,
        validation=task.validation.inputs,
        shifted=Inputs.of_texts((), ()) if task.shifted is None else task.shifted.inputs,
        right=task.evaluation.gold,
        source=(task.spec.test or task.spec.data).name,
        command=command,
    )
