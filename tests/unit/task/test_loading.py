"""From files to rows in their roles: what is kept, what is left out, and what is said about it."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import polars
import pytest

from task_files import codes, examples, write
from tuningfork.errors import InputError, UnknownName
from tuningfork.task.loading import prepare, prepare_table
from tuningfork.task.schema import TaskData, TaskSpec
from tuningfork.task.split_rules import RULES_OF_SCHEMA_1
from tuningfork.task.table import Table
from tuningfork.task.to_label import NoLabelledRows, write_rows_to_label

Rows = Sequence[Sequence[str]]


def sizes(task: TaskData) -> tuple[int, int, int]:
    return len(task.pool), len(task.validation), len(task.evaluation)


# ---- roles


@pytest.mark.parametrize(
    ("n", "eval_rows", "expected"),
    [
        (100, None, (48, 12, 40)),
        (2000, None, (1200, 300, 500)),
        (2000, "all", (960, 240, 800)),
        (2000, 120, (1504, 376, 120)),
        (6000, None, (4500, 1000, 500)),
        (1000, 700, (480, 120, 400)),
        (3, None, (2, 0, 1)),
        (2, None, (1, 0, 1)),
    ],
)
def test_one_file_is_split_in_shares(tmp_path: Path, n: int, eval_rows: int | None, expected: tuple[int, ...]) -> None:
    task = prepare(TaskSpec(data=write(tmp_path / "rows.csv", examples(n)), eval_rows=eval_rows))
    assert sizes(task) == expected
    ids = [*task.pool.ids, *task.validation.ids, *task.evaluation.ids]
    assert sorted(ids, key=lambda i: int(i.split(":")[1])) == [f"rows.csv:{row}" for row in range(1, n + 1)]
    assert ("eval_rows_clipped" in codes(task)) == (eval_rows == 700)
    assert ("few_evaluation_rows" in codes(task)) == (expected[2] < 50)


@pytest.mark.parametrize(
    ("group", "fingerprint"),
    [
        (None, "8302ebf0d8c533491da2c0c405ef3476835a5dea466dfa868dafd9dffdd475ee"),
        ("customer", "b05916b5b617563778b3bb3894464f2d01c2e9c1a230928c0838b1c000a03627"),
    ],
)
def test_studies_made_with_fewer_validation_rows_are_split_as_they_were(
    tmp_path: Path, group: str | None, fingerprint: str
) -> None:
    """The fingerprints are those of the last version that took at most 200."""
    rows = [[f"message number {i % 1800}", ("yes", "no")[i % 2], f"c{i % 700}"] for i in range(2500)]
    data = write(tmp_path / "rows.csv", rows, ("text", "label", "customer"))
    spec = TaskSpec(data=data, text="text", label="label", group=group)
    old = prepare(spec, rules=RULES_OF_SCHEMA_1)
    assert old.fingerprint == fingerprint
    assert sizes(old) == (1800, 200, 500)
    assert sizes(prepare(spec)) == (1600, 400, 500)
    assert prepare(spec).evaluation.ids == old.evaluation.ids


def test_every_row_keeps_its_text_label_and_id(tmp_path: Path) -> None:
    rows = examples(60, ["a", "b", "c"])
    task = prepare(TaskSpec(data=write(tmp_path / "rows.csv", rows)))
    for role in (task.pool, task.validation, task.evaluation):
        for row_id, text, gold in zip(role.ids, role.texts, role.gold, strict=True):
            assert [text, task.labels.values[gold]] == rows[int(row_id.split(":")[1]) - 1]


def test_spec_is_filled_in(tmp_path: Path) -> None:
    task = prepare(TaskSpec(data=write(tmp_path / "tickets.csv", examples(20), ["Message", "Intent"])))
    assert (task.spec.name, task.spec.text, task.spec.label) == ("tickets", "Message", "Intent")
    assert task.metric == "accuracy"


def test_test_validation_and_shifted_files(tmp_path: Path) -> None:
    data = [*examples(50), ["Shared with TEST!", "yes"], ["shared with shift", "no"], ["shared with ranking", "no"]]
    test = [*examples(600, of="test"), ["shared, with test", "no"]]
    ranking = [*examples(30, of="ranking"), ["shared with ranking", "yes"], ["shared with test", "yes"]]
    spec = TaskSpec(
        data=write(tmp_path / "data.csv", data),
        test=write(tmp_path / "test.csv", test),
        validation=write(tmp_path / "ranking.csv", ranking),
        shifted=write(tmp_path / "shift.csv", [*examples(9, of="shift"), ["Shared with shift.", "yes"]]),
    )
    task = prepare(spec)
    assert sizes(task) == (50, 31, 500)
    assert task.shifted is not None and len(task.shifted) == 10
    assert {row_id.split(":")[0] for row_id in task.evaluation.ids} == {"test.csv"}
    said = codes(task)
    assert said["dropped_from_pool"].startswith("3 rows of data.csv")
    assert said["dropped_from_validation"].startswith("1 row of ranking.csv")
    assert said["evaluation_subset"].startswith("500 of 601 rows of test.csv")
    assert sizes(prepare(spec.model_copy(update={"eval_rows": "all"})))[2] == 601


def test_fewer_test_rows_are_a_prefix_of_more(tmp_path: Path) -> None:
    data, test = write(tmp_path / "d.csv", examples(40)), write(tmp_path / "t.csv", examples(300, of="test"))
    few = prepare(TaskSpec(data=data, test=test, eval_rows=70))
    more = prepare(TaskSpec(data=data, test=test, eval_rows=200))
    assert more.evaluation.ids[:70] == few.evaluation.ids
    assert few.pool.ids == more.pool.ids


def test_groups_stay_together_across_files_too(tmp_path: Path) -> None:
    header = ["text", "label", "user"]
    data = write(tmp_path / "d.csv", [[*row, f"user {i % 12}"] for i, row in enumerate(examples(120))], header)
    test = write(tmp_path / "t.csv", [["something else", "yes", "user 3"], ["and more", "no", ""]], header)
    alone = prepare(TaskSpec(data=data, group="user"))
    in_pool, in_evaluation = set(alone.pool.groups or ()), set(alone.evaluation.groups or ())
    assert in_pool and in_evaluation and not in_pool & in_evaluation
    with_test = prepare(TaskSpec(data=data, test=test, group="user"))
    assert set(with_test.evaluation.groups or ()) == {"user 3", "t.csv:2"}
    assert "user 3" not in {*(with_test.pool.groups or ()), *(with_test.validation.groups or ())}
    assert len(with_test.pool) + len(with_test.validation) == 110


def test_groups_too_large_for_the_evaluation_set(tmp_path: Path) -> None:
    rows = [[*row, str(i // 700)] for i, row in enumerate(examples(1400))]
    data = write(tmp_path / "d.csv", rows, ["text", "label", "site"])
    task = prepare(TaskSpec(data=data, group="site"))
    assert len(task.evaluation) == 500
    assert len(set(task.evaluation.groups or ())) == 1
    assert len(task.pool) == 700
    assert codes(task)["dropped_from_evaluation"].startswith("200 rows left out")


def test_unlabelled_rows_are_kept_aside_unless_they_repeat_a_scored_row(tmp_path: Path) -> None:
    rows = examples(30)
    first = prepare(TaskSpec(data=write(tmp_path / "d.csv", rows)))
    repeated = [[first.evaluation.texts[0].upper(), ""], [first.pool.texts[0], ""], ["a new one", " "]]
    task = prepare(TaskSpec(data=write(tmp_path / "d.csv", [*rows, *repeated])))
    assert task.evaluation.ids == first.evaluation.ids
    assert set(task.unlabelled.texts) == {first.pool.texts[0], "a new one"}
    assert set(task.unlabelled.gold.tolist()) == {-1}
    assert codes(task)["unlabelled_rows"].startswith("3 rows")
    assert codes(task)["dropped_from_unlabelled"].startswith("1 unlabelled row")


def test_unlabelled_rows_of_a_test_file_are_left_out(tmp_path: Path) -> None:
    test = write(tmp_path / "t.csv", [*examples(60, of="test"), ["no label", ""]])
    task = prepare(TaskSpec(data=write(tmp_path / "d.csv", examples(30)), test=test))
    assert len(task.evaluation) == 60
    assert codes(task)["unlabelled_rows_ignored"].startswith("1 row of t.csv")


# ---- sameness of a study


def test_order_of_the_file_changes_nothing_the_seed_does(tmp_path: Path) -> None:
    rows = examples(200, ["a", "b", "c"])
    forth = prepare(TaskSpec(data=write(tmp_path / "forth.csv", rows)))
    back = prepare(TaskSpec(data=write(tmp_path / "back.csv", rows[::-1])))
    other = prepare(TaskSpec(data=write(tmp_path / "forth.csv", rows), seed=1))
    for role in ("pool", "validation", "evaluation"):
        assert getattr(forth, role).texts == getattr(back, role).texts
        assert getattr(forth, role).texts != getattr(other, role).texts


def test_fingerprint_tells_studies_apart(tmp_path: Path) -> None:
    rows = examples(40)
    path = tmp_path / "d.csv"

    def fingerprint(rows: Rows, **options: object) -> str:
        return prepare(TaskSpec(data=write(path, rows), **options)).fingerprint

    first = fingerprint(rows)
    assert fingerprint(rows, margin=0.01, metric="macro_f1") == first
    relabelled = [*rows[:-1], [rows[-1][0], "yes"]]
    others = {
        fingerprint(relabelled),
        fingerprint(rows[:-1]),
        fingerprint(rows, seed=1),
        fingerprint(rows, eval_rows=5),
    }
    assert len(others) == 4 and first not in others


# ---- ids


def test_an_id_column_gives_the_ids_where_it_can(tmp_path: Path) -> None:
    header = ["ID", "text", "label"]
    data = [[str(i), *row] for i, row in enumerate(examples(20))]
    task = prepare(TaskSpec(data=write(tmp_path / "d.csv", data, header)))
    assert {*task.pool.ids, *task.validation.ids, *task.evaluation.ids} == {str(i) for i in range(20)}
    data[3][0] = "0"
    assert set(prepare(TaskSpec(data=write(tmp_path / "d.csv", data, header))).pool.ids) <= {
        f"d.csv:{i + 1}" for i in range(20)
    }


def test_ids_are_unique_over_files_and_scored_rows_keep_theirs(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    header = ["id", "text", "label"]
    data = write(tmp_path / "rows.csv", [[str(i), *row] for i, row in enumerate(examples(20))], header)
    test = [[str(i), *row] for i, row in enumerate(examples(20, of="test"))]
    task = prepare(TaskSpec(data=data, test=write(tmp_path / "test/rows.csv", test, header)))
    assert set(task.evaluation.ids) == {str(i) for i in range(20)}
    assert all(row_id.startswith("data:rows.csv:") for row_id in task.pool.ids)


# ---- odd rows and labels


def test_labels_that_look_like_something_else_stay_as_written(tmp_path: Path) -> None:
    odd = [
        "1",
        "1.0",
        "True",
        "2024-01-31",
        "😀",
        "a, b",
        'say "x"',
        "two\nlines",
        "بله",
        "e\u0301",
        "no",
        "not",
    ]
    task = prepare(TaskSpec(data=write(tmp_path / "d.csv", examples(140, odd))))
    assert task.labels.values == tuple(sorted(odd))


def test_blanks_around_labels_go_and_case_stays(tmp_path: Path) -> None:
    task = prepare(TaskSpec(data=write(tmp_path / "d.csv", examples(40, ["yes", " yes", "Yes", "no "]))))
    assert task.labels.values == ("Yes", "no", "yes")
    assert "'no', 'yes'" in codes(task)["stripped_labels"]
    assert "Yes / yes" in codes(task)["similar_labels"]


def test_empty_texts_repeats_and_contradictions_are_said(tmp_path: Path) -> None:
    rows = [
        *examples(60),
        ["", "yes"],
        [" \t", "no"],
        ["Again?", "yes"],
        ["again", "yes"],
        ["same", "yes"],
        ["same", "no"],
    ]
    said = codes(prepare(TaskSpec(data=write(tmp_path / "d.csv", rows))))
    assert said["empty_texts"].startswith("2 rows of d.csv")
    assert said["duplicates_kept_together"].startswith("4 rows of d.csv")
    assert said["contradicting_duplicates"].startswith("1 text of d.csv (2 rows)")


def test_half_characters_are_replaced_and_nul_refused(tmp_path: Path) -> None:
    rows = [{"text": text, "label": label} for text, label in examples(20)]
    rows[4]["text"] = "broken \ud83d emoji"
    path = tmp_path / "d.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    task = prepare(TaskSpec(data=path))
    assert "broken \ufffd emoji" in {*task.pool.texts, *task.validation.texts, *task.evaluation.texts}
    assert codes(task)["replaced_surrogates"].startswith("1 text of d.jsonl")
    rows[6]["label"] = "y\0"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    with pytest.raises(InputError, match="row 7, column 'label': holds a NUL"):
        prepare(TaskSpec(data=path))


def test_labels_only_the_evaluation_rows_have(tmp_path: Path) -> None:
    test = write(tmp_path / "t.csv", [*examples(60, of="test"), ["odd one", "oos"]])
    task = prepare(TaskSpec(data=write(tmp_path / "d.csv", examples(30)), test=test))
    assert task.labels.values == ("no", "oos", "yes")
    assert "'oos'" in codes(task)["labels_unseen_in_pool"]


def test_a_column_that_is_no_label_is_suspected(tmp_path: Path) -> None:
    rows = [[f"text {i}", f"comment {i * 7}"] for i in range(60)]
    assert codes(prepare(TaskSpec(data=write(tmp_path / "d.csv", rows))))["many_labels"].startswith(
        "60 labels in 60 rows"
    )


def test_metric_follows_the_pool_or_the_user(tmp_path: Path) -> None:
    data = write(tmp_path / "d.csv", examples(200, ["a"] * 9 + ["b"]))
    assert prepare(TaskSpec(data=data)).metric == "macro_f1"
    assert prepare(TaskSpec(data=data, metric="Accuracy")).metric == "accuracy"
    with pytest.raises(UnknownName, match="did you mean 'macro_f1'"):
        prepare(TaskSpec(data=data, metric="macrof1"))


def test_label_names_reach_the_labels(tmp_path: Path) -> None:
    names = tmp_path / "names.yaml"
    names.write_text("0: ham\n1: {name: spam, description: Not asked for.}\n")
    data = write(tmp_path / "d.csv", examples(40, ["0", "1"]))
    assert "unnamed_labels" in codes(prepare(TaskSpec(data=data)))
    task = prepare(TaskSpec(data=data, label_names=names))
    assert (task.labels.values, task.labels.names) == (("0", "1"), ("ham", "spam"))
    assert "unnamed_labels" not in codes(task)


# ---- formats agree


def test_csv_jsonl_parquet_and_memory_give_the_same_rows(tmp_path: Path) -> None:
    rows = examples(80, ["a", "b", "c"])
    table = {"text": [row[0] for row in rows], "label": [row[1] for row in rows]}
    lines = tmp_path / "d.jsonl"
    lines.write_text("\n".join(json.dumps(dict(zip(table, row, strict=True))) for row in rows))
    polars.DataFrame(table).write_parquet(tmp_path / "d.parquet")
    tasks = [
        prepare(TaskSpec(data=write(tmp_path / "d.csv", rows))),
        prepare(TaskSpec(data=lines)),
        prepare(TaskSpec(data=tmp_path / "d.parquet")),
        prepare_table(TaskSpec(data=Path("memory")), Table.from_columns(table)),
    ]
    for role in ("pool", "validation", "evaluation"):
        assert len({getattr(task, role).texts for task in tasks}) == 1
        assert len({getattr(task, role).gold.tobytes() for task in tasks}) == 1


def test_tables_in_memory_for_every_role() -> None:
    def table(of: str, n: int) -> Table:
        rows = examples(n, of=of)
        return Table.from_columns({"text": [r[0] for r in rows], "label": [r[1] for r in rows]}, source=of)

    task = prepare_table(
        TaskSpec(data=Path("memory")),
        table("data", 50),
        test=table("test", 20),
        validation=table("ranking", 10),
        shifted=table("shift", 5),
    )
    assert sizes(task) == (50, 10, 20)
    assert task.shifted is not None and set(task.shifted.ids) == {f"shift:{row}" for row in range(1, 6)}


# ---- what cannot be a task


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([["a", "x"], ["b", "x"]], "column 'label': only one class: every labelled row is 'x'"),
        ([["a", "x"], ["b", ""]], "only one class"),
        ([["same", "x"], ["Same!", "y"]], "belong together"),
        ([["", "x"], [" ", "y"]], "no row has a text"),
    ],
)
def test_rows_that_are_no_task(tmp_path: Path, rows: Rows, problem: str) -> None:
    with pytest.raises(InputError, match=f"d.csv.*{problem}") as caught:
        prepare(TaskSpec(data=write(tmp_path / "d.csv", rows)))
    assert caught.value.remedy


def test_pool_that_is_wholly_in_the_test_file(tmp_path: Path) -> None:
    data, test = write(tmp_path / "d.csv", examples(20)), write(tmp_path / "t.csv", examples(20))
    with pytest.raises(InputError, match=r"nothing would be left to train on.*in the test"):
        prepare(TaskSpec(data=data, test=test))


def test_contradictory_options(tmp_path: Path) -> None:
    data = write(tmp_path / "d.csv", examples(20))
    (tmp_path / "link.csv").symlink_to(data)
    with pytest.raises(InputError, match="is given twice, as data and as test"):
        prepare(TaskSpec(data=data, test=tmp_path / "link.csv"))
    with pytest.raises(InputError, match="-1 evaluation rows are none"):
        prepare(TaskSpec(data=data, eval_rows=-1))
    with pytest.raises(InputError, match=r"t.csv: no row has a label"):
        prepare(TaskSpec(data=data, test=write(tmp_path / "t.csv", [["a", ""]])))


@pytest.mark.parametrize("header", [["text", "label"], ["id", "text"], ["text"]])
def test_no_labelled_row_gives_rows_to_label_first(tmp_path: Path, header: list[str]) -> None:
    cells = {"text": "Text, number {}", "label": "", "id": "{}"}
    rows = [[cells[name].format(i // 2) for name in header] for i in range(400)]
    with pytest.raises(NoLabelledRows, match=r"no row has a label.*100 random rows") as caught:
        prepare(TaskSpec(data=write(tmp_path / "d.csv", rows, header)))
    asked = caught.value
    assert len(set(asked.rows.texts)) == 100
    out = tmp_path / "to_label.csv"
    write_rows_to_label(out, asked.rows, asked.spec)
    with out.open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [row["text"] for row in written] == list(asked.rows.texts)
    assert {row["label"] for row in written} == {""}
    write(out, [[row["text"], "ab"[i % 2]] for i, row in enumerate(written)])
    assert sizes(prepare(TaskSpec(data=out))) == (48, 12, 40)


# ---- real rows


@pytest.mark.parametrize(
    ("name", "labels", "train", "test", "metric"),
    [
        ("sst2", 2, 6920, 1821, "accuracy"),
        ("tweet_emotion", 4, 3257, 1421, "accuracy"),
        ("banking77", 77, 10003, 3080, "accuracy"),
        ("clinc150", 150, 15000, 4500, "accuracy"),
    ],
)
def test_real_rows(shared_data: Path, name: str, labels: int, train: int, test: int, metric: str) -> None:
    folder = shared_data / name
    task = prepare(TaskSpec(data=folder / "train.csv", test=folder / "test.csv", eval_rows="all"))
    dropped, near = (
        int(codes(task).get(code, "0 rows").split()[0]) for code in ("dropped_from_pool", "near_repeats_dropped")
    )
    assert len(task.labels) == labels
    assert len(task.evaluation) == test
    assert len(task.validation) == min(1000, (train - dropped) // 5)
    assert len(task.pool) + len(task.validation) + dropped + near == train
    assert task.metric == metric
    assert not {text.lower() for text in task.pool.texts} & {text.lower() for text in task.evaluation.texts}
