"""Which option is right, as files write it: its text, its letter, its place from 0 or from 1."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.option_lists import OptionList, option_list
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
_LETTER = re.compile(r"[\s(\[]*([A-Za-z])[\s)\].:]*")
_PLACE = re.compile(r"[\s(\[]*(\d+)(?:\.0+)?[\s)\].:]*")


def letters(most: int) -> LabelSpace:
    """The answers that there can be where no row has more options than that."""
    return LabelSpace(tuple(Label(letter, letter) for letter in LETTERS[:most]))


def place_notes(values: Sequence[str], gold: Gold) -> Iterator[Note]:
    """A note where the right option stands at one place in nearly every row, so that the place gives it away.

    Args:
        values: the letters.
        gold: of the labelled rows, shape (n,).
    """
    counts = np.bincount(gold, minlength=len(values))
    most = int(counts.argmax())
    if len(gold) >= _FEWEST_TO_TELL and counts[most] >= _MOSTLY * len(gold):
        yield Note(
            "answers_in_one_place",
            f"In {100 * counts[most] / len(gold):.0f} % of {counted(len(gold), 'row')} option {values[most]} is the "
            "right one: whoever always says so scores as much, and an arm may learn the place and nothing else. "
            "Shuffle the options of every row.",
        )


def with_letters(table: Table, label: str, choices: str, spec: TaskSpec) -> Step:
    """The table with each answer as the letter of its option, in place of whatever the file calls it.

    A text, a letter ('(B)', 'b.') or a name that the file gives its options says which by itself. A number is a place:
    from 0 where one of them is 0, from 1 where one of them is as many as the row has options.

    Raises:
        InputError: an answer that is none of its row's options; more options than there are letters; numbers that may
            count from 0 as well as from 1.
    """
    options = [_options(cell) for cell in table.columns[choices]]
    _refuse_many(table, choices, options)
    answers = [_stated(answer) for answer in table.columns[label]]
    found = [_by_name(answer, of) if answer else None for answer, of in zip(answers, options, strict=True)]
    unnamed = [place for place, answer in enumerate(answers) if answer and found[place] is None]
    first = _first_option(table, label, answers, options, unnamed, spec)
    for place in unnamed:
        number = _number(answers[place])
        if number is None or not 0 <= number - first < len(options[place].texts):
            raise _none_of_them(table, label, place, answers[place], options[place])
        found[place] = number - first
    written = ["" if at is None else LETTERS[at] for at in found]
    note = _told(table, answers, options, unnamed, first)
    return Step(with_column(table, label, written), notes=() if note is None else (note,))


def _stated(answer: str) -> str:
    """The answer, or '' for what hubs and tables write where there is none."""
    bare = answer.strip()
    return "" if bare.lower() in _NO_ANSWER else bare


def _options(cell: str) -> OptionList:
    found = option_list(cell)
    return OptionList(()) if found is None else found


def _by_name(answer: str, options: OptionList) -> int | None:
    """The place of an option by its text, the file's own name for it, or its letter; None where it is none of these, or
    its text stands there twice."""
    plain = as_compared(answer)
    texts = [as_compared(text) for text in options.texts]
    if texts.count(plain) == 1:
        return texts.index(plain)
    if answer in options.keys:
        return options.keys.index(answer)
    letter = _LETTER.fullmatch(answer)
    if letter is None:
        return None
    if letter[1].upper() in options.keys:
        return options.keys.index(letter[1].upper())
    place = LETTERS.index(letter[1].upper())
    return place if place < len(options.texts) else None


def _number(answer: str) -> int | None:
    found = _PLACE.fullmatch(answer)
    return None if found is None or len(found[1]) > 3 else int(found[1])


def _first_option(
    table: Table,
    label: str,
    answers: Sequence[str],
    options: Sequence[OptionList],
    unnamed: Sequence[int],
    spec: TaskSpec,
) -> int:
    """The number of a row's first option."""
    if spec.first_option is not None:
        return spec.first_option
    numbers = {place: number for place in unnamed if (number := _number(answers[place])) is not None}
    from_0 = next((place for place, number in numbers.items() if number == 0), None)
    from_1 = next((place for place, number in numbers.items() if number == len(options[place].texts)), None)
    if from_0 is not None and from_1 is not None:
        raise _none_of_them(table, label, from_1, answers[from_1], options[from_1], beside=table.rows[from_0])
    if numbers and from_0 is None and from_1 is None:
        place = next(iter(numbers))
        raise InputError(
            f"numbers that count options from 0 or from 1: both fit, for none is 0 and none is as many as there are "
            f"options, here {quoted(answers[place])} of {len(options[place].texts)}",
            file=table.source,
            row=table.rows[place],
            column=label,
            remedy=f"Say which number the first option has: {command_with(spec, '--first-option 1')} (or 0).",
        )
    return 0 if from_1 is None else 1


def _refuse_many(table: Table, choices: str, options: Sequence[OptionList]) -> None:
    place = next((place for place, of in enumerate(options) if len(of.texts) > len(LETTERS)), None)
    if place is not None:
        raise InputError(
            f"has {len(options[place].texts)} options; {len(LETTERS)} at most can be told apart by a letter",
            file=table.source,
            row=table.rows[place],
            column=choices,
            remedy="Leave the row out; answers of a fixed long list are labels of a classification.",
        )


def _none_of_them(
    table: Table, label: str, place: int, answer: str, options: OptionList, *, beside: int | None = None
) -> InputError:
    twice = [as_compared(text) for text in options.texts].count(as_compared(answer)) > 1
    if twice:
        problem = f"{quoted(answer)} stands twice among its options"
        remedy = "Write the letter of the one that is right."
    elif beside is not None:
        problem = f"{quoted(answer)} counts the options from 1, and row {beside} counts them from 0"
        remedy = "Write all of them alike."
    else:
        problem = f"{quoted(answer)} is none of its options: {listed(options.texts)}"
        remedy = "Write the option's text, its letter (A, B, …) or its place from 0."
    return InputError(problem, file=table.source, row=table.rows[place], column=label, remedy=remedy)


def _told(
    table: Table, answers: Sequence[str], options: Sequence[OptionList], unnamed: Sequence[int], first: int
) -> Note | None:
    """How the answers were read, where that is a guess."""
    if not unnamed:
        return None
    place = unnamed[0]
    text = options[place].texts[int(_number(answers[place]) or 0) - first]
    name = Path(table.source).name
    return Note(
        "answers_are_places",
        f"{counted(len(unnamed), 'answer')} of {name} are places of options, counted from {first}: "
        f"{quoted(answers[place])} in row {table.rows[place]} is {quoted(text)}.",
    )
