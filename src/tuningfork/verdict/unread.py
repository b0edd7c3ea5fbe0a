"""Arms whose answers could not be read: what they said, why that was no label, and what to do about it.

An answer that is no label is an error of its arm. Where most are none, the score says how answers were read and not
what the model knows: such an arm wins nothing and loses nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import numpy as np

from tuningfork.arms.results import UNREAD, TrialResult
from tuningfork.arms.spec import ArmSpec
from tuningfork.task.answers.labels import COUNT_AS_ERRORS
from tuningfork.task.wording import listed, quoted
from tuningfork.verdict.names import name_of
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import NotRead

MOSTLY = 0.5
"""Share of answers that are no label above which an arm is not judged. An honest model fails on many rows, and those
count; one that fails to answer more often than not is measured at the reading of its answers."""
PARTLY = 0.1
"""Share above which it is told why, though such answers count as the errors that they are."""

PROMPT_CUT = "prompt_cut"
"""Note on a trial: the server cut the prompts, so that what it answered is about other rows than it was asked."""
_SENTENCE_ENDS = re.compile(r"\.\s+(?=[A-Z])")
_NOTES_WITH_A_CAUSE = ("no_room", "row_too_long", "lost_constraint", "invalid_answers")


def unread_arms(arms: Sequence[ScoredArm], labels: Sequence[str]) -> dict[str, NotRead]:
    """By arm, what of its answers was not read; arms without a word to say about it are not there.

    Args:
        labels: of the task, as answers may give them; none where answers are no labels.
    """
    found = ((arm.arm, not_read(arm, labels)) for arm in arms)
    return {arm: told for arm, told in found if told is not None}


def not_read(arm: ScoredArm, labels: Sequence[str]) -> NotRead | None:
    """What of an arm's answers to its evaluation rows is no label; None where little is, and nothing is known of it."""
    share = float(np.mean(~arm.answers(arm.n_eval).valid))
    cut = _note(arm.trials, PROMPT_CUT)
    told = _told(arm.trials)
    if cut is None and share <= (0 if told else PARTLY):
        return None
    answer, cause, remedy = (told.get(key) for key in ("answer", "cause", "remedy"))
    if cut is not None:
        cause, remedy = cut, remedy if share > MOSTLY else None
    return NotRead(
        share=share,
        mostly=cut is not None or share > MOSTLY,
        answer=answer,
        cause=cause or _most_frequent_reason(arm, share, labels),
        remedy=remedy or (None if cut else _remedy(arm, labels)),
    )


def sentence(arm: ScoredArm, found: NotRead) -> str:
    """'the answers of my-model could not be read (100 % are no label): CAUSE; REMEDY' without a stop at its end."""
    told = f"{whose_answers(arm)} could not be read"
    if found.share > 0:
        told += f" ({percent(found.share)} are no {arm.answers(0).called})"
    return f"{told}: {why(found)}"


def whose_answers(arm: ScoredArm) -> str:
    """'the answers of my-model, zero-shot', 'the answers in llm.csv'."""
    name, spec = name_of(arm.arm, arm.side).short, ArmSpec.parse(arm.arm)
    unnamed = spec.family == "predictions" and "model" not in spec.options
    return f"the {name}" if unnamed else f"the answers of {name}"


def why(found: NotRead) -> str:
    """'CAUSE; REMEDY', clauses of one sentence, without a stop at the end."""
    told = [_as_clause(found.cause)]
    return "; ".join([*told, *(_as_clause(part) for part in _SENTENCE_ENDS.split(found.remedy or "") if part)])


def remedy_of(found: NotRead) -> str:
    """What to do: the remedy as clauses, or the cause where that holds it."""
    return "; ".join(_as_clause(part) for part in _SENTENCE_ENDS.split(found.remedy or found.cause) if part)


def first_answer(found: NotRead) -> str:
    """'The first such answer: "I would rather not say".', empty where it was not kept."""
    if found.answer is None or found.share == 0:
        return ""
    if not found.answer.strip():
        return "The first such answer is empty."
    return f"The first such answer: {quoted(' '.join(found.answer.split()))}."


def percent(share: float) -> str:
    """'83 %'; never 0 % or 100 % of what is not none or all."""
    return f"{min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)} %"


def _as_clause(sentence: str) -> str:
    """To stand within a sentence: no stop, and a small letter where the first word is no name or option."""
    text = " ".join(sentence.split()).rstrip(".")
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _told(trials: Sequence[TrialResult]) -> Mapping[str, str]:
    """What the first trial that has it tells of its unread answers; what is none of that is left out."""
    for trial in trials:
        for name, value in trial.details:
            if name != UNREAD:
                continue
            try:
                found = json.loads(value)
            except ValueError:
                continue
            if isinstance(found, dict):
                return {key: text for key, text in found.items() if isinstance(text, str)}
    return {}


def _note(trials: Sequence[TrialResult], *codes: str) -> str | None:
    notes = [note for trial in trials for note in trial.notes]
    return next((note.message for code in codes for note in notes if note.code == code), None)


def _most_frequent_reason(arm: ScoredArm, share: float, labels: Sequence[str]) -> str:
    of_none = "none of the task's labels" if labels else "no answers of the task's kind"
    told = _note(arm.trials, *_NOTES_WITH_A_CAUSE)
    return (told or "").removesuffix(COUNT_AS_ERRORS) or f"{percent(share)} of them are {of_none}"


def _remedy(arm: ScoredArm, labels: Sequence[str]) -> str:
    if ArmSpec.parse(arm.arm).family == "prompt":
        return "ask its server about one row by hand to see what it says, or measure another model"
    if not labels:
        return "write an answer of the task's kind for each row"
    return f"write the task's labels into its answers ({listed(labels, most=4)})"
