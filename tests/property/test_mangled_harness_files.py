"""Files that evaluation harnesses wrote, damaged in their bytes or odd in their values: a table, or one InputError."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness_files import LOGS, PACKED, samples
from tuningfork.errors import InputError
from tuningfork.task.readers.pick import Pick
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import read_table

FILES = {
    "once.eval": LOGS / "once.eval",
    "once.json": LOGS / "once.json",
    "samples.zip": PACKED,
    "choices.jsonl": samples("parcel_topics"),
    "generated.jsonl": samples("parcel_replies"),
}
PICKS = (Pick(), Pick(right_only=True), Pick(task="parcel_topics"), Pick(filter="strict"), Pick(run="1"))
SEVERAL = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)

places = st.floats(0, 1, exclude_max=True)
odd = st.sampled_from(
    [
        None,
        True,
        -1,
        1.5,
        float("nan"),
        float("inf"),
        "",
        "NaN",
        "9" * 5000,
        [],
        [[]],
        {},
        {"a": 1},
        [None],
        ["1", "True"],
    ]
)


def read(path: Path) -> None:
    """Each way; a table's columns are of one length."""
    for pick in PICKS:
        try:
            table = read_table(path, form=TextFormat(pick=pick))
        except InputError as error:
            assert "\n" not in str(error)
        else:
            assert {len(values) for values in table.columns.values()} == {len(table)}


@pytest.mark.parametrize("name", FILES)
@SEVERAL
@given(changes=st.lists(st.tuples(places, st.integers(0, 40), st.binary(max_size=8)), min_size=1, max_size=4))
def test_damaged_bytes(tmp_path: Path, name: str, changes: list[tuple[float, int, bytes]]) -> None:
    content = FILES[name].read_bytes()
    for place, cut, put in changes:
        at = int(place * len(content))
        content = content[:at] + put + content[at + cut :]
    path = tmp_path / name
    path.write_bytes(content)
    read(path)


def with_odd_value(value: Any, place: float, put: object) -> Any:
    """The value with one of all values in it replaced."""
    count = json.dumps(value).count(":")
    at = int(place * count)

    def walked(node: Any) -> Any:
        nonlocal at
        if isinstance(node, list):
            return [walked(one) for one in node]
        if not isinstance(node, dict):
            return node
        found = {}
        for key, one in node.items():
            at -= 1
            found[key] = put if at == -1 else walked(one)
        return found

    return walked(value)


@pytest.mark.parametrize("name", ["once.json", "choices.jsonl", "generated.jsonl"])
@SEVERAL
@given(changes=st.lists(st.tuples(places, odd), min_size=1, max_size=3))
def test_odd_values(tmp_path: Path, name: str, changes: list[tuple[float, object]]) -> None:
    lines = [FILES[name].read_text(encoding="utf-8")]
    if name.endswith(".jsonl"):
        lines = lines[0].splitlines()
    values = [json.loads(line) for line in lines]
    for place, put in changes:
        values = with_odd_value(values, place, put)
    path = tmp_path / name
    path.write_text("\n".join(map(json.dumps, values)), encoding="utf-8")
    read(path)
