"""Messages stay readable whatever the names in them."""

from __future__ import annotations

from tuningfork.task.wording import counted, listed, near_names, quoted


def test_counts_and_lists() -> None:
    assert (counted(1, "row"), counted(0, "row"), counted(2, "row")) == ("1 row", "0 rows", "2 rows")
    assert listed(["a", "b"]) == "'a', 'b'"
    assert listed(["a", "b", "c"], most=2) == "'a', 'b' and 1 more"


def test_names_cannot_flood_or_colour_the_terminal() -> None:
    assert len(quoted("x" * 10_000_000)) < 100
    assert "\x1b" not in quoted("\x1b[31mred") and "\n" not in quoted("two\nlines")


def test_near_names_look_past_case() -> None:
    assert near_names("Mesage", ["MESSAGE", "label"]) == "did you mean 'MESSAGE'?"
    assert near_names("zzz", ["a", "b"]) == "there are: 'a', 'b'"
    assert near_names("zzz", []) == "there are none"
    assert len(near_names("zzz", [f"column {i}" for i in range(100_000)])) < 400
