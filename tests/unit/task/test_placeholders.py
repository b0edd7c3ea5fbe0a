"""Labels that stand for none: taken as unlabelled and told; plain words, polarities and named codes stay labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from task_files import codes, examples, write
from tuningfork.errors import InputError
from tuningfork.task.loading import prepare
from tuningfork.task.schema import TaskSpec
from tuningfork.task.to_label import NoLabelledRows
from tuningfork.task.unsplit import read_unsplit


def labels_of(tmp_path: Path, labels: Sequence[str], **options: object) -> tuple[str, ...]:
    data = write(tmp_path / "rows.csv", examples(240, labels))
    return prepare(TaskSpec(data=data, **options)).labels.values  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "none",
    ["?", "TODO", "N/A", "nan", "NaN", "null", "<NA>", "#N/A", "unlabelled", "Unlabeled", "-", "\u2014", "-1", "-100"],
)
def test_signs_of_unfinished_rows_are_no_class(tmp_path: Path, none: str) -> None:
    data = write(tmp_path / "rows.csv", examples(240, ["refund", "account", none]))
    task = prepare(TaskSpec(data=data))
    assert task.labels.values == ("account", "refund")
    assert len(task.unlabelled) == 80
    told = codes(task)["placeholder_labels"]
    assert "80 rows of rows.csv" in told
    assert repr(none) in told
    assert f"tuningfork run {data} --label-names FILE" in told
    assert none not in set(read_unsplit(TaskSpec(data=data)).files["data"].labels)


@pytest.mark.parametrize(
    "labels",
    [
        ["none", "other", "unknown", "neutral"],
        ["-1", "0", "1"],
        ["-1", "1"],
        ["-1.0", "0.0", "1.0"],
        ["-2", "-1", "0", "1", "2"],
        ["-1", "2", "5", "9"],
        ["+", "-"],
        ["?", "!", "."],
        ["N/A", "applicable"],
        ["null", "set"],
        ["NA", "EU", "APAC"],
        ["-1", "positive"],
    ],
)
def test_plain_classes_polarities_and_signs_among_signs_stay(tmp_path: Path, labels: list[str]) -> None:
    assert labels_of(tmp_path, labels) == tuple(sorted(labels))


@pytest.mark.parametrize(
    ("labels", "kept"),
    [
        (["-1", "0", "1", "2"], ("0", "1", "2")),
        (["-1.0", "0.0", "1.0", "2.0", "3.0"], ("0.0", "1.0", "2.0", "3.0")),
        (["-1", "1", "2", "3"], ("1", "2", "3")),
        (["-100", "0", "1"], ("0", "1")),
        (["?", "-1", "0", "1"], ("-1", "0", "1")),
        (["nan", "?", "a", "b"], ("a", "b")),
    ],
)
def test_codes_that_mark_a_row_without_label(tmp_path: Path, labels: list[str], kept: tuple[str, ...]) -> None:
    assert labels_of(tmp_path, labels) == kept


def test_a_label_that_is_given_a_name_is_one(tmp_path: Path) -> None:
    names = write(tmp_path / "names.csv", [["?", "question"], ["a", "letter"]], ("label", "name"))
    assert labels_of(tmp_path, ["?", "a", "b"], label_names=names) == ("?", "a", "b")


def test_where_all_rows_are_unfinished_some_are_offered_for_labelling(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", examples(120, ["?", "TODO"]))
    with pytest.raises(NoLabelledRows) as refused:
        prepare(TaskSpec(data=data))
    assert len(refused.value.rows) == 100


@pytest.mark.parametrize("role", ["test", "validation", "shifted"])
@pytest.mark.parametrize("hidden", ["-1", "-100", "?", "None", "unlabeled", "nobody says"])
def test_a_scored_file_without_any_known_label_is_refused(tmp_path: Path, role: str, hidden: str) -> None:
    data = write(tmp_path / "rows.csv", examples(120, ["0", "1", "2"]))
    other = write(tmp_path / "other.csv", examples(60, [hidden], of="other"))
    with pytest.raises(InputError) as refused:
        prepare(TaskSpec(data=data, **{role: other}))  # type: ignore[arg-type]
    assert str(other) in str(refused.value)
    assert "column 'label'" in str(refused.value)
    assert repr(hidden) in str(refused.value)
    assert str(refused.value).endswith(f"leave --{role} out: tuningfork run {data}")


def test_the_whole_command_keeps_the_other_options(tmp_path: Path) -> None:
    data = write(tmp_path / "my rows.csv", examples(120, ["0", "1"]), ("say", "y"))
    test = write(tmp_path / "test.csv", examples(60, ["-1"], of="test"), ("say", "y"))
    shifted = write(tmp_path / "shifted.csv", examples(60, ["0", "1"], of="shifted"), ("say", "y"))
    with pytest.raises(InputError) as refused:
        prepare(TaskSpec(data=data, test=test, shifted=shifted, text="say", label="y", seed=3))
    command = f"tuningfork run '{data}' --text say --label y --shifted {shifted} --seed 3"
    assert str(refused.value).endswith(command)


def test_labels_of_two_files_that_differ_in_writing_only_are_named(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", examples(120, ["0", "1"]))
    test = write(tmp_path / "test.csv", examples(60, ["0.0", "1.0"], of="test"))
    with pytest.raises(InputError, match=r"'0.0' here is '0' there"):
        prepare(TaskSpec(data=data, test=test))


@pytest.mark.parametrize("hidden", ["-1", "none", "NA", "todo"])
def test_some_hidden_labels_of_a_scored_file_are_left_out(tmp_path: Path, hidden: str) -> None:
    data = write(tmp_path / "rows.csv", examples(120, ["0", "1"]))
    test = write(tmp_path / "test.csv", examples(90, ["0", "1", hidden], of="test"))
    task = prepare(TaskSpec(data=data, test=test))
    assert Counter(task.labels.values[gold] for gold in task.evaluation.gold) == {"0": 30, "1": 30}
    told = codes(task)
    assert "30 rows of test.csv" in told["placeholder_labels"]
    assert "no row of rows.csv has such a label" in told["placeholder_labels"]
    assert "30 rows of test.csv" in told["unlabelled_rows_ignored"]
    assert "labels_unseen_in_pool" not in told


def test_a_plain_word_that_only_the_test_file_has_stays_an_unseen_label(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", examples(120, ["yes", "no"]))
    test = write(tmp_path / "test.csv", examples(90, ["yes", "no", "unknown"], of="test"))
    task = prepare(TaskSpec(data=data, test=test))
    assert len(task.evaluation) == 90
    assert "'unknown'" in codes(task)["labels_unseen_in_pool"]


def test_one_label_all_over_the_test_file_is_told(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.csv", examples(120, ["0", "1"]))
    test = write(tmp_path / "test.csv", examples(60, ["0"], of="test"))
    task = prepare(TaskSpec(data=data, test=test))
    assert "Every labelled row of test.csv has the label '0'" in codes(task)["one_scored_label"]
