"""Which option is right: read alike in a whole file, and refused where it has two readings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tuningfork.errors import InputError
from tuningfork.task.option_lists import OptionList
from tuningfork.task.right_options import place_notes, with_letters
from tuningfork.task.schema import TaskSpec
from tuningfork.task.steps import Step
from tuningfork.task.table import Found, Table

WORDS = ["red", "green", "blue"]


def read(
    answers: Sequence[str],
    options: Sequence[Sequence[str]] | None = None,
    *,
    keys: str = "",
    first_option: int | None = None,
    names: dict[str, str] | None = None,
) -> Step:
    lists = options or [WORDS] * len(answers)
    cells = [OptionList(tuple(of), tuple(keys)).written for of in lists]
    found = Found(label_names={"answer": names} if names else {})
    table = Table(
        source="rows.csv",
        columns={"answer": list(answers), "choices": cells},
        rows=range(1, len(cells) + 1),
        found=found,
    )
    return with_letters(
        table, "answer", "choices", TaskSpec(data=Path("rows.csv"), type="choice", first_option=first_option)
    )


def letters(answers: Sequence[str], options: Sequence[Sequence[str]] | None = None, **more: object) -> str:
    return "".join(letter or "_" for letter in read(answers, options, **more).table.columns["answer"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["red", "blue"], "AC"),
        (["RED", " Blue  "], "AC"),
        (["A", "C"], "AC"),
        (["(A)", "(C)"], "AC"),
        (["a", "c"], "AC"),
        (["a.", "C)"], "AC"),
        (["[B]", "B:"], "BB"),
        (["Option A", "option C"], "AC"),
        (["Answer: B", "answer: (C)"], "BC"),
        (["**B**", "C"], "BC"),
        (["B) green", "C. blue"], "BC"),
        (["0", "2"], "AC"),
        (["1", "3"], "AC"),
        (["0.0", "2.0"], "AC"),
        (["(1)", "(3)"], "AC"),
        (["red", "B", "c"], "ABC"),
        (["red", "", "blue"], "A_C"),
        (["0", "-1", "2"], "A_C"),
        (["A", "?", "B"], "A_B"),
        (["A", "nan", "None"], "A__"),
    ],
)
def test_answers_in_every_writing(answers: list[str], expected: str) -> None:
    assert letters(answers) == expected


def test_the_files_own_names_come_first() -> None:
    assert letters(["2", "3", "1"], keys="123") == "BCA"
    assert letters(["F", "h", "(G)"], keys="FGH") == "ACB"
    assert letters(["1", "3"], [["3", "2", "1"], ["3", "2", "1"]], keys="123") == "AC"


def test_numbers_are_places_even_where_one_option_is_called_so() -> None:
    """In row 2 the option of place 1 is 'green', and an option is called '1'."""
    assert letters(["2", "1", "0"], [WORDS, ["1", "green", "0"], WORDS]) == "CBA"


def test_options_that_are_numbers_are_their_texts() -> None:
    assert letters(["41", "7"], [["7", "41", "3"], ["7", "41", "3"]]) == "BA"


def test_answers_that_are_texts_and_places_alike_are_taken() -> None:
    assert letters(["0", "2", "1"], [["0", "1", "2"]] * 3) == "ACB"


def test_answers_of_two_readings_are_refused() -> None:
    with pytest.raises(InputError, match="an answer may be a text or a place") as told:
        read(["1", "2", "0"], [["2", "1", "0"]] * 3)
    assert "--first-option 1" in str(told.value)
    assert letters(["1", "2", "0"], [["2", "1", "0"]] * 3, first_option=0) == "BCA"


def test_places_that_count_from_0_or_from_1_are_refused() -> None:
    with pytest.raises(InputError, match=r"count options from 0 or from 1: both fit.*here '1' of 3") as told:
        read(["1", "2", "1"])
    assert (told.value.row, told.value.column) == (1, "answer")
    assert letters(["1", "2", "1"], first_option=1) == "ABA"
    assert letters(["1", "2", "1"], first_option=0) == "BCB"


def test_a_place_beyond_the_options_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="'4' is none of its options: 'red', 'green', 'blue'") as told:
        read(["0", "1", "4", "2"])
    assert told.value.row == 3
    with pytest.raises(InputError, match="'0' is none of its options"):
        read(["1", "0"], first_option=1)


def test_places_from_0_beside_places_from_1_are_refused() -> None:
    with pytest.raises(InputError, match="'3' counts the options from 1, and row 1 counts them from 0"):
        read(["0", "3"])


@pytest.mark.parametrize("answer", ["yellow", "D", "red or blue", "greenish", "A B"])
def test_what_is_no_option_is_refused(answer: str) -> None:
    with pytest.raises(InputError, match="is none of its options") as told:
        read(["red", answer])
    assert told.value.row == 2


def test_a_text_that_stands_twice_says_nothing() -> None:
    with pytest.raises(InputError, match="'red' stands twice among its options"):
        read(["red", "green"], [["red", "red", "blue"], WORDS])
    assert letters(["B", "B"], [["red", "red", "blue"], WORDS]) == "BB"


def test_what_stands_for_no_answer_may_be_an_option() -> None:
    assert letters(["None", "-1"], [["all", "none"], ["-1", "1"]]) == "BA"


def test_codes_whose_names_are_letters_are_places() -> None:
    """Without the names '1' and '2' would fit from 0 and from 1."""
    assert letters(["1", "2"], names={"0": "A", "1": "B", "2": "C", "3": "D"}) == "BC"


def test_more_options_than_letters_are_refused() -> None:
    with pytest.raises(InputError, match="has 27 options; 26 at most"):
        read(["A"], [[f"option {i}" for i in range(27)]])
    assert letters(["Z"], [[f"option {i}" for i in range(26)]]) == "Z"


def test_how_numbers_were_read_is_said() -> None:
    (note,) = read(["1", "3", "2"]).notes
    assert note.code == "answers_are_places"
    assert note.message == "3 answers of rows.csv are places of options, counted from 1: '1' in row 1 is 'red'."
    assert read(["A", "red"]).notes == ()


def test_one_place_for_most_right_options_is_told() -> None:
    gold = np.array([0] * 21 + [1] * 9, np.int32)
    (note,) = place_notes("ABCD", gold, "rows.csv")
    assert "In 70 % of 30 rows of rows.csv option A" in note.message
    assert not list(place_notes("ABCD", np.array([0, 1, 2, 3] * 10, np.int32), "rows.csv"))
    assert not list(place_notes("ABCD", gold[:19], "rows.csv"))
