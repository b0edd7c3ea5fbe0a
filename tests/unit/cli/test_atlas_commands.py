"""`tuningfork atlas` as it is typed."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tuningfork.cli.app import run_app


def test_models_as_a_table_at_80_letters(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run_app(["atlas", "models", "--open", "--commercial", "--max-params", "8B", "--context", "32k"]) == 0
    out, err = capsys.readouterr()
    assert "Qwen3-4B" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "more may fit" in err


def test_models_as_json_and_csv_agree(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["atlas", "models", "--branch", "encoder-only", "--sort", "name"]
    assert run_app([*asked, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert run_app([*asked, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [model["name"] for model in told["models"]] == [row["name"] for row in rows]
    assert {"BERT", "RoBERTa", "LegalBERT"} <= {row["name"] for row in rows}
    assert told["left_out_unknown"] > 0


def test_the_limit_holds_the_table_short_and_0_lifts_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["atlas", "models", "--limit", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) <= 7
    assert run_app(["atlas", "models", "--limit", "0"]) == 0
    assert len(capsys.readouterr().out.splitlines()) > 1000


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["models", "--max-params", "8X"], "'8X' is no amount"),
        (["models", "--domain", "legall"], "did you mean 'legal'"),
        (["models", "--since", "last year"], "is no date"),
        (["models", "--sort", "size"], "no order 'size'"),
        (["models", "--open", "--closed"], "--open and --closed"),
        (["show", "gtp-4o"], "did you mean 'GPT-4o'"),
        (["show", "qqqqqq"], "the atlas has no model 'qqqqqq'"),
    ],
)
def test_a_wrong_invocation_is_exit_2_and_says_what_to_do(
    typed: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app(["atlas", *typed]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in " ".join(err.split())


def test_show_tells_facts_sources_and_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["atlas", "show", "chinchilla"]) == 0
    out = capsys.readouterr().out
    assert "DeepMind" in out
    assert "Gopher (2021)" in out
    assert "CC BY 4.0" in out
    assert run_app(["atlas", "show", "Chinchilla", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ancestors"] == ["Gopher"]
    assert "Sparrow" in told["descendants"]
    assert told["sources"]["date"].startswith("epoch: ")


def test_trends_as_text_json_and_picture(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = tmp_path / "trends.svg"
    assert run_app(["atlas", "trends", "--svg", str(target), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["observations"]
    drawn = ElementTree.parse(target).getroot()
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    marks = drawn.findall(".//{http://www.w3.org/2000/svg}circle[@class='value-dot']")
    hollow = drawn.findall(".//{http://www.w3.org/2000/svg}circle[@class='partial']")
    known = [point for found in told for point in found["series"] if point["value"] is not None]
    assert len(marks) + len(hollow) == len(known)
    assert "http" not in target.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert run_app(["atlas", "trends"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    for found in told:
        assert found["statement"] in text
        assert found["caveat"].split(";")[0][:40] in text


def test_tree_of_the_survey_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["atlas", "tree", "--survey", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert len(told["models"]) == 62
    assert set(told["models"][0]) == {"name", "branch", "organisation", "date", "access", "parent"}
    assert told["organisations"]["Meta"] == {"open": 6, "closed": 0}
    assert told["organisations"]["OpenAI"] == {"open": 2, "closed": 5}


def test_tree_as_a_picture_and_json_at_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    picture = tmp_path / "tree.svg"
    assert run_app(["atlas", "tree", "--survey", "--svg", str(picture), "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["models"]) == 62
    assert "tree.svg" in err.replace("\n", "")
    assert ElementTree.parse(picture).getroot().get("role") == "img"


def test_tree_filters_hold_for_all_that_it_tells(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [
        "--organisation",
        "meta",
        "--access",
        "open",
        "--branch",
        "decoder-only",
        "--since",
        "2023",
        "--until",
        "2024",
    ]
    assert run_app(["atlas", "tree", *asked, "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert "LLaMA" in {model["name"] for model in models}
    assert {model["access"] for model in models} == {"open"}
    assert {model["branch"] for model in models} == {"decoder-only"}
    assert {model["date"][:4] for model in models} == {"2023", "2024"}


def test_tree_on_the_terminal_shows_so_many_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["atlas", "tree", "--leaves", "70"]) == 0
    out, err = capsys.readouterr()
    assert sum("─ " in line for line in out.splitlines()) == 70
    assert "branch is not known" in err


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["--survey", "--access", "open"], "leave out --access"),
        (["--access", "opne"], "did you mean 'open'"),
        (["--branch", "decoder"], "did you mean 'decoder-only'"),
        (["--since", "2050"], "no model of a known branch meets --since 2050"),
        (["--leaves", "0"], "leaves"),
    ],
)
def test_tree_says_what_is_wrong(capsys: pytest.CaptureFixture[str], typed: list[str], said: str) -> None:
    assert run_app(["atlas", "tree", *typed]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
