"""Which models are leaves of the tree, and what the survey's own tree must be."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.tree import LIMBS, survey_tree, tree_of


@pytest.fixture(scope="module")
def figure_rows(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data.parent / "survey" / "figure1.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_survey_tree_is_figure_1_as_it_stands(figure_rows: list[dict[str, str]]) -> None:
    told = survey_tree(load()).as_dict()["models"]
    assert {
        (m["name"], m["branch"], m["parent"] or "", m["organisation"] or "", m["access"], m["date"]) for m in told
    } == {
        (r["model"], r["branch"], r["parent"], r["organisation"], r["access"], r["year_in_figure"]) for r in figure_rows
    }
    assert len(told) == len(figure_rows)


def test_the_survey_tree_counts_what_its_bars_count(figure_rows: list[dict[str, str]]) -> None:
    counts = Counter((row["organisation"], row["access"]) for row in figure_rows if row["organisation"])
    bars = survey_tree(load()).organisations()
    assert {(name, access): n for name, bar in bars.items() for access, n in bar.items() if n} == dict(counts)
    assert bars["Google"] == {"open": 9, "closed": 7}
    assert next(iter(bars)) == "Google"


def test_a_leaf_stands_in_the_year_that_the_figure_draws_it_in() -> None:
    tree = survey_tree(load())
    assert {int(leaf.entry.when) for leaf in tree.leaves} == {2018, 2019, 2020, 2021, 2022, 2023}
    assert all(str(int(leaf.entry.when)) == leaf.entry.date for leaf in tree.leaves)


@pytest.mark.parametrize("wanted", [1, 62, 300, 5000])
def test_every_model_is_drawn_or_held_once(wanted: int) -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=wanted)
    drawn = [leaf.entry.name for leaf in tree.leaves]
    held = [name for leaf in tree.leaves for name in leaf.holds]
    by_limbs = [name for names in tree.held_by_limbs.values() for name in names]
    everything = [*drawn, *held, *by_limbs, *tree.homeless]
    assert sorted(everything) == sorted(model.name for model in catalogue if model.date)
    assert len(drawn) == min(wanted, len(everything) - len(tree.homeless))


def test_the_survey_models_are_the_last_to_collapse() -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=80)
    assert {model.name for model in catalogue.survey()} <= {leaf.entry.name for leaf in tree.leaves}


def test_no_limb_looks_dead_in_a_year_in_which_models_grew_on_it() -> None:
    catalogue = load()
    leaves = tree_of(catalogue, catalogue.models, leaves=150).leaves
    drawn = {(leaf.entry.branch, int(leaf.entry.when)) for leaf in leaves}
    assert drawn == {(model.branch, model.year) for model in catalogue if model.branch in LIMBS}
    assert {(branch, 2026) for branch in LIMBS} <= drawn


def test_a_leaf_hangs_on_a_drawn_ancestor_of_its_own_limb() -> None:
    catalogue = load()
    leaves = {leaf.entry.name: leaf for leaf in tree_of(catalogue, catalogue.models, leaves=200).leaves}
    with_parent = [leaf for leaf in leaves.values() if leaf.parent]
    assert len(with_parent) > 50
    for leaf in with_parent:
        assert leaf.parent in {ancestor.name for ancestor in catalogue.ancestors(leaf.entry.model)}
        assert leaves[leaf.parent or ""].entry.branch == leaf.entry.branch


def test_a_folded_model_lies_in_an_ancestor() -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=100)
    held = [(leaf.entry.name, name) for leaf in tree.leaves for name in leaf.holds]
    assert len(held) > 100
    assert all(home in {a.name for a in catalogue.ancestors(catalogue.get(name))} for home, name in held)


def test_models_of_unknown_branch_are_told_and_counted_but_on_no_limb() -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=100)
    assert set(tree.homeless) == {model.name for model in catalogue if model.branch == "unknown"}
    assert {leaf.entry.branch for leaf in tree.leaves} == set(LIMBS)
    assert {entry.name for entry in tree.entries} >= set(tree.homeless)


def test_a_tree_without_leaves_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one leaf"):
        tree_of(load(), load().models, leaves=0)
