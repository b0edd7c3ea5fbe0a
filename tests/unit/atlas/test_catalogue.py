"""The committed catalogue: what it must hold, and how it is asked."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tuningfork.atlas.catalogue import Catalogue, load, parse
from tuningfork.errors import InputError, UnknownName


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def test_there_are_a_thousand_language_models_and_no_name_twice(catalogue: Catalogue) -> None:
    assert len(catalogue) >= 1000
    keys = Counter("".join(letter for letter in model.name.casefold() if letter.isalnum()) for model in catalogue)
    assert len({model.name for model in catalogue}) == len(catalogue)
    assert not [key for key, times in keys.items() if times > 2]


def test_every_known_fact_has_a_source_that_exists(catalogue: Catalogue) -> None:
    for model in catalogue:
        told = model.as_dict()
        known = {
            name
            for name, value in told.items()
            if value not in (None, [], "unknown") and name not in ("name", "aliases", "sources", "organisation")
        }
        assert known == set(model.sources), model.name
        for source in model.sources.values():
            kind, _, row = source.partition(": ")
            assert row
            assert row in catalogue.rules if kind == "rule" else kind in {"correction", *catalogue.sources}


def test_every_model_of_figure_1_is_there_with_its_facts(catalogue: Catalogue, shared_data: Path) -> None:
    figure = shared_data.parent / "survey" / "figure1.csv"
    if not figure.is_file():
        pytest.skip(f"the survey's figure is not at {figure}")
    with figure.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = {model.survey.name: model for model in catalogue.survey() if model.survey}
    assert len(rows) == len(shown) == len(catalogue.survey()) == 62
    for row in rows:
        facts = shown[row["model"]].survey
        assert facts is not None
        told = (facts.branch, facts.parent or "", facts.organisation, facts.access, str(facts.year))
        assert told == (row["branch"], row["parent"], row["organisation"], row["access"], row["year_in_figure"])


def test_models_of_figure_1_lack_nothing_that_the_tree_draws(catalogue: Catalogue) -> None:
    for model in catalogue.survey():
        assert model.branch != "unknown"
        assert model.organisations
        assert model.date is not None
        assert model.access != "unknown"


def test_every_row_of_the_list_of_encoders_is_one_model_with_the_rows_facts(
    catalogue: Catalogue, shared_data: Path
) -> None:
    listed = shared_data / "atlas" / "encoders_2021_2026.csv"
    if not listed.is_file():
        pytest.skip(f"the list of encoders is not at {listed}")
    with listed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len({catalogue.get(row["name"]).name for row in rows}) == 306
    for row in rows:
        model = catalogue.get(row["name"])
        told = (model.branch, model.access, model.relation or "", model.link)
        assert told == (row["branch"], row["access"] or "unknown", row["relation"], row["link"]), row["name"]
        assert bool(model.parent) == bool(row["parent"])
        if not row["parent"].startswith("Gemma 3 "):
            assert not row["parent"] or model.parent == catalogue.get(row["parent"]).name
        for field in ("parameters", "context", "licence", "objective"):
            assert not row[field] or str(getattr(model, field)) == row[field], (row["name"], field)
        assert not row["languages"] or ";".join(model.languages) == row["languages"]


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("ATLAS", "encoder-decoder"),
        ("BiomedGPT (182M)", "encoder-decoder"),
        ("ALM 1.0", "encoder-decoder"),
        ("NLM", "decoder-only"),
    ],
)
def test_branches_are_corrected_from_their_papers(catalogue: Catalogue, name: str, branch: str) -> None:
    model = catalogue.get(name)
    assert model.branch == branch
    assert model.sources["branch"].startswith("correction: ")


@pytest.mark.parametrize(
    ("name", "parent", "relation"),
    [
        ("Ettin encoder 17M", "Ettin encoder 1B", "version of"),
        ("mT5-base", "mT5", "version of"),
        ("all-MiniLM-L12-v2", "MiniLM", "trained from"),
        ("T5Gemma 2 4B-4B", "Gemma 3 27B", "trained from"),
        ("EmbeddingGemma", "Gemma 3 27B", "trained from"),
        ("BioBERT", "BERT", "follows"),
        ("SeamlessM4T v2", "SeamlessM4T-large", "follows"),
    ],
)
def test_well_known_lines(catalogue: Catalogue, name: str, parent: str, relation: str) -> None:
    model = catalogue.get(name)
    assert (model.parent, model.relation) == (parent, relation)


def test_a_model_told_by_two_sources_is_one(catalogue: Catalogue) -> None:
    """The list of encoders and Epoch's both have SeamlessM4T's second version; Epoch's row wins where both speak."""
    model = catalogue.get("SeamlessM4T")
    assert model.name == "SeamlessM4T v2"
    assert model.sources["date"].startswith("epoch: ")
    assert model.sources["branch"].startswith("encoders: ")


@pytest.mark.parametrize(
    ("name", "branch", "organisation", "access"),
    [
        ("BERT", "encoder-only", "Google", "open"),
        ("T5", "encoder-decoder", "Google", "open"),
        ("GPT-4o mini", "decoder-only", "OpenAI", "closed"),
        ("Mixtral 8x7B", "decoder-only", "Mistral AI", "open"),
        ("ELMo", "non-transformer", "AI2", "open"),
        ("Mamba-2.8B", "non-transformer", "Carnegie Mellon University", "open"),
        ("NLLB", "encoder-decoder", "Meta", "open"),
        ("ModernBERT", "encoder-only", "Answer.AI", "open"),
        ("all-mpnet-base-v2", "encoder-only", "Sentence Transformers", "open"),
        ("potion-base-8M", "non-transformer", "Minish Lab", "open"),
        ("T5Gemma 2 270M-270M", "encoder-decoder", "Google", "open"),
    ],
)
def test_well_known_facts(catalogue: Catalogue, name: str, branch: str, organisation: str, access: str) -> None:
    model = catalogue.get(name)
    assert (model.branch, model.organisation, model.access) == (branch, organisation, access)


def test_names_are_found_by_alias_and_spelling(catalogue: Catalogue) -> None:
    assert catalogue.get("gpt 4o-MINI").name == "GPT-4o mini"
    assert catalogue.get("GPT-3 175B (davinci)").name == "GPT-3"


def test_an_unknown_name_brings_near_ones(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownName, match="Mixtral 8x7B"):
        catalogue.get("Mixtrall 8x7")
    with pytest.raises(InputError, match="no model 'zzzzqqqq'"):
        catalogue.get("zzzzqqqq")


def test_ancestors_and_descendants_are_each_others_mirror(catalogue: Catalogue) -> None:
    alpaca = catalogue.get("Alpaca")
    assert [model.name for model in catalogue.ancestors(alpaca)] == ["LLaMA"]
    llama = catalogue.get("LLaMA")
    assert alpaca in catalogue.descendants(llama)
    for model in catalogue.descendants(llama):
        assert llama in catalogue.ancestors(model)


def test_without_a_model_its_children_are_orphans(catalogue: Catalogue) -> None:
    less = catalogue.without(["LLaMA"])
    assert len(less) == len(catalogue) - 1
    alpaca = less.get("Alpaca")
    assert alpaca.parent is None
    assert alpaca.relation is None
    assert "parent" not in alpaca.sources


def test_dates_become_places_on_a_time_axis(catalogue: Catalogue) -> None:
    gpt4 = catalogue.get("GPT-4")
    assert gpt4.date is not None
    assert gpt4.when == pytest.approx(2023.2, abs=0.02)
    whens = [model.when for model in catalogue if model.when is not None]
    assert min(whens) > 2012
    assert max(whens) < float(catalogue.built[:4]) + 1


def test_a_file_of_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema version 99"):
        parse({"schema_version": 99, "models": [], "sources": {}, "rules": {}, "built": "2026-01-01"})
