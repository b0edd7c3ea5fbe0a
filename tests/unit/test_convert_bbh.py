"""Options that stand in a question's text become a list, and the answer one of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tuningfork as tf
from script_modules import scripts


@pytest.mark.parametrize("task", ["logical_deduction_three_objects", "date_understanding"])
def test_a_public_task_becomes_rows_that_load(task: str, shared_data: Path, tmp_path: Path) -> None:
    source, target = shared_data / "bbh" / f"{task}.jsonl", tmp_path / "rows.jsonl"
    with scripts("convert_bbh") as (module,):
        n = module.convert(source, target)
    given = [json.loads(line) for line in source.read_text(encoding="utf-8").splitlines()]
    made = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert n == len(given) == len(made)
    for before, after in zip(given, made, strict=True):
        assert before["input"].startswith(after["question"])
        assert "Options:" not in after["question"]
        assert all(f") {choice}" in before["input"] for choice in after["choices"])
        place = after["choices"].index(after["answer"])
        assert before["target"] == f"({'ABCDEF'[place]})"
    data = tf.Task.from_file(target, type="choice").prepare()
    sizes = {len(of) for of in data.pool.inputs.fields.lists("choices")}
    assert sizes <= {len(row["choices"]) for row in made}
    assert sizes == {3} or len(sizes) > 1


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {"input": "Which?\nOptions:\n(A) one\n(B) two", "target": "(B)"},
            {"question": "Which?", "choices": ["one", "two"], "answer": "two"},
        ),
        (
            {"input": "Is it so?\nOptions:\n- Yes\n- No", "target": "No"},
            {"question": "Is it so?", "choices": ["Yes", "No"], "answer": "No"},
        ),
        (
            {"input": "Which Options: are there?\nOptions: \n(A) (b) c\n(B)  d ", "target": "A"},
            {"question": "Which Options: are there?", "choices": ["(b) c", "d"], "answer": "(b) c"},
        ),
    ],
)
def test_options_in_letters_or_dashes(row: dict[str, str], expected: dict[str, object]) -> None:
    with scripts("convert_bbh") as (module,):
        assert module.converted(row) == expected


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"input": "2 + 2 =", "target": "4"}, "no two options"),
        ({"input": "Which?\nOptions:\n(A) one", "target": "(A)"}, "no two options"),
        ({"input": "Which?\nOptions:\n(A) one\n(C) two", "target": "(A)"}, "options called"),
        ({"input": "Which?\nOptions:\n(A) one\n(B) two", "target": "(C)"}, "none of its options"),
    ],
)
def test_what_cannot_be_converted_names_its_row(row: dict[str, str], problem: str, tmp_path: Path) -> None:
    good = {"input": "Which?\nOptions:\n(A) one\n(B) two", "target": "(B)"}
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in (good, row)))
    with scripts("convert_bbh") as (module,), pytest.raises(ValueError, match=f"row 2: .*{problem}"):
        module.convert(tmp_path / "rows.jsonl", tmp_path / "out.jsonl")
