"""What one sample of an inspect_ai log says: its row, its answer and what that took."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuningfork.task.readers.json_values import Number, Record, as_text, as_whole
from tuningfork.task.readers.lettered import NO_RESPONSE, object_at, place_of, plain_fields

_ATTACHED = "attachment://"
_NEEDED = (
    *("id", "epoch", "input", "choices", "target", "scores", "error", "invalidation", "metadata"),
    *("model_usage", "working_time", "total_time", "attachments"),
)
_TAKEN_IN = ("input_tokens", "input_tokens_cache_read", "input_tokens_cache_write")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A sample's answer.

    Attributes:
        text: '' for a missing one.
        lacking: why it is missing, in words; '' where it is there.
    """

    text: str
    lacking: str = ""


def needed_of(sample: Record) -> Record:
    """A sample without what happened on the way, which is most of it."""
    kept = {key: sample[key] for key in _NEEDED if key in sample}
    return {**kept, "output": {"completion": object_at(sample, "output").get("completion")}}


def given_answer(sample: Record, scorer: str | None) -> Given:
    """The answer that a scorer read, else all that the model said.

    Args:
        scorer: None for a log that nothing was scored in.
    """
    if sample.get("error") is not None:
        return Given(text="", lacking="failed")
    if sample.get("invalidation") is not None:
        return Given(text="", lacking="invalidated")
    completion = as_text(object_at(sample, "output").get("completion"))
    if scorer is None:
        return Given(text=completion if completion.strip() else NO_RESPONSE)
    score = object_at(object_at(sample, "scores"), scorer)
    if score.get("value") is None or _is_no_number(score["value"]):
        return Given(text="", lacking="not scored")
    answer = as_text(score.get("answer")).strip() or completion
    return Given(text=answer if answer.strip() else NO_RESPONSE)


def score_of(sample: Record, scorer: str) -> str:
    """What a scorer says of its answer, as it is written."""
    return as_text(object_at(object_at(sample, "scores"), scorer).get("value"))


def scorers_of(samples: Sequence[Record]) -> list[str]:
    """Names of the scorers, in their order."""
    return list(dict.fromkeys(name for sample in samples for name in object_at(sample, "scores")))


def choices_of(sample: Record) -> list[str]:
    """The texts of the choices that it gives; none for a sample without."""
    given = sample.get("choices")
    return [as_text(one).strip() for one in given] if isinstance(given, list) else []


def by_text(said: str, choices: Sequence[str]) -> str:
    """The text of the choice with this letter; what was said, where it is no one letter."""
    place = place_of(said.strip(), len(choices))
    return said if place is None else choices[place]


def targets_of(sample: Record) -> list[str]:
    """What is right."""
    given = sample.get("target")
    return [as_text(one) for one in given] if isinstance(given, list) else [as_text(given)]


def target_of(sample: Record, choices: Sequence[str], *, by_score: bool) -> str:
    """The one right answer, by its text; '' of a sample with several.

    Args:
        by_score: nobody asks what is right: it stands as it is written, to tell the row.
    """
    right = targets_of(sample)
    if by_score:
        return as_text(right if len(right) > 1 else right[0] if right else "")
    return by_text(right[0], choices) if len(right) == 1 else ""


def row_columns(sample: Record) -> dict[str, str]:
    """What a sample says of its row."""
    return {
        "id": as_text(sample.get("id")),
        "text": _asked(sample),
        **plain_fields("metadata", sample.get("metadata")),
    }


def took(sample: Record, model: str) -> dict[str, str]:
    """Tokens, dollars and seconds of the model that answered, as far as they are known; not those of one that graded.

    What a failed sample took is not told: it is no answer's.
    """
    if sample.get("error") is not None:
        return {}
    usages = object_at(sample, "model_usage")
    usage = usages.get(model, next(iter(usages.values())) if len(usages) == 1 else None)
    seconds = sample.get("working_time")
    told = {"seconds": as_text(sample.get("total_time") if seconds is None else seconds)}
    if not isinstance(usage, dict):
        return told
    taken_in = [tokens for key in _TAKEN_IN if (tokens := as_whole(usage.get(key))) is not None]
    return {
        **told,
        "prompt_tokens": str(sum(taken_in)) if taken_in else "",
        "completion_tokens": as_text(usage.get("output_tokens")),
        "usd": as_text(usage.get("total_cost")),
    }


def _asked(sample: Record) -> str:
    """The input; of a conversation what the user said last."""
    given = sample.get("input")
    attached = object_at(sample, "attachments")
    if not isinstance(given, list):
        return _resolved(given, attached)
    said = [turn for turn in given if isinstance(turn, dict) and turn.get("role") == "user"]
    content = said[-1].get("content") if said else None
    if not isinstance(content, list):
        return _resolved(content, attached)
    parts = [_resolved(part.get("text"), attached) for part in content if isinstance(part, dict) and "text" in part]
    return "\n".join(parts)


def _resolved(value: object, attached: Mapping[str, object]) -> str:
    """Long texts are kept apart, and stand in their places by name."""
    text = as_text(value)
    return as_text(attached.get(text[len(_ATTACHED) :], text)) if text.startswith(_ATTACHED) else text


def _is_no_number(value: object) -> bool:
    """Whether a score is the number that inspect_ai writes for none."""
    return isinstance(value, Number) and math.isnan(float(value))
