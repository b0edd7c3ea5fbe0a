"""From an answer as a file writes it to the label that it is."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from tuningfork.errors import InputError
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.wording import listed
from tuningfork.task.written_alike import WrittenAlike

NO_LABEL = -1
LEAST_SHARE_OF_LABELS = 0.05
"""With fewer of its answers labels, a file is in another writing, or of another task."""
MOSTLY_LABELS = 0.5
"""The same where files are compared and nothing else is known of them."""
FEWEST_ANSWERS = 6
"""With fewer answers no comparison can name a winner, and wrong ones may all be labels that these rows lack."""

_PREFIX = re.compile(r"(?:__label__|label[_ ])(.+)", re.IGNORECASE | re.DOTALL)
_WRAPPED = re.compile(r"""\s*(?:\*\*|__|`+|["'“”„«»\[(]+)(.+?)(?:\*\*|__|`+|["'“”„«»\])]+)\s*""", re.DOTALL)
_CODE = re.compile(r"[+-]?\d+(?:\.0+)?|(?:label|class)[_ ]?\d+", re.IGNORECASE)


class NeverLabels(InputError):
    """The answers of a file are in another writing than the labels, or of another task."""


class LabelReader:
    """Finds the label that an answer is: by the labels' values, then by their names, as written first; then by what is
    a label but for its writing; then by codes that are known to stand for labels.

    Args:
        codes: code -> label, where a file says which code is which label.
    """

    def __init__(self, labels: LabelSpace, codes: Mapping[str, str] | None = None) -> None:
        self.labels = labels
        self._exact = {name: index for index, name in enumerate(labels.names)}
        self._exact |= {value: index for index, value in enumerate(labels.values)}
        self._loose = [WrittenAlike(labels.values), WrittenAlike(labels.names)]
        self._codes = WrittenAlike(codes or {})
        self._of_code = [self._plain(label) for label in (codes or {}).values()]
        self._known: dict[str, int] = {}

    def with_codes(self, codes: Mapping[str, str]) -> LabelReader:
        """The same, which knows these codes too."""
        return LabelReader(self.labels, codes)

    def exactly(self, answer: str) -> int:
        """Index of the label with this value or name to the letter; NO_LABEL where there is none."""
        return self._exact.get(answer.strip(), NO_LABEL)

    def find(self, answer: str) -> int:
        """Index of the label that the answer is, or NO_LABEL."""
        if answer not in self._known:
            self._known[answer] = self._look_up(answer)
        return self._known[answer]

    def find_all(self, answers: Sequence[str]) -> list[int]:
        """The same for many."""
        return [self.find(answer) for answer in answers]

    def _look_up(self, answer: str) -> int:
        found = self._plain(answer)
        if found != NO_LABEL or not answer.strip():
            return found
        code = self._codes.find(answer)
        if code is not None and self._of_code[code] != NO_LABEL:
            return self._of_code[code]
        inner = _unwrapped(answer)
        return NO_LABEL if inner is None else self._look_up(inner)

    def _plain(self, answer: str) -> int:
        found = self._exact.get(answer.strip())
        for writing in self._loose:
            found = writing.find(answer) if found is None else found
        return NO_LABEL if found is None else found


def space_of(values: Sequence[str], names: Mapping[str, str] | None = None) -> LabelSpace:
    """The label space of these values, in their order, with the names that are known."""
    named = names or {}
    return LabelSpace(tuple(Label(value, named.get(value, value)) for value in sorted(set(values))))


def refuse_if_never_labels(
    given: Sequence[str],
    found: Sequence[int],
    labels: LabelSpace,
    *,
    file: object,
    column: str,
    remedies: Remedies,
    known: Collection[str] = (),
    least: float = LEAST_SHARE_OF_LABELS,
) -> None:
    """Answers that are (almost) never labels are in another writing, or of another task: they have no score.

    Args:
        given, found: the answers, and the labels that they are.
        known: what others answered, who are understood: labels that none of these rows may have.
        least: share of the answers that have to be labels.

    Raises:
        InputError: all answers are blank.
        NeverLabels: so few of those that are not blank are labels.
    """
    filled = [(answer, label) for answer, label in zip(given, found, strict=True) if answer.strip()]
    if given and not filled:
        raise InputError(
            f"all {len(given):,} answers are blank",
            file=file,
            column=column,
            remedy=f"Give the file that has them, or say which column answers: {remedies.column('COLUMN')}",
        )
    readable = sum(label != NO_LABEL or answer in known for answer, label in filled)
    # With one label on the rows, another answer may well be a label that none of them has.
    if len(labels) < 2 or len(filled) < FEWEST_ANSWERS or readable >= least * len(filled):
        return
    answers = [answer for answer, _ in Counter(answer for answer, _ in filled).most_common()]
    few = f"only {readable:,} of {len(filled):,} answers are labels" if readable else "no answer is a label"
    raise NeverLabels(
        f"{few} of this task: the answers are {listed(answers, most=4)}, the labels {listed(labels.values, most=4)}",
        file=file,
        column=column,
        remedy=_way_out(answers, labels, remedies),
    )


def _way_out(answers: Sequence[str], labels: LabelSpace, remedies: Remedies) -> str:
    file = "Say which is which, in a file with the columns label,name and a line each"
    if all(_CODE.fullmatch(answer) for answer in answers[:20]):
        return f"{file} ('{answers[0]},{labels.values[0]}' if that is what {answers[0]} means): {remedies.codes}"
    if all(_CODE.fullmatch(value) for value in labels.values):
        value, name = labels.values[0], answers[0][:30]
        return f"{file} ('{value},{name}' if that is what {value} means): {remedies.label_names}"
    return f"Write the answers as the labels are, or say which column answers: {remedies.column('COLUMN')}"


COUNT_AS_ERRORS = "; they count as errors"
"""End of what is said of answers that are no label, as long as they are not most of them."""


def told_of_errors(given: Sequence[str], found: Sequence[int]) -> str:
    """'2 of 3 answers are no label of this task (most often 'dunno'); they count as errors', or ''."""
    invalid = Counter(answer for answer, label in zip(given, found, strict=True) if label == NO_LABEL)
    if not invalid:
        return ""
    example = invalid.most_common(1)[0][0]
    shown = repr(example[:40]) if example else "empty"
    told = f"{invalid.total()} of {len(given)} answers are no label of this task (most often {shown})"
    return told + COUNT_AS_ERRORS


class Remedies:
    """The whole commands of the options that help, as a message shows them.

    Args:
        command: with `{}` where the option stands.
        column, label_names, codes, encoding, match: the options, with `{}` where they have a value.
    """

    def __init__(self, command: str, *, column: str, label_names: str, codes: str, encoding: str, match: str) -> None:
        self._command, self._column, self._encoding, self._match = command, column, encoding, match
        self.label_names = self._with(label_names)
        self.codes = self._with(codes)

    def column(self, name: str) -> str:
        """Which column answers."""
        return self._with(self._column, name)

    def encoding(self, name: str) -> str:
        """In which encoding the file is."""
        return self._with(self._encoding, name)

    def match(self, key: str) -> str:
        """By which key rows are matched."""
        return self._with(self._match, key)

    def _with(self, option: str, value: str = "") -> str:
        return self._command.replace("{}", option.replace("{}", value))


def _unwrapped(answer: str) -> str | None:
    """What is left without one wrapping: quotes, brackets, bold, a full stop, a prefix that toolkits write, or JSON
    with one plain value."""
    text = answer.strip()
    inner = _json_value(text)
    if inner is not None:
        return inner
    for pattern in (_WRAPPED, _PREFIX):
        match = pattern.fullmatch(text)
        if match and match[1] != text:
            return match[1]
    return text[:-1] if len(text) > 1 and text[-1] in ".。" else None


def _json_value(text: str) -> str | None:
    """The one plain value of a JSON object or list, or what stands under 'label' or 'answer' in it."""
    if not text.startswith(("{", "[")):
        return None
    try:
        value = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        known = [value[key] for key in ("label", "answer", "prediction") if key in value]
        value = known[:1] or list(value.values())
    if not isinstance(value, list) or len(value) != 1:
        return None
    return str(value[0]) if isinstance(value[0], str | bool) else None
