"""What a file tells of its answers beside them: probabilities, seconds, dollars, tokens, what was said in full."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuningfork.task.answers.columns import in_words
from tuningfork.task.answers.labels import NO_LABEL, LabelReader
from tuningfork.task.answers.sheet import Sheet

_NAMES: Mapping[str, tuple[str, ...]] = {
    "probability": ("probability", "prob", "proba", "confidence", "score", "pred_proba", "prediction_probability"),
    "seconds": ("seconds", "latency_seconds", "latency_s", "duration_seconds", "duration_s", "elapsed_seconds"),
    "milliseconds": ("latency_ms", "ms", "milliseconds", "duration_ms", "elapsed_ms", "response_ms"),
    "usd": ("usd", "cost_usd", "usd_cost", "price_usd", "dollars"),
    "prompt tokens": ("prompt_tokens", "input_tokens", "tokens_in"),
    "completion tokens": ("completion_tokens", "output_tokens", "tokens_out"),
    "raw": ("raw", "raw_answer", "raw_output", "raw_response", "raw_text"),
}
_PREFIXES = ("", "p_", "prob_", "proba_", "probability_", "score_")
_SUM_IS_ONE = 0.02

Numbers = NDArray[np.float64]
"""Shape (m,): one a row of the file, NaN where it says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Extras:
    """What m rows of a file tell beside their answers; None for what it does not tell.

    Attributes:
        columns: part ('probability', 'seconds', 'usd', …) -> the column (or columns) that it was taken from.
        probabilities: shape (m, labels), rows summing to 1, NaN in a row without any. Where the file has the given
            answer's alone, the other labels share what is left of it evenly.
        seconds, usd, prompt_tokens, completion_tokens: of each row.
        raw: what was said, before a label was read out of it.
    """

    columns: Mapping[str, str]
    probabilities: NDArray[np.float32] | None
    seconds: Numbers | None
    usd: Numbers | None
    prompt_tokens: Numbers | None
    completion_tokens: Numbers | None
    raw: Sequence[str] | None


def extra_columns(sheet: Sheet, reader: LabelReader) -> frozenset[str]:
    """Columns that may tell one of these, by their names; the answer is none of them."""
    named = {name for names in _NAMES.values() for name in _called(sheet, names)}
    return frozenset(named | set(_of_each_label(sheet, reader).values()))


def find_extras(sheet: Sheet, reader: LabelReader, found: Sequence[int], *, taken: Iterable[str | None]) -> Extras:
    """What the file tells beside its answers. A column of other things than it is called for is passed over.

    Args:
        found: the answers, as indices of labels.
        taken: columns that are something else.
    """
    columns: dict[str, str] = {}
    passed_over = set(taken)

    def numbers(part: str, *, most: float = math.inf) -> Numbers | None:
        for name in _called(sheet, _NAMES[part]):
            values = None if name in passed_over else _numbers(sheet, name, most)
            if values is not None:
                columns[part] = name
                return values
        return None

    probabilities = _by_label(sheet, reader, columns)
    if probabilities is None and (given := numbers("probability", most=1.0)) is not None:
        probabilities = _of_the_answer(given, found, len(reader.labels))
    seconds = numbers("seconds")
    if seconds is None and (milliseconds := numbers("milliseconds")) is not None:
        seconds, columns["seconds"] = milliseconds / 1000, columns.pop("milliseconds")
    raw = next((name for name in _called(sheet, _NAMES["raw"]) if name not in passed_over), None)
    said = None if raw is None else sheet.readable(raw)
    if raw is not None and said is not None:
        columns["raw"] = raw
    return Extras(
        columns=columns,
        probabilities=probabilities,
        seconds=seconds,
        usd=numbers("usd"),
        prompt_tokens=numbers("prompt tokens"),
        completion_tokens=numbers("completion tokens"),
        raw=said,
    )


def _called(sheet: Sheet, names: Sequence[str]) -> list[str]:
    return [name for known in names for name in sheet.names if in_words(name) == known]


def _numbers(sheet: Sheet, name: str, most: float) -> Numbers | None:
    """A column of numbers from 0 to `most`, NaN where a field is blank; None for any other column."""
    fields = sheet.readable(name)
    if fields is None:
        return None
    try:
        values = np.array([float(field) if field else math.nan for field in fields], np.float64)
    except ValueError:
        return None
    known = values[~np.isnan(values)]
    return values if len(known) and known.min() >= 0 and known.max() <= most else None


def _of_each_label(sheet: Sheet, reader: LabelReader) -> dict[int, str]:
    """Label -> the column of its probability; empty unless all have one, named alike."""
    for prefix in _PREFIXES:
        found: dict[int, str] = {}
        for name in sheet.names:
            if name.lower().startswith(prefix) and (label := reader.find(name[len(prefix) :])) != NO_LABEL:
                found.setdefault(label, name)
        if len(found) == len(reader.labels):
            return found
    return {}


def _by_label(sheet: Sheet, reader: LabelReader, columns: dict[str, str]) -> NDArray[np.float32] | None:
    of_label = _of_each_label(sheet, reader)
    read = [_numbers(sheet, of_label[label], 1.0) for label in sorted(of_label)]
    known = [values for values in read if values is not None]
    if not known or len(known) < len(reader.labels):
        return None
    matrix = np.column_stack(known)
    sums = matrix[~np.isnan(matrix).any(axis=1)].sum(axis=1)
    if not len(sums) or np.abs(sums - 1).max() > _SUM_IS_ONE or set(np.unique(matrix)) <= {0.0, 1.0}:
        return None
    names = [of_label[label] for label in sorted(of_label)]
    columns["probability"] = f"{names[0]} … {names[-1]}"
    shares: NDArray[np.float32] = (matrix / matrix.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _of_the_answer(given: Numbers, found: Sequence[int], n_labels: int) -> NDArray[np.float32]:
    labels = np.asarray(found)
    matrix = np.repeat(((1 - given) / max(1, n_labels - 1))[:, None], n_labels, axis=1)
    rows = np.flatnonzero(labels != NO_LABEL)
    matrix[rows, labels[rows]] = given[rows]
    matrix[labels == NO_LABEL] = np.nan
    return matrix.astype(np.float32)
