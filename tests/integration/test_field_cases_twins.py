"""Files as people have them: hidden labels, rare labels, near repeats. What the commands say, and what they decide."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from study_runs import Ended, own_cache, read_csv, typed, verdict_of, write_csv

SHORT = ("--label-counts", "16,32", "--seeds", "3", "--budget-minutes", "2", "--out", "out", "--yes")
LINEAR = ("--arm", "linear")
ELSEWHERE = ("--arm", "predictions:llm.csv?side=llm")
FEW_ROWS = ("--label-counts", "32", "--seeds", "3", "--budget-minutes", "2", "--out", "out", "--yes")


@pytest.fixture
def case(shared_cases: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A copy of a case's folder."""
    copy = tmp_path / "case"
    shutil.copytree(shared_cases / request.param, copy)
    return copy


@pytest.fixture
def cache(tmp_path: Path) -> str:
    return str(own_cache(tmp_path))


def plain(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())


def notes(folder: Path, *arguments: str) -> dict[str, str]:
    """Messages by code of a plan."""
    planned = typed("plan", *arguments, "--json", cwd=folder)
    assert planned.code == 0, planned.err
    return {note["code"]: note["message"] for note in json.loads(planned.out)["notes"]}


def refused(ended: Ended) -> str:
    assert ended.code == 2
    assert not ended.out
    return plain(ended.err)


# ---- hidden and unfinished labels


@pytest.mark.parametrize(
    ("case", "labels", "arms"),
    [
        ("06-hidden-test-labels", "'0', '1', '2'", LINEAR),
        (
            "61-hidden-labels-with-llm",
            "'account', 'delivery', 'refund'",
            (*LINEAR, "--arm", "prompt:m@http://127.0.0.1:9"),
        ),
        ("67-hidden-labels-predictions", "'account', 'delivery', 'refund'", (*LINEAR, *ELSEWHERE)),
    ],
    indirect=["case"],
)
def test_a_test_file_of_hidden_labels_is_refused(case: Path, labels: str, arms: Sequence[str]) -> None:
    for command in (
        ("run", "train.csv", "--test", "test.csv", *arms, *SHORT),
        ("plan", "train.csv", "--test", "test.csv"),
    ):
        told = refused(typed(*command, cwd=case))
        assert f"test.csv, column 'label': no row has a label of train.csv ({labels})" in told
        assert "every labelled row says '-1'" in told
        assert told.endswith("leave --test out: tuningfork run train.csv")
    assert not (case / "out").exists()


@pytest.mark.parametrize("case", ["06-hidden-test-labels"], indirect=True)
@pytest.mark.parametrize(
    ("hidden", "told"),
    [("?", "says '?'"), ("unlabeled", "says 'unlabeled'"), ("nobody", "says 'nobody'"), ("2.5", "says '2.5'")],
)
def test_so_are_other_words_for_hidden_labels(case: Path, hidden: str, told: str) -> None:
    write_csv(case / "test.csv", [{**row, "label": hidden} for row in read_csv(case / "test.csv")])
    assert told in refused(typed("plan", "train.csv", "--test", "test.csv", cwd=case))
    assert told in refused(typed("plan", "train.csv", "--shifted", "test.csv", cwd=case))


@pytest.mark.parametrize("case", ["67-hidden-labels-predictions"], indirect=True)
def test_the_remedy_works_as_it_stands(case: Path) -> None:
    assert typed("plan", "train.csv", *LINEAR, cwd=case).code == 0


@pytest.mark.parametrize("case", ["67-hidden-labels-predictions"], indirect=True)
def test_half_hidden_labels_leave_the_other_half_to_decide(case: Path, cache: str) -> None:
    answers = {row["text"]: row["prediction"] for row in read_csv(case / "llm.csv")}
    rows = read_csv(case / "test.csv")
    half = [{**row, "label": answers[row["text"]] if n % 2 else "-1"} for n, row in enumerate(rows)]
    write_csv(case / "test.csv", half)
    ended = typed(
        "run", "train.csv", "--test", "test.csv", *LINEAR, *ELSEWHERE, *SHORT, cwd=case, TUNINGFORK_CACHE=cache
    )
    assert ended.code == 0, ended.err
    verdict = verdict_of(case / "out")
    scores = {arm["arm"]: (arm["score"], arm["n_eval"]) for arm in verdict["arms"]}
    assert scores["predictions:llm.csv?side=llm"] == (1.0, len(rows) // 2)
    assert "placeholder_labels" in [warning["code"] for warning in verdict["warnings"]]
    assert "labelled '-1'" in plain(ended.out), "on the first screen"


@pytest.mark.parametrize("case", ["06-hidden-test-labels"], indirect=True)
@pytest.mark.parametrize("none", ["?", "#N/A", "nan", "-1"])
def test_unfinished_rows_of_the_labelled_file_are_unlabelled(case: Path, none: str) -> None:
    rows = read_csv(case / "train.csv")
    write_csv(
        case / "train.csv", [{**row, "label": none if n % 5 == 0 else row["label"]} for n, row in enumerate(rows)]
    )
    told = notes(case, "train.csv", *LINEAR)
    assert f"30 rows of train.csv, labelled '{none}', were taken as unlabelled" in told["placeholder_labels"]
    assert told["unlabelled_rows"].startswith("30 rows")
    assert "'0', '1', '2'." in told["unnamed_labels"]


@pytest.mark.parametrize("case", ["67-hidden-labels-predictions"], indirect=True)
def test_all_rows_of_a_test_file_with_the_first_label_are_told(case: Path) -> None:
    write_csv(case / "test.csv", [{**row, "label": "account"} for row in read_csv(case / "test.csv")])
    told = notes(case, "train.csv", "--test", "test.csv", *LINEAR)
    assert "Every labelled row of test.csv has the label 'account'" in told["one_scored_label"]


# ---- rare labels


@pytest.mark.parametrize("case", ["60-rare-class"], indirect=True)
def test_one_row_of_a_label_says_nothing_and_the_plan_says_so(case: Path, cache: str) -> None:
    told = notes(case, "one.csv", *LINEAR)
    assert "'fraud' has 1 row, so it cannot be both learned and scored" in told["rare_labels"]
    assert "accuracy of 1.00" in told["one_label_dominates"]
    ended = typed("run", "one.csv", *LINEAR, *SHORT, cwd=case, TUNINGFORK_CACHE=cache)
    assert ended.code == 0, ended.err
    assert "the score says nothing about it" in plain(ended.out)
    assert "always answering that has an accuracy of 1.00" in plain(ended.out)


@pytest.mark.parametrize("case", ["60-rare-class"], indirect=True)
def test_two_rows_of_a_label_have_a_score_that_is_defined(case: Path, cache: str) -> None:
    told = notes(case, "two.csv", *LINEAR)
    assert "'fraud' 2" in told["rare_labels"]
    assert "judged by accuracy" in told["metric_not_defined"]
    ended = typed("run", "two.csv", *LINEAR, *SHORT, cwd=case, TUNINGFORK_CACHE=cache)
    assert ended.code == 0, ended.err
    (arm,) = verdict_of(case / "out")["arms"]
    assert arm["score"] == 1.0
    assert "is not defined on" not in ended.out
    asked = notes(case, "two.csv", *LINEAR, "--metric", "macro_f1")
    assert asked["metric_not_defined"].endswith("tuningfork run two.csv --metric accuracy")


@pytest.mark.parametrize("case", ["60-rare-class"], indirect=True)
def test_a_test_file_without_the_rare_label_is_told_too(case: Path) -> None:
    rows = read_csv(case / "two.csv")
    write_csv(case / "test.csv", [{"text": f"{row['text']} or so", "label": "ok"} for row in rows[:100]])
    told = notes(case, "two.csv", "--test", "test.csv", *LINEAR)
    assert "'fraud'" in told["labels_not_scored"]
    assert "Every labelled row of test.csv has the label 'ok'" in told["one_scored_label"]
    assert "judged by accuracy" in told["metric_not_defined"]


@pytest.mark.parametrize("case", ["60-rare-class"], indirect=True)
def test_more_of_a_label_in_the_test_file_is_told(case: Path) -> None:
    rows = read_csv(case / "two.csv")
    test = [{"text": f"{row['text']} {n}", "label": "fraud" if n % 3 else "ok"} for n, row in enumerate(rows[:120])]
    write_csv(case / "test.csv", test)
    told = notes(case, "two.csv", "--test", "test.csv", *LINEAR)
    assert "'fraud' 0.5 % of the pool, 67 % of test.csv" in told["label_shares_differ"]


# ---- near repeats


def pairs(shared_data: Path, folder: Path, between: str, *, tested: int = 500) -> None:
    """A pair task in one text, each premise with several hypotheses, split at random; and answers that do not learn."""
    data = shared_data / "nli_counterfactual"
    rows = {
        f"{row['premise']}{between}{row['hypothesis']}": row["label"]
        for name in ("shifted_counterfactual_test.csv", "test.csv")
        for row in read_csv(data / name)
    }
    draw = random.Random(0)
    records = [{"text": text, "label": label} for text, label in sorted(rows.items())]
    draw.shuffle(records)
    write_csv(folder / "test.csv", records[:tested])
    write_csv(folder / "train.csv", records[tested:])
    labels = sorted(set(rows.values()))
    answers = [row["label"] if draw.random() < 0.5 else draw.choice(labels) for row in records]
    write_csv(
        folder / "llm.csv",
        [{"text": row["text"], "prediction": answer} for row, answer in zip(records, answers, strict=True)],
    )


@pytest.mark.parametrize("between", [" [SEP] ", "\n", " => "])
def test_pairs_that_share_a_premise_are_in_the_first_sentence(
    shared_data: Path, tmp_path: Path, cache: str, between: str
) -> None:
    pairs(shared_data, tmp_path, between)
    ended = typed(
        "run", "train.csv", "--test", "test.csv", *LINEAR, *ELSEWHERE, *FEW_ROWS, cwd=tmp_path, TUNINGFORK_CACHE=cache
    )
    assert ended.code == 0, ended.err
    verdict = verdict_of(tmp_path / "out")
    twins = verdict["twins"]
    assert twins["of"] == 500
    assert twins["rows"] > 420
    assert twins["n"] == 500 - twins["rows"]
    first = verdict["reason"].partition(". ")[0]
    assert f"{twins['rows']} of 500 evaluation rows nearly repeat a training row: " in first
    assert f"{twins['score_llm']:.2f}" in first
    assert f"{twins['score_fine_tuned']:.2f}" in first
    assert first[-20:] in plain(ended.out)
    assert verdict["warnings"][0]["code"] == "near_repeats"
    profile = json.loads(typed("profile", "train.csv", "--test", "test.csv", "--json", cwd=tmp_path).out)
    (leak,) = profile["leakage_by_file"].values()
    assert leak["near"] >= twins["rows"]


def test_the_user_decides_and_a_folder_keeps_its_split(shared_data: Path, tmp_path: Path, cache: str) -> None:
    pairs(shared_data, tmp_path, " [SEP] ")
    arguments = ("train.csv", "--test", "test.csv", *LINEAR, *FEW_ROWS)
    dropped = typed("run", *arguments, "--twins", "drop", cwd=tmp_path, TUNINGFORK_CACHE=cache)
    assert dropped.code == 0, dropped.err
    verdict = verdict_of(tmp_path / "out")
    assert verdict["twins"]["rows"] == 0
    assert verdict["twins"]["dropped"] > 420
    assert "twins: drop" in (tmp_path / "out" / "task.yaml").read_text(encoding="utf-8")
    assert typed("report", "out", cwd=tmp_path).code == 0
    other = typed("run", *arguments, "--twins", "keep", cwd=tmp_path, TUNINGFORK_CACHE=cache)
    assert "holds a study of other rows" in plain(other.err)
    bad = typed("plan", *arguments[:3], "--twins", "maybe", cwd=tmp_path)
    assert (bad.code, "neither keep nor drop" in plain(bad.err)) == (2, True)


def test_a_folder_that_began_before_near_repeats_were_looked_for_goes_on(
    shared_data: Path, tmp_path: Path, cache: str
) -> None:
    """It has all rows in its pool, as those with `--twins keep` have, and did not write down how it was split."""
    rows = read_csv(shared_data / "sst2" / "train.csv")[:400]
    test = read_csv(shared_data / "sst2" / "test.csv")[:150]
    long = next(row for row in rows if len(row["text"].split()) > 15)
    test.append({"text": f"{long['text']} , he says", "label": long["label"]})
    write_csv(tmp_path / "train.csv", rows)
    write_csv(tmp_path / "test.csv", test)
    arguments = ("train.csv", "--test", "test.csv", *LINEAR, *FEW_ROWS)

    def run(*more: str) -> Ended:
        return typed("run", *arguments, *more, cwd=tmp_path, TUNINGFORK_CACHE=cache)

    assert run("--twins", "keep").code == 0
    with closing(sqlite3.connect(tmp_path / "out" / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("DELETE FROM facts WHERE key = 'drops_near_repeats'")
    again = run()
    assert again.code == 0, again.err
    assert "Nothing is left to run" in plain(again.err)
    assert verdict_of(tmp_path / "out")["twins"]["rows"] == 1
    shutil.rmtree(tmp_path / "out")
    fresh = run()
    assert "1 row left out of the pool: they nearly repeat 1 of 151 evaluation rows" in plain(fresh.err)
    assert verdict_of(tmp_path / "out")["twins"] == {
        **dict.fromkeys(("score_llm", "score_fine_tuned", "difference", "ci95", "call")),
        **{"rows": 0, "of": 151, "dropped": 1, "n": 151, "scores": {}},
    }


def test_ordinary_rows_lose_nothing(shared_data: Path, tmp_path: Path) -> None:
    for name in ("tweet_emotion", "imdb_counterfactual"):
        data = [str(shared_data / name / f"{part}.csv") for part in ("train", "test")]
        told = notes(tmp_path, data[0], "--test", data[1], *LINEAR)
        assert not {"near_repeats", "near_repeats_dropped", "placeholder_labels"} & told.keys()
