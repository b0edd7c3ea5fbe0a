"""Near repeats of scored rows: few leave the pool, many stay and are told, and the user may say which."""

from __future__ import annotations

import random
import string
from pathlib import Path

import numpy as np
import pytest

from task_files import codes, write
from tuningfork.errors import InputError
from tuningfork.task.loading import prepare
from tuningfork.task.near_repeats import near_repeats
from tuningfork.task.schema import TaskData, TaskSpec
from tuningfork.task.split_rules import RULES_OF_SCHEMA_1, SplitRules

BEFORE = SplitRules(drops_near_repeats=False)
"""The rules of the version before near repeats were looked for."""


def sentences(n: int, of: str) -> list[list[str]]:
    """Rows of a dozen random words each, which share no run."""
    draw = random.Random(of)
    word = lambda: "".join(draw.choices(string.ascii_lowercase, k=6))  # noqa: E731
    return [[" ".join(word() for _ in range(12)), ("yes", "no")[i % 2]] for i in range(n)]


def files(tmp_path: Path, twins: int, *, rows: int = 300, tested: int = 200, aside: int = 0) -> TaskSpec:
    """A task whose first test rows repeat the first training rows but for their beginning."""
    data, test = sentences(rows, "data"), sentences(tested, "test")
    for row in range(twins):
        test[row][0] = f"other words first {data[row][0].partition(' ')[2]}"
    unlabelled = [[f"{text} too", ""] for text, _ in test[:aside]]
    return TaskSpec(
        data=write(tmp_path / "data.csv", [*data, *unlabelled]),
        test=write(tmp_path / "test.csv", test),
        eval_rows="all",
    )


def with_twins(spec: TaskSpec, twins: str | None) -> TaskData:
    return prepare(spec.model_copy(update={"twins": twins}))


def in_pool(task: TaskData) -> int:
    """Evaluation rows with a near repeat among the pool rows."""
    return int(near_repeats(task.evaluation.texts, task.pool.texts)[0].sum())


def test_few_leave_the_pool_and_are_counted(tmp_path: Path) -> None:
    spec = files(tmp_path, 4)
    task, kept = prepare(spec), with_twins(spec, "keep")
    assert in_pool(kept) >= 1
    assert in_pool(task) == 0
    assert (task.twins, task.twins_dropped) == (None, in_pool(kept))
    gone = set(kept.pool.ids) - set(task.pool.ids)
    told = codes(task)["near_repeats_dropped"]
    assert f"{len(gone)} row" in told
    assert f"{in_pool(kept)} of 200 evaluation rows" in told
    assert told.endswith(f"tuningfork run {spec.data} --test {spec.test} --eval-rows all --twins keep")
    assert kept.evaluation.ids == task.evaluation.ids


def test_many_stay_and_are_told(tmp_path: Path) -> None:
    spec = files(tmp_path, 60)
    task = prepare(spec)
    assert task.pool.ids == prepare(spec, rules=BEFORE).pool.ids
    assert task.twins is not None
    assert int(task.twins.sum()) == in_pool(task) > 4
    told = codes(task)["near_repeats"]
    assert f"{in_pool(task)} of 200 evaluation rows" in told
    assert "--twins drop" in told


@pytest.mark.parametrize("twins", [4, 60])
def test_what_is_asked_is_done_whatever_their_number(tmp_path: Path, twins: int) -> None:
    spec = files(tmp_path, twins)
    kept, dropped = with_twins(spec, "keep"), with_twins(spec, "drop")
    assert kept.pool.ids == prepare(spec, rules=BEFORE).pool.ids
    assert "near_repeats" in codes(kept)
    assert kept.twins is not None
    assert in_pool(dropped) == 0
    assert dropped.twins is None
    assert dropped.twins_dropped == int(kept.twins.sum())


def test_the_limit_is_two_percent_of_the_evaluation_rows(tmp_path: Path) -> None:
    for twins, dropped in ((4, True), (5, False)):
        folder = tmp_path / str(twins)
        folder.mkdir()
        spec = files(folder, twins).model_copy(update={"validation": write(folder / "v.csv", sentences(40, "v"))})
        assert ("near_repeats_dropped" in codes(prepare(spec))) == dropped


def test_a_pool_of_nothing_else_is_not_emptied(tmp_path: Path) -> None:
    spec = files(tmp_path, 200, rows=200)
    spec = spec.model_copy(update={"validation": write(tmp_path / "v.csv", sentences(40, "v"))})
    assert len(prepare(spec).pool) == 200
    with pytest.raises(InputError, match="nothing would be left to learn from") as refused:
        with_twins(spec, "drop")
    assert "--twins keep" in str(refused.value)


def test_validation_and_shifted_rows_are_looked_at_too(tmp_path: Path) -> None:
    data = sentences(300, "data")
    near = [[f"other words first {text.partition(' ')[2]}", label] for text, label in data[:40]]
    spec = TaskSpec(
        data=write(tmp_path / "data.csv", data),
        test=write(tmp_path / "test.csv", sentences(100, "test")),
        validation=write(tmp_path / "validation.csv", near[:20]),
        shifted=write(tmp_path / "shifted.csv", near[20:]),
    )
    notes = [note.message for note in prepare(spec).notes if note.code == "near_repeats_elsewhere"]
    assert [note.partition(" (")[0] for note in notes] == ["20 of 20 validation rows", "20 of 20 shifted rows"]
    assert len(with_twins(spec, "drop").pool) == 260


def test_unlabelled_rows_that_nearly_repeat_scored_ones_are_left_out(tmp_path: Path) -> None:
    spec = files(tmp_path, 0, aside=30)
    assert len(prepare(spec).unlabelled) == 0
    assert "30 unlabelled rows" in codes(prepare(spec))["dropped_from_unlabelled"]
    assert len(with_twins(spec, "keep").unlabelled) == 30


@pytest.mark.parametrize("rules", [BEFORE, RULES_OF_SCHEMA_1])
def test_studies_that_began_earlier_keep_their_rows(tmp_path: Path, rules: SplitRules) -> None:
    spec = files(tmp_path, 4, aside=3)
    old = prepare(spec, rules=rules)
    assert len(old.pool) + len(old.validation) == 300
    assert old.twins is not None, "they are told there too"
    assert old.fingerprint != prepare(spec).fingerprint


def test_rows_without_near_repeats_are_split_as_ever(tmp_path: Path) -> None:
    spec = files(tmp_path, 0)
    assert prepare(spec).fingerprint == prepare(spec, rules=BEFORE).fingerprint
    assert with_twins(spec, "drop").fingerprint == prepare(spec).fingerprint
    assert prepare(spec).twins is None


def test_the_mask_is_of_the_evaluation_rows_in_their_order(tmp_path: Path) -> None:
    task = prepare(files(tmp_path, 60))
    begins = np.array([text.startswith("other words first") for text in task.evaluation.texts])
    assert task.twins is not None
    assert not (task.twins & ~begins).any()
