"""The page of one model."""

from __future__ import annotations

import re

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.facts import facts_as_dict, facts_text


@pytest.mark.parametrize(
    "name", ["BERT", "Llama 3.1-8B", "GPT-4o mini", "Mamba-2.8B", "TransfoRNN(d=1024)(2-layer) (WT2)"]
)
def test_every_number_of_a_source_is_explained_and_used(name: str) -> None:
    text = facts_text(load(), load().get(name))
    facts, _, notes = text.partition("\nSources\n")
    used = set(re.findall(r"\[(\d+)\]", facts))
    told = set(re.findall(r"^ \[(\d+)\]", notes, re.MULTILINE))
    assert used == told != set()


def test_what_is_not_known_is_named() -> None:
    text = facts_text(load(), load().get("GPT-4o mini"))
    line = text[text.index("not known") :].partition("\n\n")[0]
    assert "parameters" in line
    assert "context" not in line


def test_lines_fit_a_terminal() -> None:
    for model in load().models[::40]:
        for line in facts_text(load(), model, width=80).splitlines():
            assert len(line) <= 80 or "http" in line or " " not in line.strip()


def test_the_family_is_told_both_ways() -> None:
    told = facts_as_dict(load(), load().get("Alpaca"))
    assert told["ancestors"] == ["LLaMA"]
    assert "Alpaca" in facts_as_dict(load(), load().get("LLaMA"))["descendants"]
    text = facts_text(load(), load().get("Alpaca"))
    assert "trained from LLaMA" in " ".join(text.split())


def test_a_row_with_a_source_of_its_own_is_told_under_it() -> None:
    """Of a collection whose rows were each gathered from another page, the page counts and not the collection's."""
    for name in ("all-mpnet-base-v2", "ModernBERT"):
        model = load().get(name)
        _, _, notes = facts_text(load(), model).partition("\nSources\n")
        assert f"(facts only), {model.link}" in " ".join(notes.split())
