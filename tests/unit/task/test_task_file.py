"""task.yaml: read, written, and its mistakes named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_file import read_task_file, write_task_file


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "task.yaml").write_text("data: rows/a.csv\ntest: /elsewhere/b.csv\neval_rows: all\nmargin: 0.02\n")
    monkeypatch.chdir("/")
    spec = read_task_file(tmp_path / "task.yaml")
    assert spec.data == tmp_path / "rows/a.csv"
    assert spec.test == Path("/elsewhere/b.csv")
    assert (spec.eval_rows, spec.margin) == ("all", 0.02)


def test_what_was_written_reads_as_the_same_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = TaskSpec(
        data=Path("rows.csv"),
        test=Path("/elsewhere/b.csv"),
        label_names=Path("study/names.yaml"),
        label="no",
        description="Was it “asked for”: yes or no?",
        eval_rows=120,
        seed=7,
    )
    write_task_file(Path("study/task.yaml"), spec)
    monkeypatch.chdir("/")
    read = read_task_file(tmp_path / "study/task.yaml")
    paths = {"data": tmp_path / "rows.csv", "label_names": tmp_path / "study/names.yaml"}
    assert read == spec.model_copy(update=paths)
    assert "label_names: names.yaml" in (tmp_path / "study/task.yaml").read_text()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("data: a.csv\nmetrik: accuracy\n", r"unknown key 'metrik'; did you mean 'metric'"),
        ("text: message\n", "lacks the key 'data'"),
        ("data: a.csv\nmargin: 3\n", "margin: .*less than 1.*not 3"),
        ("data: a.csv\neval_rows: some\n", "eval_rows: .*not 'some'"),
        ("data: a.csv\nlabel: 1\n", "label: should be a string, not 1"),
        ("data: [a.csv\n", "no valid YAML .*line 2"),
        ("- a.csv\n", "no YAML mapping"),
        ("data: !!python/object/apply:os.system [ls]\n", "no valid YAML"),
        ("data: a.csv\n1: a\n", "unknown key '1'; there are: 'data'"),
    ],
)
def test_mistakes_name_the_key(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "task.yaml"
    path.write_text(content)
    with pytest.raises(InputError, match=problem) as caught:
        read_task_file(path)
    assert str(path) in str(caught.value)
    with pytest.raises(InputError, match="no such file"):
        read_task_file(tmp_path / "nowhere.yaml")
