"""The table of models: readable at 80 letters, whole as CSV and JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.selection import Conditions, Listed, select
from tuningfork.atlas.table import as_dict, csv_table, short_amount, short_tokens, text_table


@pytest.mark.parametrize("priced", [False, True])
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_lines_are_no_wider_than_the_terminal(width: int, priced: bool) -> None:
    rows = select(load(), Conditions(since="2025-06")).listed
    lines = text_table(rows, width=width, priced=priced).splitlines()
    names = {row.model.name for row in rows}
    assert all(len(line) <= width or line in names for line in lines)
    assert names <= {name for name in names for line in lines if line.startswith(name)}


def test_at_80_letters_it_shows_what_decides_most() -> None:
    head = text_table([Listed(load().get("Qwen3-8B"))], width=80).splitlines()[0]
    assert head.split() == [
        "name",
        "date",
        "organisation",
        "params",
        "context",
        "access",
        "commercial",
        "$/M",
        "in/out",
    ]
    priced = text_table(select(load(), Conditions(max_price=1)).listed, width=80, priced=True).splitlines()[0]
    assert "$/M in/out" in priced


def test_a_long_name_stands_whole() -> None:
    long = next(model for model in load() if len(model.name) > 40)
    assert long.name in text_table([Listed(long)], width=80).splitlines()


def test_nothing_listed_is_a_head_alone() -> None:
    assert len(text_table([], width=80).splitlines()) == 1


def test_csv_has_a_row_a_model_and_leaves_unknown_empty() -> None:
    rows = select(load(), Conditions()).listed
    read = list(csv.DictReader(io.StringIO(csv_table(rows))))
    assert len(read) == len(rows)
    for row, told in zip(rows, read, strict=True):
        assert told["name"] == row.model.name
        assert told["parameters"] == ("" if row.model.parameters is None else str(row.model.parameters))
        assert "unknown" not in (told["branch"], told["access"], told["commercial"])


def test_json_has_table_1_and_the_companion_table_of_the_survey() -> None:
    told = json.loads(json.dumps(as_dict(Listed(load().get("Flan-T5")))))
    assert told["branch"] == "encoder-decoder"
    assert told["licence"] == "Apache-2.0"
    assert told["commercial"] == "yes"
    assert told["corpus"].startswith("C4")
    assert {"objective", "use", "architecture", "restrictions", "sources", "usd_per_m_prompt"} <= told.keys()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (8e9, "8B"),
        (1.5e12, "1.5T"),
        (22_700_000, "22.7M"),
        (999_900_000, "1B"),
        (7_615_616_512, "7.62B"),
        (500, "500"),
    ],
)
def test_amounts_read_short(value: float | None, text: str) -> None:
    assert short_amount(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (512, "512"),
        (2048, "2k"),
        (32_768, "32k"),
        (131_072, "128k"),
        (1_048_576, "1M"),
        (200_000, "200k"),
        (128_000, "128k"),
    ],
)
def test_windows_read_as_people_say_them(value: int | None, text: str) -> None:
    assert short_tokens(value) == text
