"""`compare`: several runs of a recipe, rows without an answer, the system in use, and what is written."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from sklearn.metrics import accuracy_score
from statsmodels.stats.multitest import multipletests

import tuningfork as tf
from tuningfork.cli.app import run_app

LABELS = ["refund", "delivery", "other"]
ROWS = 300


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write("gold.csv", [{"id": i, "label": label} for i, label in enumerate(GOLD)])
    return tmp_path


def write(name: str, rows: Sequence[dict[str, Any]]) -> str:
    with Path(name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return name


def answers(share: float, seed: int) -> list[str]:
    """Right with this probability."""
    rng = random.Random(seed)
    return [label if rng.random() < share else rng.choice(LABELS) for label in GOLD]


def file_of(name: str, given: Sequence[str], **columns: Sequence[Any]) -> str:
    rows = zip(given, *columns.values(), strict=True)
    return write(
        name, [{"id": i, "prediction": a, **dict(zip(columns, more, strict=True))} for i, (a, *more) in enumerate(rows)]
    )


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert run_app(["compare", "gold.csv", *arguments]) == code
    return capsys.readouterr().out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    return json.loads(told(capsys, *arguments, "--json", code=code))


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run_app(["compare", "gold.csv", *arguments]) == 2
    return " ".join(capsys.readouterr().err.split())


GOLD = [random.Random(9).choice(LABELS) for _ in range(1)] + [random.Random(i).choice(LABELS) for i in range(1, ROWS)]
RUNS = [answers(0.85, seed) for seed in range(5)]


def test_runs_in_a_column_or_in_files_are_the_runs_that_the_library_takes(capsys: pytest.CaptureFixture[str]) -> None:
    a = file_of("a.csv", answers(0.6, 99))
    shuffled = [{"id": i, "run": r, "prediction": run[i]} for r, run in enumerate(RUNS) for i in range(ROWS)]
    random.Random(0).shuffle(shuffled)
    column = as_json(capsys, a, write("b.csv", shuffled))
    files = [file_of(f"b{r}.csv", run) for r, run in enumerate(RUNS)]
    several = as_json(capsys, a, f"tuned={','.join(files)}")
    expected = tf.compare(GOLD, answers(0.6, 99), np.array(RUNS).T, runs=True)
    for found in (column, several):
        assert (found["difference"], found["ci95"]) == (
            pytest.approx(expected.difference),
            pytest.approx(list(expected.ci95)),
        )
        assert (found["call"], found["changed"]) == (expected.call, pytest.approx(expected.changed))
        assert found["systems"][1]["runs"] == 5
    assert (column["b"], several["b"]) == ("b.csv", "tuned")
    assert "tuned: 5 runs of one recipe: one a file." in told(capsys, a, f"tuned={','.join(files)}")
    assert "b.csv: 5 runs of one recipe: column 'run'." in told(capsys, a, "b.csv")


def test_two_runs_name_no_winner_and_one_of_each_is_a_trained_model(capsys: pytest.CaptureFixture[str]) -> None:
    a = file_of("a.csv", answers(0.6, 99))
    two = [{"id": i, "seed": r, "prediction": run[i]} for r, run in enumerate(RUNS[:2]) for i in range(ROWS)]
    found = as_json(capsys, a, write("b.csv", two))
    assert (found["call"], "few_seeds" in found["cautions"]) == ("undecided", True)
    constant = [{"id": i, "seed": 7, "prediction": answer} for i, answer in enumerate(RUNS[0])]
    assert as_json(capsys, a, write("one.csv", constant))["systems"][1]["runs"] == 1


def test_runs_of_other_rows_and_rows_without_a_run_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    a = file_of("a.csv", answers(0.6, 99))
    apart = [{"id": i, "run": r, "prediction": RUNS[r][i]} for r in range(2) for i in range(149 * r, 149 * r + 151)]
    assert "its runs answer 2 of 300 rows in common" in refused(capsys, a, write("b.csv", apart))
    some = [{"id": i, "run": r or "", "prediction": run[i]} for r, run in enumerate(RUNS) for i in range(ROWS)]
    assert "b.csv, row 1, column 'run': no run here" in refused(capsys, a, write("b.csv", some))


def test_a_row_without_an_answer_is_left_out_and_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = answers(0.7, 1), answers(0.9, 2)
    first = file_of("a.csv", a)
    some = write("b.csv", [{"id": i, "prediction": b[i]} for i in range(ROWS) if i % 5])
    found = as_json(capsys, first, some)
    kept = [i for i in range(ROWS) if i % 5]
    there = [[side[i] for i in kept] for side in (GOLD, a, b)]
    expected = tf.compare(*there)
    assert (found["n"], found["score_a"], found["ci95"]) == (240, expected.score_a, pytest.approx(list(expected.ci95)))
    alone = found["systems"][0]
    assert (alone["score"], alone["answered"]) == (pytest.approx(accuracy_score(GOLD, a)), ROWS)
    assert (found["systems"][1]["answered"], found["systems"][1]["rows"]) == (240, 300)
    out = told(capsys, first, some)
    assert out.startswith("b.csv: answers 240 of 300 rows; the others are left out of its comparisons.")
    assert "240 of 300" in out


def test_a_text_that_is_the_beginning_of_a_missing_one_is_no_answer_to_it(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [f"the message with the number {i}" for i in range(ROWS)]
    write("gold.csv", [{"text": text, "label": label} for text, label in zip(texts, GOLD, strict=True)])
    rows = [{"text": text, "prediction": label} for text, label in zip(texts, GOLD, strict=True)]
    found = as_json(capsys, write("a.csv", rows), write("b.csv", rows[:200]))
    assert (found["n"], found["score_b"], found["systems"][1]["answered"]) == (200, 1.0, 200)


def test_an_empty_answer_is_an_error_and_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    a = file_of("a.csv", ["" if i < 30 else label for i, label in enumerate(GOLD)])
    found = as_json(capsys, a, file_of("b.csv", GOLD))
    assert (found["score_a"], found["systems"][0]["invalid"]) == (0.9, 30)
    assert found["systems"][0]["invalid_most_often"] == {"": 30}
    out = told(capsys, a, "b.csv")
    assert out.startswith("a.csv: 30 of 300 answers are no label of this task (most often empty)")
    assert "30 (empty)" in out


def test_answers_that_are_mostly_no_labels_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    said = [label if i % 5 == 0 else f"It is about {label}" for i, label in enumerate(GOLD)]
    complaint = refused(capsys, file_of("a.csv", said), file_of("b.csv", GOLD))
    assert "a.csv, column 'prediction': only 60 of 300 answers are labels of this task" in complaint
    assert "'It is about" in complaint


def test_one_file_may_have_an_answer_column_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    a = file_of("a.csv", answers(0.7, 1))
    b = write(
        "b.csv", [{"id": i, "one": x, "two": y} for i, (x, y) in enumerate(zip(GOLD, answers(0.7, 3), strict=True))]
    )
    assert as_json(capsys, a, b, "--answer-column", "b.csv=one")["score_b"] == 1.0
    assert as_json(capsys, a, b, "--answer-column", "b.csv=two")["score_b"] < 1.0
    assert "no FILE=COLUMN of a file" in refused(capsys, a, b, "--answer-column", "c.csv=one")
    assert "column 'three': no such column" in refused(capsys, a, b, "--answer-column", "b.csv=three")


def test_pairs_are_corrected_as_statsmodels_does(capsys: pytest.CaptureFixture[str]) -> None:
    files = [file_of(f"{name}.csv", answers(share, seed)) for seed, (name, share) in enumerate(NAMED)]
    found = as_json(capsys, *files)
    assert [(pair["a"], pair["b"]) for pair in found] == [(x, y) for i, x in enumerate(files) for y in files[i + 1 :]]
    corrected = multipletests([pair["p_value"] for pair in found], method="holm")[1]
    assert [pair["p_holm"] for pair in found] == pytest.approx(list(corrected))
    assert told(capsys, *files).splitlines()[0] == (
        "d.csv and c.csv cannot be told apart on these rows; d.csv is better than a.csv and b.csv."
    )


NAMED = [("a", 0.4), ("b", 0.45), ("c", 0.89), ("d", 0.9)]


def test_the_system_in_use_is_left_for_one_that_is_no_worse_and_cheaper(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(4)
    dear, cheap = ([scale * (1 + rng.random()) for _ in GOLD] for scale in (0.002, 0.0001))
    a = file_of("a.csv", GOLD[:-30] + ["other"] * 30, usd=dear)
    b = file_of("b.csv", GOLD[:-27] + ["other"] * 27, cost_usd=cheap)
    found = as_json(capsys, a, b, "--incumbent", "a.csv")
    saved = 1000 * (np.array(dear) - np.array(cheap))
    interval = scipy.stats.ttest_1samp(saved, 0).confidence_interval()
    assert found["saving"]["usd_per_1k"] == pytest.approx(saved.mean())
    assert found["saving"]["ci95"] == pytest.approx([interval.low, interval.high])
    (advice,) = found["advice"]
    assert (advice["name"], advice["what"], advice["shown"]) == ("b.csv", "switch", "same")
    assert "Switch to b.csv: it is no worse by the margin of 3 points" in told(capsys, a, b, "--incumbent", "a.csv")
    back = as_json(capsys, a, b, "--incumbent", "b.csv")
    assert (back["advice"][0]["what"], back["advice"][0]["name"]) == ("keep", "a.csv")
    assert "saves $-" in back["advice"][0]["why"]
    unpriced = as_json(capsys, file_of("c.csv", GOLD[:-30] + ["other"] * 30), b, "--incumbent", "c.csv")
    assert (unpriced["saving"], unpriced["advice"][0]["what"]) == (None, "keep")


@pytest.mark.parametrize(
    ("share", "failing"),
    [(0.99, set()), (0.5, {"worse", "not-shown-no-worse"}), (0.88, {"undecided", "not-shown-no-worse"})],
)
def test_a_build_fails_on_what_it_was_told_to_fail_on(
    share: float, failing: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    old = file_of("old.csv", answers(0.9, 11))
    new = file_of("new.csv", answers(share, 12))
    for what in ("worse", "undecided", "not-shown-no-worse"):
        code = 3 if what in failing else 0
        found = as_json(capsys, old, new, "--incumbent", "old.csv", "--fail-on", what, code=code)
        assert found["b"] == "new.csv"


def test_what_cannot_be_asked_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = file_of("a.csv", GOLD), file_of("b.csv", GOLD)
    assert "--fail-on needs the system in use. Add --incumbent" in refused(capsys, a, b, "--fail-on", "worse")
    assert "a.csv" in refused(capsys, a, b, "--incumbent", "aa.csv")
    assert "not-shown-no-worse" in refused(capsys, a, b, "--incumbent", a, "--fail-on", "bad")
    assert "'x=' names no file" in refused(capsys, a, "x=")
    assert "one file of answers" in refused(capsys, a)
    write("gold.csv", [{"id": 0, "label": "refund"}])
    assert "gold.csv: one row tells nothing apart" in refused(capsys, a, b)
    write("gold.csv", [{"id": i, "label": label, "who": "me"} for i, label in enumerate(GOLD)])
    assert "gold.csv: its 300 rows are one draw" in refused(capsys, a, b, "--group", "who")


def test_what_the_files_tell_of_each_answer_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    sure = [0.9 if i % 2 else 0.7 for i in range(ROWS)]
    a = file_of("a.csv", GOLD, confidence=sure, latency_ms=[250] * ROWS)
    found = as_json(capsys, a, file_of("b.csv", answers(0.9, 2)))["systems"]
    assert found[0]["ece"] == pytest.approx(0.2), "always right, and 80 % sure in the mean"
    assert (found[0]["seconds_per_row"], found[0]["usd_per_1k"]) == (0.25, None)
    assert (found[1]["ece"], found[1]["seconds_per_row"]) == (None, None)
    shown = told(capsys, a, "b.csv")
    assert "calibration error" in shown
    assert "s a row" in shown
    assert "$ a thousand" not in shown


def test_files_of_one_name_in_two_folders_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("x", "y"):
        Path(folder).mkdir()
    a, b = file_of("x/p.csv", answers(0.7, 1)), file_of("y/p.csv", answers(0.9, 2))
    assert "x (a) against y (b)" in told(capsys, a, b)
    assert "p.csv (a) against p.csv (2) (b): The same" in told(capsys, a, a)
    assert [(pair["a"], pair["b"]) for pair in as_json(capsys, a, b, a)] == [(a, b), (a, a), (b, a)]


def test_markdown_is_two_tables_and_makes_no_markup_of_names(capsys: pytest.CaptureFixture[str]) -> None:
    a, b = file_of("a_*b*.csv", answers(0.7, 1)), file_of("b.csv", answers(0.9, 2))
    lines = told(capsys, a, b, "--markdown").splitlines()
    assert lines[0] == r"**b.csv is better than a\_\*b\*.csv.**"
    tables = [line for line in lines if line.startswith("|")]
    assert {line.count(" | ") for line in tables[:4]} == {2}
    assert {line.count(" | ") for line in tables[4:]} == {9}
    assert lines[-1] == "Accuracy, margin 3 points, intervals at 95 %."


def test_the_page_asks_nothing_of_any_network_and_shows_every_pair(capsys: pytest.CaptureFixture[str]) -> None:
    files = [file_of(f"{name}<b>.csv", answers(share, seed)) for seed, (name, share) in enumerate(NAMED)]
    told(capsys, *files, "--out", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "<b>.csv" not in page
    assert "&lt;b&gt;.csv" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org", "")
    assert page.count('class="mark plain"') == 12, "six pairs, drawn wide and narrow"
    told(capsys, *files, "--out", "page.html", "--incumbent", files[0])
    assert Path("page.html").read_text(encoding="utf-8").count('class="mark plain"') == 6
