"""What one sample of lm-evaluation-harness answers: the choice of the highest log-likelihood, or what was generated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuningfork.errors import InputError
from tuningfork.task.readers.json_values import Number, Record, as_text, as_whole
from tuningfork.task.readers.lettered import NO_RESPONSE, are_labels, letter, object_at

KEYS = ("doc_id", "target", "resps", "filtered_resps")
"""That every sample has."""
ONLY_FILTER = "none"
"""As lm-eval calls what a task that names no filter has: the first of the repeated answers."""

_FEWEST_CHOICES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A sample and where it stands.

    Attributes:
        where: file, and member of it, for messages.
        row: its line.
        filter: that read its answer.
        repeat: how many samples of the same row and filter stand before it.
    """

    where: str
    row: int
    record: Record
    filter: str = ONLY_FILTER
    repeat: int = 0

    def error(self, problem: str, *, column: str | None = None, remedy: str) -> InputError:
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
    """

    targets: Sequence[str]
    predictions: Sequence[Sequence[str]]
    raw: Sequence[Sequence[str]] | None
    columns: Mapping[str, Sequence[str]]
    told: tuple[str, ...] = ()


def answered(samples: Sequence[Sample]) -> Answered:
    """What these samples of one task and filter say.

    Raises:
        InputError: the task is of a kind without answers, or a sample is none, or was scored otherwise.
    """
    if _is_choice(samples[0]):
        return _choices(samples)
    request = _requests(samples[0].record)
    likelihood = _pair(_first(samples[0].record.get("filtered_resps"))) is not None
    if likelihood or (request and len(request[0]) == 1):
        raise InputError(
            "its samples are log-likelihoods of given texts (output type loglikelihood or loglikelihood_rolling), "
            "which answer nothing",
            file=samples[0].where,
            remedy="Name the samples of a task of the output type multiple_choice or generate_until.",
        )
    return _generated(samples)


def _generated(samples: Sequence[Sample]) -> Answered:
    said = [_texts(_first(sample.record.get("resps"))) for sample in samples]
    filtered = [_texts(_first(sample.record.get("filtered_resps"))) for sample in samples]
    # What a task without filters takes is the first answer as it stands; then all of them can be told.
    unfiltered = all(
        sample.filter == ONLY_FILTER and answers[:1] == raw[:1]
        for sample, answers, raw in zip(samples, filtered, said, strict=True)
    )
    if unfiltered:
        filtered = said
    raw = [
        answers if len(answers) == len(taken) else answers[:1] * len(taken)
        for answers, taken in zip(said, filtered, strict=True)
    ]
    return Answered(
        targets=[as_text(sample.record.get("target")) for sample in samples],
        predictions=[[one if one.strip() else NO_RESPONSE for one in answers] for answers in filtered],
        raw=raw,
        columns={},
    )


def _choices(samples: Sequence[Sample]) -> Answered:
    offered = [_offered(sample) for sample in samples]
    likely = [_log_likelihoods(sample)[: len(texts)] for sample, texts in zip(samples, offered, strict=True)]
    by_text = are_labels(offered)
    names = offered if by_text else [[letter(place) for place in range(len(texts))] for texts in offered]
    chosen = [_highest(one) for one in likely]
    right = _right_places(samples, offered, chosen)
    targets = [
        as_text(sample.record.get("target")) if place is None else labels[place]
        for sample, labels, place in zip(samples, names, right, strict=True)
    ]
    return Answered(
        targets=targets,
        predictions=[["" if at is None else labels[at]] for labels, at in zip(names, chosen, strict=True)],
        raw=None,
        columns=_probabilities(names, likely),
        told=() if by_text else ("choices by letter, for rows have choices of their own",),
    )


def _offered(sample: Sample) -> list[str]:
    """The choices' texts, '' where the file does not tell them."""
    count, requests = len(_log_likelihoods(sample)), _requests(sample.record)
    if len(requests) != count or any(len(request) < 2 for request in requests):
        return [""] * count
    contexts = [as_text(request[0]) for request in requests]
    texts = [as_text(request[1]).strip() for request in requests]
    half = count // 2
    if texts[:half] == texts[half:] and any(contexts[:half]) and not any(contexts[half:]):
        # Each choice was asked once more without the question, for its likelihood alone.
        return texts[:half]
    if len(set(texts)) == 1 and len(set(contexts)) > 1:
        raise sample.error(
            "its choices stand in the questions, and what is asked for is the same: no label tells them apart",
            column="arguments",
            remedy="Write the answers to a CSV file with the columns id,prediction.",
        )
    return texts


def _log_likelihoods(sample: Sample) -> list[float]:
    given = sample.record.get("filtered_resps")
    pairs = [_pair(one) for one in given] if isinstance(given, list) else []
    found = [pair for pair in pairs if pair is not None]
    if len(found) < max(_FEWEST_CHOICES, len(pairs)):
        raise sample.error(
            "holds no log-likelihoods of choices, as the first sample does",
            column="filtered_resps",
            remedy="Give the file as lm-eval wrote it.",
        )
    return found


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
    targets = [as_text(sample.record.get("target")).strip() for sample in samples]
    scores = [_score(sample) for sample in samples]
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
        raise samples[row].error(
            f"the choice of the highest log-likelihood is {shown}, the target {targets[row]!r}, and lm-eval scored "
            f"it otherwise (acc {as_text(samples[row].record.get('acc'))})",
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


def _score(sample: Sample) -> bool | None:
    """What lm-eval said of the answer; None where it said nothing plain."""
    score = as_text(sample.record.get("acc"))
    return {"1.0": True, "1": True, "0.0": False, "0": False, "true": True, "false": False}.get(score)


def _contradiction(
    right: Sequence[int | None], chosen: Sequence[int | None], scores: Sequence[bool | None]
) -> int | None:
    """The first row that would be scored otherwise than lm-eval scored it."""
    rows = enumerate(zip(right, chosen, scores, strict=True))
    return next((row for row, (a, b, score) in rows if score is not None and (a == b) != score), None)


def _is_choice(sample: Sample) -> bool:
    given = sample.record.get("filtered_resps")
    return isinstance(given, list) and len(given) >= _FEWEST_CHOICES and all(_pair(one) is not None for one in given)


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


def _texts(value: object) -> list[str]:
    """An answer, or repeated ones."""
    if isinstance(value, list) and value and all(isinstance(one, str | Number) for one in value):
        return [as_text(one) for one in value]
    return [as_text(value)]
