"""The drawn tree: what is filled, what hollow, what its bars and words say."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import replace

import pytest

from tuningfork.atlas.catalogue import load
from tuningfork.atlas.tree import Tree, survey_tree, tree_of
from tuningfork.report.letters import text_width
from tuningfork.report.plots.atlas_tree import leaf_facts, tree_svg
from tuningfork.report.plots.organisation_bars import shown_organisations
from tuningfork.report.tree import heading, tree_text

_SVG = "{http://www.w3.org/2000/svg}"


def _drawn(tree: Tree, *, survey: bool = False) -> ElementTree.Element:
    return ElementTree.fromstring(tree_svg(tree, heading(tree, survey=survey)))


def _classed(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [found for found in root.iter() if name in (found.get("class") or "").split()]


def _leaves(root: ElementTree.Element) -> list[ElementTree.Element]:
    grown = _classed(root, "grown")[0]
    return [found for found in grown if "leaf" in (found.get("class") or "").split()]


@pytest.fixture(scope="module")
def survey() -> ElementTree.Element:
    return _drawn(survey_tree(load()), survey=True)


def test_each_model_of_the_survey_is_a_box_of_its_branch_and_access(survey: ElementTree.Element) -> None:
    drawn = {
        ("".join(_classed(leaf, "name")[0].itertext()), *(leaf.get("class") or "").split()[1:])
        for leaf in _leaves(survey)
    }
    told = [model.survey for model in load().survey()]
    assert drawn == {(facts.name, facts.branch, facts.access) for facts in told if facts}


def test_the_maker_stands_in_the_box(survey: ElementTree.Element) -> None:
    makers = Counter("".join(maker.itertext()) for maker in _classed(survey, "maker"))
    assert makers["Google"] == 16
    assert makers["BigScience/HuggingFace"] == 4


def test_bars_are_as_long_as_they_count(survey: ElementTree.Element) -> None:
    lengths: dict[str, float] = {}
    for bar in _classed(survey, "bars")[0].iter(f"{_SVG}rect"):
        if (title := bar.find(f"{_SVG}title")) is not None:
            lengths[title.text or ""] = float(bar.get("width") or 0)
    assert lengths["Google: 9 open"] == pytest.approx(1.5 * lengths["Meta: 6 open"], rel=0.01)
    assert lengths["Google: 7 closed"] == pytest.approx(7 * lengths["Cohere: 1 closed"], rel=0.02)
    assert sum("open" in told for told in lengths) + sum("closed" in told for told in lengths) == len(lengths)


def test_the_picture_tells_itself_to_those_who_do_not_see_it(survey: ElementTree.Element) -> None:
    assert survey.get("role") == "img"
    said = "".join(survey.itertext())
    assert "Encoder-decoder: 15 models, 14 open" in said
    assert "62 models of the survey's Figure 1" in said


def test_the_picture_asks_for_nothing(survey: ElementTree.Element) -> None:
    text = ElementTree.tostring(survey, encoding="unicode")
    assert "<script" not in text
    assert "url(" not in text
    assert [found.get("href") for found in survey.iter() if (found.get("href") or "#")[0] != "#"] == []


def test_what_folded_is_counted_on_leaf_and_limb() -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=80)
    root = _drawn(tree)
    counted = [int(text.split("+")[1]) for t in _classed(root, "maker") if "+" in (text := "".join(t.itertext()))]
    on_limbs = ["".join(name.itertext()) for name in _classed(root, "limb-name")]
    counted += [int(text.split("+")[1].rstrip(")")) for text in on_limbs if "+" in text]
    assert sum(counted) + 80 == len(tree.entries) - len(tree.homeless)


def test_a_name_with_markup_stays_text() -> None:
    catalogue = load()
    odd = replace(catalogue.get("GPT-2"), name="<b>&x", parent=None)
    root = _drawn(tree_of(catalogue, [odd], leaves=1))
    assert "".join(_classed(_leaves(root)[0], "name")[0].itertext()) == "<b>&x"


def test_a_single_model_is_a_tree() -> None:
    catalogue = load()
    root = _drawn(tree_of(catalogue, [catalogue.get("GPT-2")], leaves=5))
    assert len(_leaves(root)) == 1


def test_facts_on_hover_name_what_it_grew_from_and_holds() -> None:
    catalogue = load()
    tree = tree_of(catalogue, catalogue.models, leaves=80)
    told = {leaf.entry.name: leaf_facts(leaf) for leaf in tree.leaves}
    assert "Meta; 2019-07-01; open weights; encoder-only; grew from BERT" in told["RoBERTa"]
    assert "more: " in told["BERT"]


def test_bars_beyond_the_limit_are_summed_up() -> None:
    bars = {f"maker {n}": {"open": 1, "closed": 0} for n in range(30)}
    shown, rest = shown_organisations(bars, 20)
    assert len(shown) == 19
    assert rest == "11 others"
    assert shown_organisations(bars, 30)[1] is None


def test_text_indents_what_grew_below_what_it_grew_from() -> None:
    tree = survey_tree(load())
    lines = tree_text(tree, heading(tree, survey=True)).splitlines()
    [parent] = [n for n, line in enumerate(lines) if "● BERT ·" in line]
    assert lines[parent + 1].startswith("│  └─ ● RoBERTa · Meta · 2019")
    assert sum("─ " in line for line in lines) == 62


@pytest.mark.parametrize("name", ["GPT-4o mini", "WWWWMMMM", "illicit", "日本語モデル"])
def test_wider_letters_take_more_room(name: str) -> None:
    assert text_width(name, 12) > text_width(name[:-1], 12) > 0
    assert text_width("MMMM", 12) > text_width("aaaa", 12) > text_width("iiii", 12)
    assert text_width(name, 12, bold=True) > text_width(name, 12)
