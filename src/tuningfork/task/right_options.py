"""Which option is right, as files write it: its text, the file's own name of it, its letter, its place from 0 or 1.

One file writes all of its answers alike. So a way of reading is taken where it fits every answer: of options that are
numbers, '2' is a place where the answers are places, whatever options are called '2'.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.option_lists import OptionList, options_in
from tuningfork.task.rows import Gold
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.steps import Step, with_column
from tuningfork.task.table import Table
from tuningfork.task.units import as_compared
from tuningfork.task.wording import counted, listed, quoted

LETTERS = string.ascii_uppercase
"""What options are called, in their order."""

_FEWEST_TO_TELL, _MOSTLY = 20, 0.7
_NO_ANSWER = frozenset({"-1", "-100", "?", "-", "nan", "<na>", "#n/a", "null", "none"})
_LETTER = re.compile(
    r"(?:(?:option|answer|choice)\b)?[\s(\[*:]*([A-Za-z])(?:[\s)\].:*]+(.*))?", re.IGNORECASE | re.DOTALL
)
_PLACE = re.compile(r"[\s(\[]*(\d{1,3})(?:\.0+)?[\s)\].:]*")


def letters(most: int) -> LabelSpace:
    """The answers that there can be where no row has more options than that."""
    return LabelSpace(tuple(Label(letter, letter) for letter in LETTERS[:most]))


def place_notes(values: Sequence[str], gold: Gold, name: str) -> Iterator[Note]:
    """A note where the right option stands at one place in nearly every row, so that the place gives it away.

    Args:
        values: the letters.
        gold: of the labelled rows of a file, shape (n,).
        name: of that file.
    """
    counts = np.bincount(gold, minlength=len(values))
    most = int(counts.argmax()) if len(gold) else 0
    if len(gold) >= _FEWEST_TO_TELL and counts[most] >= _MOSTLY * len(gold):
        yield Note(
            "answers_in_one_place",
            f"In {100 * counts[most] / len(gold):.0f} % of {counted(len(gold), 'row')} of {name} option {values[most]} "
            "is the right one: whoever always says so scores as much, and an arm may learn the place and nothing "
            "else. Shuffle the options of every row.",
        )


def with_letters(table: Table, label: str, choices: str, spec: TaskSpec) -> Step:
    """The table with each answer as the letter of its option, in place of whatever the file calls it.

    Numbers count from 0 where one of them is 0, from 1 where one of them is as many as the row has options. Answers
    that hubs and tables write where there is none ('-1', '?', 'nan') are none, unless an option is called so.

    Raises:
        InputError: an answer that is none of its row's options; more options than there are letters; numbers that may
            count from 0 as well as from 1.
    """
    options = [options_in(cell) for cell in table.columns[choices]]
    _refuse_many(table, choices, options)
    names = _letters_of_codes(table.found.label_names.get(label, {}))
    given = [names.get(answer.strip(), answer) for answer in table.columns[label]]
    answers = [_stated(answer, of) for answer, of in zip(given, options, strict=True)]
    rows = [row for row, answer in enumerate(answers) if answer and options[row].texts]
    asked = _GivenAnswers(table, label, [answers[row] for row in rows], [options[row] for row in rows], rows, spec)
    found, notes = asked.read()
    letter_of = dict(zip(rows, (LETTERS[place] for place in found), strict=True))
    written = [letter_of.get(row, "") for row in range(len(table))]
    return Step(with_column(table, label, written), notes=notes)


@dataclass(frozen=True, slots=True, eq=False)
class _GivenAnswers:
    """The answers of a file that are stated, their rows' options, and their places in the table."""

    table: Table
    label: str
    answers: Sequence[str]
    options: Sequence[OptionList]
    rows: Sequence[int]
    spec: TaskSpec

    def read(self) -> tuple[list[int], tuple[Note, ...]]:
        """The place of each right option, from 0, and a note where that was a guess.

        Raises:
            InputError: an answer that is none of its options, or numbers that have two readings.
        """
        by_name = self._all(_by_key)
        if by_name is not None:
            return by_name, ()
        by_text, numbers = self._all(_by_text), [_number(answer) for answer in self.answers]
        if self.answers and None not in numbers:
            by_place = self._places([number for number in numbers if number is not None], by_text)
            if by_place is not None:
                return by_place
        same = by_text or self._all(_by_letter)
        return (same if same is not None else [self._one(row) for row in range(len(self.rows))]), ()

    def _all(self, reading: Callable[[str, OptionList], int | None]) -> list[int] | None:
        """The places where this reading fits every answer; None where one does not fit."""
        found = list[int]()
        for answer, of in zip(self.answers, self.options, strict=True):
            place = reading(answer, of)
            if place is None:
                return None
            found.append(place)
        return found

    def _places(self, numbers: Sequence[int], by_text: list[int] | None) -> tuple[list[int], tuple[Note, ...]] | None:
        """All answers as places; None where they have to be the options' texts."""
        first = self._first(numbers, by_text)
        if first is None:
            return None
        found = [number - first for number in numbers]
        for row, place in enumerate(found):
            if not 0 <= place < len(self.options[row]):
                raise self._none_of_them(row)
        return found, (self._told(found, first),)

    def _first(self, numbers: Sequence[int], by_text: list[int] | None) -> int | None:
        """The number of a row's first option; None where the numbers are no places."""
        if self.spec.first_option is not None:
            return self.spec.first_option
        sizes = [len(of) for of in self.options]
        fits = [
            first
            for first in (0, 1)
            if all(0 <= number - first < size for number, size in zip(numbers, sizes, strict=True))
        ]
        readings = [[number - first for number in numbers] for first in fits]
        if by_text is not None:
            if not [one for one in readings if one != by_text]:
                return None
            raise self._of_two_readings(numbers, "options are numbers too, so that an answer may be a text or a place")
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise self._of_two_readings(
                numbers,
                "numbers that count options from 0 or from 1: both fit, for none is 0 and none is as many as there are "
                "options",
            )
        raise self._outside(numbers, sizes)

    def _outside(self, numbers: Sequence[int], sizes: Sequence[int]) -> InputError:
        """What to say of numbers that are neither all places nor all texts."""
        for row, answer in enumerate(self.answers):
            if numbers[row] > sizes[row] and _by_text(answer, self.options[row]) is None:
                return self._none_of_them(row)
        from_0 = next(row for row, number in enumerate(numbers) if number == 0)
        from_1 = next(row for row, number in enumerate(numbers) if number >= sizes[row])
        return self._none_of_them(from_1, beside=self.table.rows[self.rows[from_0]])

    def _one(self, row: int) -> int:
        """One answer of a file that writes them in several ways."""
        answer, options = self.answers[row], self.options[row]
        readings = (reading(answer, options) for reading in (_by_text, _by_key, _by_letter))
        found = next((place for place in readings if place is not None), None)
        if found is None:
            raise self._none_of_them(row)
        return found

    def _of_two_readings(self, numbers: Sequence[int], why: str) -> InputError:
        return InputError(
            f"{why}, here {quoted(self.answers[0])} of {len(self.options[0])}: {listed(self.options[0].texts)}",
            file=self.table.source,
            row=self.table.rows[self.rows[0]],
            column=self.label,
            remedy=f"Say which number the first option has: {command_with(self.spec, '--first-option 1')} (or 0).",
        )

    def _none_of_them(self, row: int, *, beside: int | None = None) -> InputError:
        answer, options = self.answers[row], self.options[row]
        twice = [as_compared(text) for text in options.texts].count(as_compared(answer)) > 1
        if twice:
            problem = f"{quoted(answer)} stands twice among its options"
            remedy = "Write the letter of the one that is right."
        elif beside is not None:
            problem = f"{quoted(answer)} counts the options from 1, and row {beside} counts them from 0"
            remedy = "Write all of them alike."
        else:
            problem = f"{quoted(answer)} is none of its options: {listed(options.texts)}"
            remedy = "Write the option's text, its letter (A, B, …) or its place from 0, alike in every row."
        where = self.table.rows[self.rows[row]]
        return InputError(problem, file=self.table.source, row=where, column=self.label, remedy=remedy)

    def _told(self, found: Sequence[int], first: int) -> Note:
        """How numbers were read."""
        return Note(
            "answers_are_places",
            f"{counted(len(found), 'answer')} of {Path(self.table.source).name} are places of options, counted from "
            f"{first}: {quoted(self.answers[0])} in row {self.table.rows[self.rows[0]]} is "
            f"{quoted(self.options[0].texts[found[0]])}.",
        )


def _letters_of_codes(names: Mapping[str, str]) -> dict[str, str]:
    """Code -> letter, where the file's metadata name its codes so."""
    return dict(names) if names and all(name in LETTERS for name in names.values()) else {}


def _stated(answer: str, options: OptionList) -> str:
    """The answer, or '' for what hubs and tables write where there is none."""
    bare = answer.strip()
    if bare.lower() in _NO_ANSWER and _by_text(bare, options) is None and bare not in options.keys:
        return ""
    return bare


def _by_text(answer: str, options: OptionList) -> int | None:
    """The place of the one option of that text."""
    if answer in options.texts and options.texts.count(answer) == 1:
        return options.texts.index(answer)
    plain = as_compared(answer)
    texts = [as_compared(text) for text in options.texts]
    return texts.index(plain) if texts.count(plain) == 1 else None


def _by_key(answer: str, options: OptionList) -> int | None:
    """The place of the option that the file itself calls so."""
    if answer in options.keys:
        return options.keys.index(answer)
    letter = _letter(answer, options)
    return options.keys.index(letter) if letter in options.keys else None


def _by_letter(answer: str, options: OptionList) -> int | None:
    letter = _letter(answer, options)
    place = None if letter is None else LETTERS.index(letter)
    return place if place is not None and place < len(options) else None


def _letter(answer: str, options: OptionList) -> str | None:
    """'B' of 'b', '(B)', 'Option B' and, where an option says so, of 'B) Paris'; None of anything else."""
    found = _LETTER.fullmatch(answer)
    if found is None:
        return None
    rest = as_compared(found[2] or "")
    letter = found[1].upper()
    place = LETTERS.index(letter)
    named = place < len(options) and as_compared(options.texts[place]) == rest
    return letter if not rest or named else None


def _number(answer: str) -> int | None:
    found = _PLACE.fullmatch(answer)
    return None if found is None else int(found[1])


def _refuse_many(table: Table, choices: str, options: Sequence[OptionList]) -> None:
    place = next((place for place, of in enumerate(options) if len(of) > len(LETTERS)), None)
    if place is not None:
        raise InputError(
            f"has {len(options[place])} options; {len(LETTERS)} at most can be told apart by a letter",
            file=table.source,
            row=table.rows[place],
            column=choices,
            remedy="Leave the row out; answers of a fixed long list are labels of a classification.",
        )
