"""`compare` on files whose rows repeat texts or come in groups."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tuningfork.cli.app import run_app

Rows = Sequence[dict[str, str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, rows: Rows) -> str:
    with Path(name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return name


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run_app(["compare", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run_app(["compare", *arguments]) == 0
    return " ".join(capsys.readouterr().out.split())


def tickets(copies: int) -> tuple[Rows, Rows, Rows]:
    """Gold, and answers of two systems, the second 8 points ahead: 120 texts, each so many times."""
    rng = random.Random(0)
    labels = [rng.choice(["refund", "delivery"]) for _ in range(120)]
    other = {"refund": "delivery", "delivery": "refund"}
    order = rng.sample(range(120), 120)
    wrong = set(order[:36]), set(order[26:52])

    def answers(which: int) -> Rows:
        found = [other[label] if i in wrong[which] else label for i, label in enumerate(labels)]
        return [{"prediction": label} for _ in range(copies) for label in found]

    gold = [
        {"text": f"Ticket {i}" if copy == 0 else f"ticket  {i} ", "label": label, "customer": f"c{i // 3}"}
        for copy in range(copies)
        for i, label in enumerate(labels)
    ]
    return gold, answers(0), answers(1)


def test_equal_texts_of_the_gold_file_are_one_draw(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once = [write(f"{name}1.csv", rows) for name, rows in zip("gab", tickets(1), strict=True)]
    thrice = [write(f"{name}3.csv", rows) for name, rows in zip("gab", tickets(3), strict=True)]
    alone, copied = as_json(capsys, *once), as_json(capsys, *thrice)
    assert (alone["n"], alone["n_units"], copied["n"], copied["n_units"]) == (120, 120, 360, 120)
    assert copied["ci95"] == pytest.approx(alone["ci95"], abs=0.01)
    assert copied["p_value"] == pytest.approx(alone["p_value"], abs=0.04)
    assert copied["call"] == "undecided"
    told = said(capsys, *thrice)
    assert told.startswith(
        "360 rows, 120 different texts (column 'text' of g3.csv): equal texts are one draw. b3.csv and a3.csv cannot"
    )
    assert "draw" not in said(capsys, *once)
    hidden = write("hidden.csv", [{"label": row["label"]} for row in tickets(3)[0]])
    assert as_json(capsys, hidden, *thrice[1:])["call"] == "b", "by rows it looks decided"


def test_texts_may_stand_in_a_file_of_answers_only(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, a, b = tickets(3)
    bare = write("gold.csv", [{"id": str(i), "label": row["label"]} for i, row in enumerate(gold)])
    told = [
        {"id": str(i), "message": row["text"], **answer} for i, (row, answer) in enumerate(zip(gold, b, strict=True))
    ]
    files = [bare, write("a.csv", a), write("b.csv", told[::-1])]
    assert as_json(capsys, *files)["n_units"] == 120
    assert "column 'message' of b.csv" in said(capsys, *files)


def test_a_text_column_with_a_name_of_its_own_can_be_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, a, b = tickets(3)
    own = [{"wording": row["text"], "label": row["label"]} for row in gold]
    files = [write("g.csv", own), write("a.csv", a), write("b.csv", b)]
    assert as_json(capsys, *files)["n_units"] == 360
    assert as_json(capsys, *files, "--text", "wording")["n_units"] == 120
    assert run_app(["compare", *files, "--text", "wordin"]) == 2
    assert "did you mean 'wording'? Say which with --text" in " ".join(capsys.readouterr().err.split())


def test_rows_of_a_group_are_one_draw(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, a, b = tickets(1)
    gold = [{**row, "customer": "" if i == 0 else row["customer"]} for i, row in enumerate(gold)]
    files = [write("g.csv", gold), write("a.csv", a), write("b.csv", b)]
    assert as_json(capsys, *files, "--group", "customer")["n_units"] == 41, "a row without a group stands alone"
    told = said(capsys, *files, "--group", "customer")
    assert told.startswith("120 rows, 41 groups (column 'customer'): rows of one group are one draw. b.csv and")
    assert run_app(["compare", *files, "--group", "custmer"]) == 2
    assert "g.csv, column 'custmer': no such column; did you mean 'customer'?" in " ".join(
        capsys.readouterr().err.split()
    )


def test_texts_and_groups_together(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [write(f"{name}.csv", rows) for name, rows in zip("gab", tickets(3), strict=True)]
    told = said(capsys, *files, "--group", "customer")
    assert "120 different texts (column 'text' of g.csv), 40 groups (column 'customer')" in told
    assert "equal texts and rows of one group are one draw; 40 draws in all." in told


def test_few_draws_are_called_few(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, a, b = tickets(1)
    by_ten = [{**row, "customer": f"c{i // 10}"} for i, row in enumerate(gold)]
    files = [write("g.csv", by_ten), write("a.csv", a), write("b.csv", b)]
    assert "are one draw. They are few: below 20" in said(capsys, *files, "--group", "customer")
    assert "They are few" not in said(capsys, *files)


def test_each_of_several_pairs_has_its_draws(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, a, b = tickets(3)
    files = [write("g.csv", gold), write("a.csv", a), write("b.csv", b), write("c.csv", a)]
    assert [pair["n_units"] for pair in as_json(capsys, *files)] == [120, 120, 120]
