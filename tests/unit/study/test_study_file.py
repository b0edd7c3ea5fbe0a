"""task.yaml of a study, and rows that were in memory: what is written reads back."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.errors import InputError, UnknownName
from tuningfork.study.settings import StudySettings, default_folder
from tuningfork.study.study_file import keep_rows, read_study_file, write_study_file
from tuningfork.task.reading import read_table
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Table


def test_task_and_settings_come_back(tmp_path: Path) -> None:
    spec = TaskSpec(data=tmp_path / "rows.csv", text="t", margin=0.05, eval_rows="all")
    asked = StudySettings(arms=("linear", "prompt:m@http://x/v1?shots=2"), label_counts=(8, 32), prices=("m=1,2",))
    write_study_file(tmp_path / "task.yaml", spec, asked)
    assert read_study_file(tmp_path / "task.yaml") == (spec, asked)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("study:\n  sedes: 3\n", "did you mean 'seeds'"),
        ("study:\n  seeds: few\n", "study.seeds"),
        ("study: fast\n", "no mapping"),
        ("study:\n  budget_minutes: .inf\n", "budget_minutes"),
    ],
)
def test_what_cannot_be_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "task.yaml"
    file.write_text(f"data: rows.csv\n{text}")
    with pytest.raises((InputError, UnknownName), match=message) as raised:
        read_study_file(file)
    assert "task.yaml" in str(raised.value)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.text(), st.text()), min_size=1, max_size=5))
def test_any_text_survives_being_kept(rows: list[tuple[str, str]]) -> None:
    texts, labels = zip(*rows, strict=True)
    table = Table.from_columns({"text": texts, "label": labels})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.jsonl"
        keep_rows(path, table)
        again = read_table(path, ["text", "label"])
    assert [list(again.columns[name]) for name in again.names] == [list(texts), list(labels)]
    assert list(again.rows) == list(table.rows)


@pytest.mark.parametrize(
    ("name", "folder"), [("tickets", "tickets"), ("a/b: c", "a-b--c"), ("..", "study"), ("", "study"), ("é", "é")]
)
def test_a_study_has_a_folder_of_its_tasks_name(name: str, folder: str) -> None:
    assert default_folder(name) == Path("studies") / folder
