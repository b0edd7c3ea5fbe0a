"""Files of answers as people have them: what `compare` and the arm `predictions:` make of the field cases."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from study_runs import own_cache
from tuningfork.api import Study, Task, Verdict
from tuningfork.cli.app import run_app
from tuningfork.errors import InputError

LLM = "predictions:llm.csv?side=llm"


@pytest.fixture
def case(request: pytest.FixtureRequest, shared_cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the case whose number the test is given, as the working folder."""
    (found,) = shared_cases.glob(f"{request.param}-*")
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    folder = tmp_path / "case"
    shutil.copytree(found, folder)
    monkeypatch.chdir(folder)
    return folder


def of_case(number: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [number], indirect=True)


def scores(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run_app(["compare", *arguments, "--json"]) == 0, capsys.readouterr().err
    found = json.loads(capsys.readouterr().out)
    return found | {"scores": (round(found["score_a"], 2), round(found["score_b"], 2))}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run_app(list(arguments)) == 2
    return " ".join(capsys.readouterr().err.split())


def run(data: str, *arms: str, **options: Any) -> Verdict:
    return Study(Task.from_file(data, **options), ["linear", *arms], out="out", label_counts=(16,), seeds=1).run()


def score_of(verdict: Verdict, side: str = "llm") -> float:
    (row,) = [row for row in verdict.record.arms if row.side == side]
    assert row.score is not None
    return row.score


def share_right(data: str, answers: str, column: str, key: str) -> float:
    """Of all rows, told by one column of both files."""
    with Path(data).open(newline="") as right, Path(answers).open(newline="") as given:
        wanted = {row[key]: row["label"] for row in csv.DictReader(right)}
        found = {row[key]: row[column] for row in csv.DictReader(given)}
    return sum(found[key] == label for key, label in wanted.items()) / len(wanted)


@of_case("02")
def test_a_kept_gold_column_is_no_answer(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = run("data.csv", LLM)
    assert 0.4 < score_of(verdict) < 0.7
    found = scores(capsys, "data.csv", "llm.csv", "llm.csv")
    assert found["scores"] == (0.57, 0.57)
    assert found["read"][1]["columns"]["answer"] == "predicted"
    assert found["read"][1]["not_read"] == ["label"]


@of_case("03")
def test_codes_that_became_floats_are_codes(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scores(capsys, "gold.csv", "a.csv", "b.csv")["scores"] == (0.71, 0.55)
    found = scores(capsys, "gold.csv", "a.csv", "c.csv")
    assert (found["scores"][0], found["call"]) == (0.71, "a")


@of_case("17")
def test_ids_that_contradict_the_texts_give_way_to_them(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = scores(capsys, "gold.csv", "a.csv", "b.csv")
    assert (found["scores"], found["call"]) == ((0.70, 0.57), "a")
    assert [read["matched"] for read in found["read"]] == [None, "by text", "by id"]
    assert "contradict each other in 150 of 150 rows" in found["notes"][0]
    verdict = run("gold.csv", "predictions:a.csv?side=llm")
    assert score_of(verdict) > 0.55
    assert "answers_read_otherwise" in {warning.code for warning in verdict.record.warnings}
    by_id = scores(capsys, "gold.csv", "a.csv", "b.csv", "--match", "id")
    assert by_id["scores"] == (0.33, 0.57), "who says so gets the ids"


@of_case("55")
def test_columns_that_are_not_needed_are_not_looked_at(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.jsonl", "b.jsonl", "e.jsonl"):
        assert scores(capsys, "gold.csv", name, "d.jsonl")["scores"][1] == 0.67


@of_case("65")
def test_a_margin_with_two_readings_is_asked_back(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "0.05 points, or 5?" in refused(capsys, "compare", "gold.csv", "a.csv", "a2.csv", "--margin", "0.05")


@of_case("67")
def test_right_labels_that_nobody_ever_says_are_none(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "compare", "test.csv", "llm.csv", "llm.csv")
    assert "test.csv, column 'label': no answer in any file is one of its labels: they are '-1'" in told


@of_case("68")
def test_codes_of_names_are_refused_until_somebody_says_which_is_which(
    case: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(capsys, "run", "data.csv", "--arm", "linear", "--arm", LLM, "--yes", "--out", "out")
    assert "llm.csv, column 'prediction': no answer is a label of this task: the answers are '0', '2', '1'" in told
    assert "tuningfork run data.csv --arm linear --arm 'predictions:llm.csv?side=llm&codes=names.csv'" in told
    assert not Path("out").exists()
    Path("names.csv").write_text("label,name\n0,refund\n1,delivery\n2,account\n")
    assert score_of(run("data.csv", f"{LLM}&codes=names.csv")) > 0.75
    same = scores(capsys, "data.csv", "llm.csv", "llm.csv", "--label-names", "names.csv")
    assert same["scores"] == (0.83, 0.83)


@of_case("70")
def test_every_file_is_read_in_the_encoding_that_was_said(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "compare", "gold.csv", "a.csv", "b.csv")
    assert "tuningfork compare gold.csv a.csv b.csv --encoding cp1252" in told
    found = scores(capsys, "gold.csv", "a.csv", "b.csv", "--encoding", "cp1252")
    assert found["scores"] == (0.79, 0.68)
    verdict = run("data.csv", LLM, encoding="cp1252")
    assert score_of(verdict) == pytest.approx(0.80, abs=0.01)
    alone = f"{LLM}&encoding=cp1252&delimiter=%3B"
    assert score_of(run("data.csv", alone, encoding="cp1252")) == score_of(verdict)
    with Path("llm.csv").open(newline="", encoding="cp1252") as given, Path("mixed.csv").open("w", newline="") as mixed:
        csv.writer(mixed).writerows(csv.reader(given, delimiter=";"))
    assert score_of(run("data.csv", "predictions:mixed.csv?side=llm", encoding="cp1252")) == score_of(verdict)


@of_case("82")
def test_answers_that_are_all_blank_win_and_lose_nothing(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = refused(capsys, "compare", "gold.csv", "a.csv", "b.csv")
    assert "a.csv, column 'prediction': all 200 answers are blank" in told
    shutil.copy("a.csv", "llm.csv")
    shutil.copy("gold.csv", "texts.csv")
    rows = Path("gold.csv").read_text().splitlines()
    Path("texts.csv").write_text("id,text,label\n" + "".join(f"{r.split(',')[0]},row {r}\n" for r in rows[1:]))
    with pytest.raises(InputError, match="all 200 answers are blank"):
        run("texts.csv", LLM)


@of_case("54")
def test_texts_that_come_thrice_are_read_as_before(case: Path) -> None:
    verdict = run("train.csv", LLM, test="test3.csv", eval_rows="all")
    assert score_of(verdict) == pytest.approx(share_right("test1.csv", "llm.csv", "prediction", "text"))
