"""Which column of a file answers, and which column of a file of right labels is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tuningfork.errors import InputError
from tuningfork.task.answers.labels import LEAST_SHARE_OF_LABELS, NO_LABEL, LabelReader, Remedies
from tuningfork.task.answers.sheet import Sheet
from tuningfork.task.wording import listed, quoted

_PLAIN_ANSWERS = frozenset(
    {
        *("prediction", "predictions", "predicted", "pred", "preds", "y_pred", "ypred", "y_hat", "yhat"),
        *("predicted_label", "predicted_class", "predicted_category", "predicted_intent", "pred_label", "pred_class"),
        *("prediction_label", "model_prediction", "model_label", "llm_prediction", "llm_label", "label_pred"),
        *("label_predicted", "model_answer", "llm_answer", "assigned_label"),
    }
)
_LIKELY_ANSWERS = frozenset(
    {
        *("answer", "answers", "output", "outputs", "response", "responses", "completion", "reply", "result"),
        *("generated", "generated_text", "model_output", "llm_output", "model_response", "llm_response"),
        *("classification", "classified", "guess", "assigned", "hypothesis", "system", "choice", "decision"),
    }
)
_PREDICTED = re.compile(r"(?:.+_)?pred(?:s|icted|ictions?)?(?:_.+)?")
_NO_ANSWER = re.compile(
    r"(?:.*_)?(?:prob\w*|scores?|conf\w*|time\w*|m?s|sec\w*|usd|cost|tokens?|raw|id|at|date)(?:_.*)?"
)
_RIGHT = frozenset(
    {
        *("gold", "gold_label", "true", "true_label", "truth", "y_true", "ground_truth", "groundtruth", "gt"),
        *("label_true", "label_gold", "right", "correct", "actual", "expected", "expected_label", "reference"),
    }
)
_LABELS = ("label", "labels", "target", "y", "category", "class", "intent", "sentiment", "emotion", "topic")
_LEAST_LABELS = 0.95
"""Share of a column's fields that are labels, from which on an unknown column may be one of labels."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerColumn:
    """The column that answers.

    Attributes:
        name: as the file writes it.
        given: its n fields.
        found: the labels that they are, as indices; NO_LABEL where they are none.
        rivals: other columns that hold labels and do not always say the same; none of them was taken.
        kept: the column beside it that is named as right labels are, and holds labels; None where none is.
        by_name: it was taken for its name; False for one that the user named, or that alone holds labels.
    """

    name: str
    given: list[str]
    found: list[int]
    rivals: tuple[str, ...] = ()
    kept: str | None = None
    by_name: bool = True


def find_answers(
    sheet: Sheet, reader: LabelReader, *, taken: Iterable[str | None], said: str | None, option: str, remedies: Remedies
) -> AnswerColumn:
    """The column of a file that answers: the one that was said; else one that is called so; else the column of labels.

    Of columns with names alike, those that hold labels are looked at; a column named as right labels are is not taken
    where another is named as an answer.

    Args:
        taken: columns that are something else: ids, texts, groups, probabilities.
        said: the user's own word, with `option`.

    Raises:
        InputError: no column, or several that contradict each other; all of them are named.
    """
    free = [name for name in sheet.names if name not in {*taken, said}]
    kept = _kept(sheet, reader, free)
    if said is not None:
        return replace(_column(sheet, reader, sheet.named(said, option)), kept=kept, by_name=False)
    ranks = _ranks(free)
    sheet.preload(name for names in ranks for name in names)
    unread: AnswerColumn | None = None
    for names in ranks:
        columns = [_column(sheet, reader, name) for name in names]
        with_labels = [column for column in columns if _share(column) >= LEAST_SHARE_OF_LABELS]
        if with_labels:
            first = _one_of(with_labels, sheet, remedies)
            others = (_of_labels(sheet, reader, name) for later in ranks for name in later if name not in names)
            rivals = tuple(other.name for other in others if other is not None and other.found != first.found)
            return replace(first, kept=kept, rivals=rivals)
        unread = unread or next(iter(columns), None)
    return unread or _named_as_labels(sheet, reader, free, remedies)


def find_right(sheet: Sheet, *, taken: Iterable[str | None], said: str | None, remedies: Remedies) -> str:
    """The column with the right labels.

    Raises:
        InputError: no column, or several that contradict each other; all of them are named.
    """
    if said is not None:
        return sheet.named(said, "--label")
    free = [name for name in sheet.names if name not in set(taken)]
    plain = [name for name in free if in_words(name) in _RIGHT or in_words(name) == "label"]
    likely = [name for name in free if in_words(name) in _LABELS]
    answers = [name for name in free if in_words(name) in {"prediction", "predicted"}]
    found = plain or likely or answers[:1]
    if not found:
        raise _no_column(sheet, "label", free, "Rename the column, or say which holds the right labels: ", remedies)
    first = next((name for name in found if name.lower() == "label"), found[0])
    sheet.preload(found)
    other = next((name for name in found if not _says_the_same(sheet, first, name)), None)
    if other is not None:
        raise InputError(
            f"columns {quoted(first)} and {quoted(other)} could both hold the right labels, and they differ",
            file=sheet.path,
            remedy=f"Say which: {remedies.column(first)}",
        )
    return first


def in_words(name: str) -> str:
    """A column's name in small letters, its words joined by '_': 'predictedLabel' is 'predicted_label'."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\s\-.]+", "_", split).lower()


def _ranks(names: Sequence[str]) -> list[list[str]]:
    """Columns that are called answers, the plainest names first."""
    known = {name: in_words(name) for name in names}
    plain = [name for name, words in known.items() if words in _PLAIN_ANSWERS]
    patterned = [
        name
        for name, words in known.items()
        if name not in plain and _PREDICTED.fullmatch(words) and not _NO_ANSWER.fullmatch(words)
    ]
    return [plain, patterned, [name for name, words in known.items() if words in _LIKELY_ANSWERS]]


def _column(sheet: Sheet, reader: LabelReader, name: str) -> AnswerColumn:
    given = sheet.column(name)
    return AnswerColumn(name=name, given=given, found=reader.find_all(given))


def _one_of(columns: Sequence[AnswerColumn], sheet: Sheet, remedies: Remedies) -> AnswerColumn:
    """The first of columns that say the same; one that is mostly no label gives way to one that is."""
    most = max(_share(column) for column in columns)
    likely = [column for column in columns if _share(column) >= most / 2]
    first = likely[0]
    other = next((column for column in likely if column.found != first.found), None)
    if other is not None:
        raise _several(first.name, other.name, sheet, remedies)
    return first


def _named_as_labels(sheet: Sheet, reader: LabelReader, free: Sequence[str], remedies: Remedies) -> AnswerColumn:
    """In a file without a column that is called an answer: 'label' and its like, else the one column of labels."""
    called = [name for name in free if in_words(name) in _LABELS]
    plain = [name for name in called if name.lower() == "label"] or called
    others = [name for name in free if name not in called and in_words(name) not in _RIGHT]
    found = [column for name in others if (column := _of_labels(sheet, reader, name)) is not None]
    if plain:
        columns = [_column(sheet, reader, name) for name in plain]
        first = max(columns, key=_share)
        found += [column for column in columns if column is not first and _share(column) >= _LEAST_LABELS]
        rivals = tuple(column.name for column in found if column.found != first.found)
        return replace(first, rivals=rivals)
    if not found:
        raise _no_column(sheet, "prediction", free, "Rename the column, or say which answers: ", remedies)
    if reader.find(found[0].name) != NO_LABEL:
        raise InputError(
            f"its first line is an answer too ({listed(sheet.names)}): the header is missing",
            file=sheet.path,
            remedy="Write a first line that names the columns, such as id,prediction.",
        )
    if any(column.found != found[0].found for column in found):
        raise _several(found[0].name, found[1].name, sheet, remedies)
    return replace(found[0], kept=_kept(sheet, reader, free), by_name=False)


def _of_labels(sheet: Sheet, reader: LabelReader, name: str) -> AnswerColumn | None:
    """A column nearly all of whose fields are labels, and not all the same."""
    given = sheet.readable(name)
    if given is None:
        return None
    column = AnswerColumn(name=name, given=given, found=reader.find_all(given))
    return column if _share(column) >= _LEAST_LABELS and len(set(column.found) - {NO_LABEL}) > 1 else None


def _kept(sheet: Sheet, reader: LabelReader, free: Sequence[str]) -> str | None:
    """A column of labels that is named as right ones are."""
    named = [name for name in free if in_words(name) in _RIGHT] + [name for name in free if in_words(name) in _LABELS]
    return next((name for name in named if _of_labels(sheet, reader, name) is not None), None)


def _share(column: AnswerColumn) -> float:
    """Of the fields that are not blank, those that are labels."""
    filled = sum(1 for value in column.given if value)
    return sum(label != NO_LABEL for label in column.found) / max(1, filled)


def _says_the_same(sheet: Sheet, one: str, other: str) -> bool:
    """Whether one column's values stand for the other's, one for one."""
    a, b = sheet.readable(one), sheet.readable(other)
    if a is None or b is None or one == other:
        return True
    pairs = set(zip(a, b, strict=True))
    return len(pairs) == len({x for x, _ in pairs}) == len({y for _, y in pairs})


def _several(one: str, other: str, sheet: Sheet, remedies: Remedies) -> InputError:
    return InputError(
        f"columns {quoted(one)} and {quoted(other)} could both be the answers, and they differ",
        file=sheet.path,
        remedy=f"Say which: {remedies.column(one)}",
    )


def _no_column(sheet: Sheet, name: str, free: Sequence[str], how: str, remedies: Remedies) -> InputError:
    there = f"of {listed(free, most=12)} none holds labels of this task" if free else "there is no other"
    wanted = "'label' or 'prediction'" if name == "prediction" else quoted(name)
    return InputError(
        f"no column {wanted}: {there}", file=sheet.path, remedy=f"{how}{remedies.column(free[0] if free else 'COLUMN')}"
    )
