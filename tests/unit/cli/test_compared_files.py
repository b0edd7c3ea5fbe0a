"""How `compare` calls the files that it is given."""

from __future__ import annotations

import pytest

from tuningfork.cli.compared_files import NamedSystem

ONE, OTHER = (f"samples_parcels_2026-11-30T{time}.jsonl" for time in ("10-00-00.000000", "11-30-00.123456"))


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        (["a.csv", "in/b.csv"], ["a.csv", "b.csv"]),
        (["old/a.csv", "new/a.csv", "b.csv"], ["old", "new", "b.csv"]),
        (["in/a.csv", "in/old/a.csv"], ["in/a.csv", "in/old/a.csv"]),
        (["a.csv", "a.csv"], ["a.csv", "a.csv (2)"]),
        (["x/a.csv", "y/a.csv", "y/a.csv"], ["x", "y", "y (2)"]),
        (["A=a.csv,b.csv", "B=x/a.csv", "x/a.csv"], ["A", "B", "a.csv"]),
        ([f"out/small/{ONE}", f"out/large/{OTHER}"], ["small", "large"]),
        ([f"out/small/{ONE}", f"out/small/{OTHER}"], [ONE, OTHER]),
        ([f"small/{ONE}?filter=strict&score=em", f"large/{ONE}?filter=strict&score=em"], ["small", "large"]),
        (["out.json?system=A, prompt 1", "out.json?system=B, prompt 1"], ["A, prompt 1", "B, prompt 1"]),
        ([f"{ONE}?filter=strict&score=em", f"{ONE}?filter=loose&score=em"], ["strict", "loose"]),
    ],
)
def test_files_of_one_name_are_called_by_what_tells_their_paths_apart(typed: list[str], names: list[str]) -> None:
    named = NamedSystem.all(typed)
    assert [one.name for one in named] == names
    assert [one.typed for one in named] == [one.partition("=")[0] if one[:2] in {"A=", "B="} else one for one in typed]
