"""A kind of answer, a type, a metric, a target and an arm of another package go through everything, by their entry
points alone: no file of the package knows of them."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import study_runs
import tuningfork
from llm_servers import Asked, ScriptedServer
from study_runs import Ended, own_cache
from toy_site import CUPS, install, write_rows
from tuningfork.study.ledger import LEDGER_FILE

ARMS = ("--arm", "linear", "--arm", "head:wordllama", "--arm", "numeral")
TYPE = ("--type", "cups")


class Desk:
    """A folder with the rows, the installed package beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site, self.cache = folder, install(folder / "site"), own_cache(folder)
        write_rows(folder / "cups.csv")

    def types(self, *arguments: str) -> Ended:
        path = os.pathsep.join([str(self.site), str(Path(tuningfork.__file__).parents[1])])
        return study_runs.tuningfork(*arguments, cwd=self.folder, PYTHONPATH=path, TUNINGFORK_CACHE=str(self.cache))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("cups"))


@pytest.fixture(scope="module")
def study(desk: Desk) -> Ended:
    return desk.types("run", "cups.csv", *TYPE, *ARMS, "--out", "study", "--yes", "--seeds", "5")


@pytest.fixture(scope="module")
def verdict(desk: Desk, study: Ended) -> dict[str, Any]:
    assert study.code == 0, study.err
    found: dict[str, Any] = json.loads((desk.folder / "study" / "verdict.json").read_text(encoding="utf-8"))
    return found


def test_the_plan_reads_the_fields_and_tells_the_margin_in_the_metrics_unit(desk: Desk) -> None:
    done = desk.types("plan", "cups.csv", *TYPE, *ARMS)
    assert done.code == 0, done.err
    told = " ".join(done.out.split())
    assert "Judged by cups served, margin 0.5 cups" in told
    assert "dish from 'dish', guests from 'guests', label from 'cups'" in told
    assert "It can show" not in told, "how far counts spread is not known before they are seen"


def test_every_arm_learns_and_answers_counts(verdict: dict[str, Any]) -> None:
    arms = {row["arm"]: row for row in verdict["arms"]}
    assert {row["status"] for row in arms.values()} == {"done"}
    assert 0 < arms["numeral"]["invalid"] < 1, "where a row names no number it gives none"
    assert arms["head:wordllama"]["score"] > arms["numeral"]["score"] + 1
    assert all(row["accuracy"] is None and row["ece"] is None for row in arms.values())
    assert all(row["metrics"]["cups_served"] == row["score"] for row in arms.values())
    assert arms["numeral"]["metrics"]["cups_off"] > arms["linear"]["metrics"]["cups_off"]


def test_the_verdict_is_in_the_metrics_own_unit(verdict: dict[str, Any]) -> None:
    assert (verdict["task_type"], verdict["metric"], verdict["unit"]) == ("cups", "cups_served", "cups")
    assert verdict["margin"] == 0.5
    assert verdict["recommendation"] == "fine-tune"
    assert verdict["comparison"]["difference"] > 1, "cups, of ten"
    assert " cups apart [" in verdict["reason"]
    assert "point" not in json.dumps([verdict["reason"], verdict["flips"], verdict["next_step"]])
    assert verdict["disagreement"] is None and verdict["confusions"] == [], "counts are more or less near"


def test_a_field_alone_is_measured_beside_the_best_answer_that_is_always_the_same(verdict: dict[str, Any]) -> None:
    rows = {row["field"]: row for row in verdict["shortcuts"]}
    assert set(rows) == {"dish", "guests"}
    assert all(7 < row["constant"] < 9.5 for row in rows.values())


def test_the_screen_speaks_of_answers_and_not_of_labels(study: Ended) -> None:
    told = " ".join(study.out.split())
    assert "of the answers of numeral are no valid answer" in told
    assert "cups apart" in told and "points" not in told


def test_the_report_is_drawn_from_the_folder_again(desk: Desk, verdict: dict[str, Any]) -> None:
    page = desk.folder / "study" / "report.html"
    page.unlink()
    done = desk.types("report", "study")
    assert done.code == 0, done.err
    html = page.read_text(encoding="utf-8")
    assert "margin 0.5 cups" in html and "cups served" in html
    own = re.sub(r"Findings .*?</details>", "", html, flags=re.DOTALL)  # of others, in their units
    assert not re.search(r"\d points?\b", own), "no difference is told in another unit"


def test_nothing_runs_again(desk: Desk, verdict: dict[str, Any]) -> None:
    """The ledger has the kind's own bytes, and the trials' keys its question."""
    before = (desk.folder / "study" / LEDGER_FILE).stat().st_size
    again = desk.types("run", "cups.csv", *TYPE, *ARMS, "--out", "study", "--yes", "--seeds", "5")
    assert again.code == 0, again.err
    found = json.loads((desk.folder / "study" / "verdict.json").read_text(encoding="utf-8"))
    assert found["comparison"] == verdict["comparison"]
    assert (desk.folder / "study" / LEDGER_FILE).stat().st_size <= before + 65536


def test_of_an_error_less_is_better(desk: Desk, verdict: dict[str, Any]) -> None:
    """The same answers by how many cups they are off: told as they are, the lowest first, for the same arm."""
    asked = ("--metric", "cups_off", "--out", "study", "--yes", "--seeds", "5")
    done = desk.types("run", "cups.csv", *TYPE, *ARMS, *asked)
    assert done.code == 0, done.err
    found = json.loads((desk.folder / "study" / "verdict.json").read_text(encoding="utf-8"))
    assert (found["metric"], found["unit"], found["margin"]) == ("cups_off", "cups", 0.5)
    assert found["chosen_arm"] == verdict["chosen_arm"]
    for row in found["arms"]:
        low, high = row["ci95"]
        assert 0 <= low <= row["score"] <= high
        assert row["validation_score"] is None or row["validation_score"] >= 0
    compared = found["comparison"]
    assert compared["difference"] == pytest.approx(compared["score_llm"] - compared["score_fine_tuned"])
    assert compared["difference"] > 1
    lines = [line for line in done.out.splitlines() if "numeral" in line or "WordLlama emb" in line]
    assert "WordLlama" in next(line for line in lines if line.lstrip("> ").startswith(("WordLlama", "numeral")))
    html = (desk.folder / "study" / "report.html").read_text(encoding="utf-8")
    assert "Fine-tuning is ahead from" in html and "stays ahead up to" not in html


def test_a_cell_that_is_no_answer_is_named_with_its_row(desk: Desk) -> None:
    with (desk.folder / "cups.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[7][2] = "about three"
    with (desk.folder / "wrong.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    done = desk.types("plan", "wrong.csv", *TYPE, *ARMS)
    assert done.code == 2
    told = " ".join(done.err.split())
    assert "'about three' is no answer of type cups: it is no whole number from 0 up" in told
    assert "wrong.csv" in told and "row 7" in told and "cups" in told


def test_a_margin_with_its_unit_and_one_in_another(desk: Desk) -> None:
    for margin, code, told in (("2 cups", 0, "margin 2 cups"), ("2 points", 2, "cups served is told in cups")):
        task = f"data: cups.csv\ntype: cups\nmargin: {margin}\nstudy: {{arms: [linear, numeral]}}\n"
        (desk.folder / "task.yaml").write_text(task, encoding="utf-8")
        done = desk.types("plan", "task.yaml")
        assert done.code == code, done.err
        assert told in " ".join((done.out + done.err).split())


def test_a_model_is_asked_for_the_kind_in_the_types_own_words(desk: Desk) -> None:
    """A server that counts as the rows were made, but for bread, of which it only talks."""

    def counts(asked: Asked) -> str:
        found = re.search(r"Dish: (.+)\nGuests: (.+)\nCups:$", asked.text)
        assert found is not None, asked.text
        dish, guests = (
            next(cups for name, cups in known.items() if name in text)
            for known, text in zip(CUPS, found.groups(), strict=True)
        )
        return "Let me think." if "bread" in found[1] else str(dish + guests)

    with ScriptedServer(counts, obedient=False, logprobs=False) as server:
        arms = ("--arm", f"prompt:m@{server.url}?local=yes&shots=3&draws=1", "--arm", "head:wordllama")
        refused = desk.types("plan", "cups.csv", *TYPE, "--arm", f"prompt:m@{server.url}?wording=2")
        done = desk.types("run", "cups.csv", *TYPE, *arms, "--out", "prompted", "--yes", "--seeds", "3")
        schemas = server.sent("response_format")
        shown = [[m["content"] for m in one.body["messages"] if m["role"] == "assistant"] for one in server.requests]
    assert done.code == 0, done.err
    assert "have 1 wordings" in " ".join((refused.out + refused.err).split())
    (row,) = [
        row
        for row in json.loads((desk.folder / "prompted" / "verdict.json").read_text(encoding="utf-8"))["arms"]
        if row["arm"].startswith("prompt:")
    ]
    assert row["status"] == "done"
    assert 0.1 < row["invalid"] < 0.35, "one dish of five is bread"
    assert row["score"] == pytest.approx(10 * (1 - row["invalid"]))
    assert schemas[0]["json_schema"]["schema"] == {"type": "integer", "minimum": 0, "maximum": 99}
    assert all(len(examples) == 3 and all(one.isdigit() for one in examples) for examples in shown)
    assert row["not_read"]["answer"] == "Let me think."


def test_an_arm_that_cannot_do_the_kind_is_said_so_before_anything_runs(desk: Desk) -> None:
    done = desk.types("plan", "cups.csv", *TYPE, *ARMS, "--arm", "finetune:minilm")
    assert "finetune" in done.out + done.err
