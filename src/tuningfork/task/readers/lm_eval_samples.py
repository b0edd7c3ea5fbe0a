"""What one sample of lm-evaluation-harness answers: the choice of the highest log-likelihood, or what was generated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.json_values import Number, Record, as_text, as_whole
from tuningfork.task.readers.lettered import NO_RESPONSE, are_labels, letter, object_at, plain_fields
from tuningfork.task.readers.pick import Pick
from tuningfork.task.readers.scored import SCORE, Unanswerable, is_right, right_or_wrong
from tuningfork.task.wording import quoted

KEYS = ("doc_id", "target", "resps", "filtered_resps")
"""That every sample has."""
ONLY_FILTER = "none"
"""As lm-eval calls what a task that names no filter has: the first of the repeated answers."""
AS_WRITTEN = "Give the samples file of one task, as lm-eval wrote it."

_FEWEST_CHOICES = 2
_NO_SCORES = frozenset({*KEYS, "doc", "arguments", "filter", "metrics", "doc_hash", "prompt_hash", "target_hash"})
"""What else stands in a sample, beside its scores."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices of a row, '' where the file does not tell their texts, and their log-likelihoods."""

    choices: tuple[str, ...]
    likely: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Generated:
    """What was generated, once or repeatedly, and what the filter left of it."""

    said: tuple[str, ...]
    filtered: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is needed of a sample: it holds every prompt, which is most of a file.

    Attributes:
        where: file, and member of it, for messages.
        row: its line.
        number: of the row that it asks about.
        identity: of the row's content.
        doc: the row's plain fields, by their names behind 'doc.'.
        scores: what lm-eval said of the answer, by the names of its metrics.
        answer: an error where it cannot be told.
        filter: that read its answer; '' in older files.
        repeat: how many samples of the same row and filter stand before it.
    """

    where: str
    row: int
    number: str
    identity: str
    doc: Mapping[str, str]
    target: str
    scores: Mapping[str, str]
    answer: Chosen | Generated | Unanswerable
    filter: str
    repeat: int

    def error(self, problem: str, *, column: str, remedy: str) -> InputError:
        """An error in this sample."""
        return InputError(problem, file=self.where, row=self.row, column=column, remedy=remedy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What the samples of one task and filter say.

    Attributes:
        targets: one a sample.
        predictions: one or more a sample: repeated answers.
        raw: as the predictions, what was said before a filter read it; None without.
        columns: further ones, one field a sample.
        told: what else to say of the file, in words.
        score: by which the predictions are RIGHT or WRONG; '' where they are what was answered.
    """

    targets: Sequence[str]
    predictions: Sequence[Sequence[str]]
    raw: Sequence[Sequence[str]] | None
    columns: Mapping[str, Sequence[str]]
    told: tuple[str, ...] = ()
    score: str = ""


def sample_of(where: str, row: int, value: object, *, seen: Counter[tuple[str, str]]) -> Sample:
    """One sample.

    Args:
        seen: how often each row was answered under each filter so far; this one is counted.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, dict):
        raise InputError("is no JSON object", file=where, row=row, remedy=AS_WRITTEN)
    for key in KEYS:
        if key not in value:
            raise InputError("the sample lacks this key", file=where, row=row, column=key, remedy=AS_WRITTEN)
    number, kept = as_text(value["doc_id"]), as_text(value.get("filter"))
    repeat = seen[number, kept]
    seen[number, kept] += 1
    return Sample(
        where=where,
        row=row,
        number=number,
        identity=as_text(value.get("doc_hash") or value.get("doc")),
        doc=plain_fields("doc", value.get("doc")),
        target=as_text(value["target"]),
        scores={name: as_text(one) for name, one in value.items() if name not in _NO_SCORES},
        answer=_answer(where, row, value),
        filter=kept,
        repeat=repeat,
    )


def answered(samples: Sequence[Sample]) -> Answered:
    """What these samples of one task and filter say.

    Raises:
        InputError: they are of several kinds.
        Unanswerable: of a task without answers, or scored otherwise than their answers say.
    """
    for sample in samples:
        if isinstance(sample.answer, Unanswerable):
            raise sample.answer
    chosen = [sample.answer for sample in samples if isinstance(sample.answer, Chosen)]
    generated = [sample.answer for sample in samples if isinstance(sample.answer, Generated)]
    if chosen and generated:
        kind = type(samples[0].answer)
        other = next(sample for sample in samples if not isinstance(sample.answer, kind))
        raise other.error(
            "its answer is of another kind than the first one: log-likelihoods of choices, and text that was generated",
            column="filtered_resps",
            remedy=AS_WRITTEN,
        )
    return _choices(samples, chosen) if chosen else _generated(samples, generated)


def scored(path: Path, samples: Sequence[Sample], pick: Pick) -> Answered:
    """Which of these samples of one task and filter lm-eval scored as right, whatever they say.

    Raises:
        InputError: no score, or several, are 1 or 0 in every sample.
    """
    score, said = right_or_wrong(path, scores_of(samples), [sample.row for sample in samples], pick)
    return replace(asked(samples), predictions=[[one] for one in said], told=(f"{SCORE} {quoted(score)}",), score=score)


def scores_of(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """Name of a metric -> what it says of each sample; '' where a sample lacks it."""
    names = dict.fromkeys(name for sample in samples for name in sample.scores)
    return {name: [sample.scores.get(name, "") for sample in samples] for name in names}


def asked(samples: Sequence[Sample]) -> Answered:
    """Nothing but which rows these samples are of: their targets stay as the task writes them."""
    targets = [sample.target for sample in samples]
    return Answered(targets=targets, predictions=[[""] for _ in samples], raw=None, columns={})


def _answer(where: str, row: int, record: Record) -> Chosen | Generated | Unanswerable:
    filtered, requests = record["filtered_resps"], _requests(record)
    pairs = [_pair(one) for one in filtered] if isinstance(filtered, list) else []
    likely = tuple(pair for pair in pairs if pair is not None)
    if len(likely) >= _FEWEST_CHOICES and len(likely) == len(pairs):
        texts = _offered(requests, len(likely))
        if texts is None:
            return Unanswerable(
                "its choices stand in the questions, and what is asked for is the same: no label tells them apart",
                file=where,
                row=row,
                column="arguments",
                remedy="Write the answers to a CSV file with the columns id,prediction.",
            )
        return Chosen(texts, likely[: len(texts)])
    if likely or (requests and len(requests[0]) == 1):
        return Unanswerable(
            "is the log-likelihood of a given text (output type loglikelihood or loglikelihood_rolling), which "
            "answers nothing",
            file=where,
            row=row,
            remedy="Name the samples of a task of the output type multiple_choice or generate_until.",
        )
    return Generated(_texts(_first(record["resps"])), _texts(_first(filtered)))


def _offered(requests: Sequence[Sequence[object]], count: int) -> tuple[str, ...] | None:
    """The choices' texts, '' where the file does not tell them; None where they stand in the questions."""
    if len(requests) != count or any(len(request) < 2 for request in requests):
        return ("",) * count
    contexts = [as_text(request[0]) for request in requests]
    texts = tuple(as_text(request[1]).strip() for request in requests)
    half = count // 2
    if texts[:half] == texts[half:] and any(contexts[:half]) and not any(contexts[half:]):
        # Each choice was asked once more without the question, for its likelihood alone.
        return texts[:half]
    if len(set(texts)) == 1 and len(set(contexts)) > 1:
        return None
    return texts


def _generated(samples: Sequence[Sample], answers: Sequence[Generated]) -> Answered:
    # What a task without filters takes is the first answer as it stands; then all of them can be told.
    unfiltered = all(sample.filter in {ONLY_FILTER, ""} for sample in samples) and all(
        one.filtered[:1] == one.said[:1] for one in answers
    )
    predictions = [one.said if unfiltered else one.filtered for one in answers]
    return Answered(
        targets=[sample.target for sample in samples],
        predictions=[[text if text.strip() else NO_RESPONSE for text in taken] for taken in predictions],
        raw=[
            one.said if len(one.said) == len(taken) else one.said[:1] * len(taken)
            for one, taken in zip(answers, predictions, strict=True)
        ],
        columns={},
    )


def _choices(samples: Sequence[Sample], answers: Sequence[Chosen]) -> Answered:
    offered = [one.choices for one in answers]
    by_text = are_labels(offered)
    names = offered if by_text else [[letter(place) for place in range(len(texts))] for texts in offered]
    chosen = [_highest(one.likely) for one in answers]
    right = _right_places(samples, offered, chosen)
    return Answered(
        targets=[
            sample.target if place is None else labels[place]
            for sample, labels, place in zip(samples, names, right, strict=True)
        ],
        predictions=[["" if at is None else labels[at]] for labels, at in zip(names, chosen, strict=True)],
        raw=None,
        columns=_probabilities(names, [one.likely for one in answers]),
        told=() if by_text else ("choices by letter, for rows have choices of their own",),
    )


def _highest(likely: Sequence[float]) -> int | None:
    """The place of the highest, of equal ones the first, as lm-eval takes it; None where one is no number."""
    if any(math.isnan(one) for one in likely):
        return None
    return max(range(len(likely)), key=lambda place: likely[place])


def _probabilities(names: Sequence[Sequence[str]], likely: Sequence[Sequence[float]]) -> dict[str, list[str]]:
    """Of every choice, where all rows have the same ones."""
    labels = sorted(set(names[0]))
    if any(sorted(one) != labels for one in names):
        return {}
    columns: dict[str, list[str]] = {f"p_{label}": [] for label in names[0]}
    for own, values in zip(names, likely, strict=True):
        most = max(values)
        shares = [math.exp(value - most) for value in values] if math.isfinite(most) else []
        for place, label in enumerate(own):
            columns[f"p_{label}"].append(f"{shares[place] / sum(shares):.7g}" if shares else "")
    return columns


def _right_places(
    samples: Sequence[Sample], offered: Sequence[Sequence[str]], chosen: Sequence[int | None]
) -> list[int | None]:
    """The place of the right choice in each row; None in all rows where the targets are no choices."""
    targets = [sample.target.strip() for sample in samples]
    scores = [is_right(sample.scores.get("acc", "")) for sample in samples]
    readings = [
        found
        for read in (_by_place, _by_text)
        if None not in (found := [read(target, texts) for target, texts in zip(targets, offered, strict=True)])
    ]
    if not readings:
        return [None] * len(samples)
    agreeing = [found for found in readings if _contradiction(found, chosen, scores) is None]
    if not agreeing:
        row = _contradiction(readings[0], chosen, scores) or 0
        place = chosen[row]
        shown = "none" if place is None else repr(offered[row][place])
        raise Unanswerable(
            f"the choice of the highest log-likelihood is {shown}, the target {targets[row]!r}, and lm-eval scored "
            f"it otherwise (acc {samples[row].scores['acc']})",
            file=samples[row].where,
            row=samples[row].row,
            remedy="The task scores in a way of its own: write its answers to a CSV file with the columns "
            "id,prediction.",
        )
    if any(found != agreeing[0] for found in agreeing):
        row = next(row for row, (one, other) in enumerate(zip(*agreeing, strict=True)) if one != other)
        raise samples[row].error(
            f"target {targets[row]!r} may be the choice at place {targets[row]} (from 0) or the choice "
            f"{targets[row]!r}, and no score 'acc' says which",
            column="target",
            remedy="Name a file of right labels of your own, or let the task score 'acc'.",
        )
    return agreeing[0]


def _by_place(target: str, choices: Sequence[str]) -> int | None:
    place = as_whole(target)
    return place if place is not None and place < len(choices) else None


def _by_text(target: str, choices: Sequence[str]) -> int | None:
    return choices.index(target) if target in choices else None


def _contradiction(
    right: Sequence[int | None], chosen: Sequence[int | None], scores: Sequence[bool | None]
) -> int | None:
    """The first row that would be scored otherwise than lm-eval scored it."""
    rows = enumerate(zip(right, chosen, scores, strict=True))
    return next((row for row, (a, b, score) in rows if score is not None and (a == b) != score), None)


def _pair(value: object) -> float | None:
    """The log-likelihood of [log-likelihood, whether it is what the model would say]."""
    if not isinstance(value, list) or len(value) != 2 or as_text(value[1]).lower() not in {"true", "false"}:
        return None
    try:
        return float(value[0])
    except (TypeError, ValueError):
        return None


def _requests(record: Record) -> list[list[object]]:
    """What was asked, each with its parts: objects by name since samples are written for tables, before that lists."""
    given = record.get("arguments")
    entries = list(object_at(record, "arguments").values()) or (given if isinstance(given, list) else [])
    return [list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else [one] for one in entries]


def _first(value: object) -> object:
    return value[0] if isinstance(value, list) and value else value


def _texts(value: object) -> tuple[str, ...]:
    """An answer, or repeated ones."""
    if isinstance(value, list) and value and all(isinstance(one, str | Number) for one in value):
        return tuple(map(as_text, value))
    return (as_text(value),)
