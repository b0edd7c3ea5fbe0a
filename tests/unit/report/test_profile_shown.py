"""The profile in words: on the terminal, in one screen, and in the sentences that the page shares."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

import profile_cases as cases
from tuningfork.profile.document import ProfileDocument
from tuningfork.profile.figures import MovedShare
from tuningfork.report.profile import words
from tuningfork.report.profile.parts import profile_parts
from tuningfork.report.profile.terminal import profile_text


def shown(document: ProfileDocument, width: int = 80) -> str:
    out = io.StringIO()
    Console(file=out, width=width, color_system=None, highlight=False).print(profile_text(document, width=width))
    return out.getvalue()


def sentences(text: str) -> str:
    """The text without line ends, for sentences that wrap."""
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("case", cases.CASES)
def test_it_fits_one_screen(case: str) -> None:
    lines = shown(cases.document(cases.CASES[case]())).rstrip().splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80


def test_it_tells_what_the_rows_are_and_how_others_differ() -> None:
    told = sentences(shown(cases.document(cases.full())))
    assert "3,207 in ice.csv, 12 of them without a label; 100 in coal.csv (test); 90 in tram.csv (shifted)." in told
    assert "30; most often 'label 29' (208), least often 'label 0' (5)" in told
    assert "English 97 %" in told.replace("\u00a0", " ")
    assert "4 of 100 rows of coal.csv are in ice.csv too, 1 more nearly so" in told
    assert "Rows of tram.csv differ from those of ice.csv (p = 0.001)." in told
    assert "No shift seen between ice.csv and coal.csv (p = 0.43). It would have been seen four times in five" in told
    assert "out_of_distribution: yes (high confidence)" in told


def test_nothing_that_rows_hold_steers_the_terminal() -> None:
    told = shown(cases.document(cases.hostile()))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", told)
    assert "<script>" in told


def test_missed_shifts_are_told_honestly() -> None:
    few = cases.shift("test", detected=None)
    document = cases.document(cases.profile((cases.file_profile(), cases.file_profile("test")), shifts=(few,)))
    assert words.shift_sentence(few, document).startswith("Too few rows to tell")
    assert "even a large shift would often have been missed" in words.missed_sentence(few)


def test_words_that_moved_come_with_their_shares() -> None:
    moved = (MovedShare(name="ice", before=0.01, after=0.09), MovedShare(name="sun", before=0.2, after=0.1))
    told = words.moved_sentence(moved)
    assert told is not None
    assert told.replace("\u00a0", " ") == "more often there: 'ice' (1.0 % to 9.0 %); less often: 'sun' (20 % to 10 %)"
    assert words.moved_sentence(()) is None


def test_estimated_lengths_say_so() -> None:
    file = cases.document(cases.profile()).data
    assert words.counted_sentence(file) == "MiniLM's tokens"
    some = file.model_copy(update={"lengths": file.lengths.model_copy(update={"counted": file.rows - 50})})
    assert words.counted_sentence(some).endswith("estimated by their characters for 50 rows")
    other = file.model_copy(update={"lengths": file.lengths.model_copy(update={"counted_by": "words and marks"})})
    assert words.counted_sentence(other) == "counted as words and marks"


def test_plots_carry_their_numbers() -> None:
    parts = profile_parts(cases.document(cases.full()))
    assert parts.labels is not None
    assert parts.map is not None
    assert ("label 29", "208", "7\u00a0%") in parts.labels.table.rows
    of_data = [row for row in parts.lengths.table.rows if row[0] == "ice.csv"]
    assert sum(int(row[2].replace(",", "")) for row in of_data) == 3207
    assert sum(int(row[2]) for row in parts.map.table.rows) == 280
    assert "24 other labels" in str(parts.map.wide)
    assert parts.files is not None
    assert parts.files.rows[1] == ("coal.csv", "test", "100", "2", "0", "0", "0", "5")


def test_parts_that_are_not_there_are_left_out() -> None:
    parts = profile_parts(cases.document(cases.CASES["no labels"]()))
    assert (parts.labels, parts.map, parts.doubtful, parts.files, parts.shifts) == (None, None, None, None, ())
