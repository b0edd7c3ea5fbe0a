"""How the catalogue is built: who is who, which source wins, what a rule may say, and what is refused."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture(scope="module")
def building() -> Iterator[dict[str, ModuleType]]:
    """The modules of `scripts/catalogue`, importable for these tests alone."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        from catalogue import assembling, checks, families, matching, rows

        yield {module.__name__.rpartition(".")[2]: module for module in (assembling, checks, families, matching, rows)}
    finally:
        sys.path.remove(str(SCRIPTS))


def claim(building: dict[str, ModuleType], source: str, row: str, *, family: bool = False, **facts: Any) -> Any:
    return building["rows"].Claim(source, row, facts, family)


def entries(building: dict[str, ModuleType], *claims: Any) -> dict[str, Any]:
    """Models of a content of these claims alone, corrections and lineages left out."""
    drafts = building["matching"].matched(claims)
    found = building["families"].rules()
    for draft in drafts:
        building["families"].apply(found, draft, last=False)
    return {draft.name: draft for draft in drafts}


def test_sources_that_spell_a_name_differently_speak_of_one_model(building: dict[str, ModuleType]) -> None:
    found = entries(
        building,
        claim(building, "epoch", "Qwen3-Max", date="2025-09-05", parameters=10**12),
        claim(building, "models.dev", "Qwen3 Max (latest)", context=262144, outputs="text", modalities=["text"]),
    )
    assert list(found) == ["Qwen3-Max"]
    assert found["Qwen3-Max"].get("context") == 262144


def test_a_release_speaks_for_its_sizes_and_for_no_other_model(building: dict[str, ModuleType]) -> None:
    found = entries(
        building,
        claim(building, "epoch", "Newt 2-7B"),
        claim(building, "epoch", "Newt 2-70B", licence="Own"),
        claim(building, "epoch", "Newt 2.1-7B"),
        claim(building, "epoch", "Newt 2 Guard"),
        claim(building, "ecosystem-graphs", "Newt 2", family=True, licence="MIT", parameters=7, modality="text; text"),
    )
    assert found["Newt 2-7B"].get("licence") == "MIT"
    assert found["Newt 2-7B"].get("parameters") is None, "a release's size is not that of each of its models"
    assert found["Newt 2-70B"].get("licence") == "Own", "the first source wins"
    assert found["Newt 2.1-7B"].get("licence") is None
    assert found["Newt 2 Guard"].get("licence") is None
    assert "Newt 2" not in found


def test_what_makes_no_text_is_no_language_model(building: dict[str, ModuleType]) -> None:
    found = entries(
        building,
        claim(building, "models.dev", "Painter", outputs="image", modalities=["text"]),
        claim(building, "models.dev", "Writer", outputs="text", modalities=["text"]),
        claim(building, "ecosystem-graphs", "Composer of music", modality="text; audio"),
    )
    assert list(found) == ["Writer"]


def test_a_rule_never_overrides_a_row(building: dict[str, ModuleType]) -> None:
    found = entries(building, claim(building, "epoch", "OddBERT", branch="decoder-only", date="2021-01-01"))
    assert found["OddBERT"].get("branch") == "decoder-only"
    assert found["OddBERT"].get("objective") is not None


@pytest.mark.parametrize(
    ("name", "date", "branch"),
    [
        ("SomethingBERT", "2020-01-01", "encoder-only"),
        ("My-T5-XL", "2021-01-01", "encoder-decoder"),
        ("Llama 9-8B", "2026-01-01", "decoder-only"),
        ("Fancy LSTM", "2019-01-01", "non-transformer"),
        ("Anything at all", "2016-01-01", "non-transformer"),
        ("Jamba 9", "2026-01-01", "decoder-only"),
        ("Nobody knows", "2021-01-01", None),
    ],
)
def test_branches_follow_from_names_and_dates(
    building: dict[str, ModuleType], name: str, date: str, branch: str | None
) -> None:
    assert entries(building, claim(building, "epoch", name, date=date))[name].get("branch") == branch


@pytest.mark.parametrize(
    ("name", "domains"),
    [
        ("Ettin encoder 17M", None),
        ("Memformer (4 encoder + 16 decoder)", None),
        ("Transformer (Adaptive Input Embeddings)", None),
        ("DeciCoder-6B", ["code"]),
        ("MyCodes 2", ["code"]),
        ("Some Embedding", ["retrieval"]),
    ],
)
def test_a_rule_finds_whole_words_of_a_name(
    building: dict[str, ModuleType], name: str, domains: list[str] | None
) -> None:
    assert entries(building, claim(building, "epoch", name, date="2024-01-01"))[name].get("domains") == domains


@pytest.mark.parametrize(
    ("name", "branch", "objective"),
    [
        ("Snowflake Arctic Embed L", "encoder-only", None),
        ("Llama Prompt Guard 2 86M", "encoder-only", None),
        ("SONAR (Meta)", "encoder-decoder", None),
        ("T5Gemma 2", "encoder-decoder", None),
        ("Odd Llama", "decoder-only", "next token"),
    ],
)
def test_a_rule_on_a_kind_of_network_is_silent_on_a_model_of_another_branch(
    building: dict[str, ModuleType], name: str, branch: str, objective: str | None
) -> None:
    found = entries(building, claim(building, "encoders", name, branch=branch, date="2025-01-01"))[name]
    assert (found.get("branch"), found.get("objective")) == (branch, objective)


@pytest.mark.parametrize(
    ("name", "context", "licence"),
    [
        ("DeBERTa", 512, "MIT"),
        ("DeBERTa-v3-base", None, "MIT"),
        ("CamemBERT", 512, "MIT"),
        ("CamemBERTv2", None, None),
        ("Albertina PT-*", None, None),
        ("mT5-base", 1024, "Apache-2.0"),
        ("mT0-base", None, None),
        ("ByT5-Sanskrit", None, None),
        ("BloombergGPT", 2048, None),
    ],
)
def test_a_later_generation_or_another_makers_model_inherits_no_window_and_no_licence(
    building: dict[str, ModuleType], name: str, context: int | None, licence: str | None
) -> None:
    found = entries(building, claim(building, "epoch", name, access="open", date="2022-01-01"))[name]
    assert (found.get("context"), found.get("licence")) == (context, licence)
    assert name != "BloombergGPT" or found.get("languages") is None


def test_what_embeds_texts_is_not_prompted_whatever_its_branch(building: dict[str, ModuleType]) -> None:
    found = entries(building, claim(building, "epoch", "Qwen9 Embedding", branch="decoder-only", date="2026-01-01"))
    assert found["Qwen9 Embedding"].get("use").startswith("embeds or ranks")


def base_of(building: dict[str, ModuleType], draft: Any, *others: str) -> Any:
    drafts = building["matching"].matched([claim(building, "epoch", name) for name in others])
    return building["assembling"]._base(draft, {building["matching"].key(found.name): found for found in drafts})


@pytest.mark.parametrize("relation", ["version of", "follows", "trained from"])
def test_the_relation_to_a_parent_is_the_one_that_the_row_tells(building: dict[str, ModuleType], relation: str) -> None:
    told = claim(building, "encoders", "Newt-small", parent="Newt", relation=relation)
    (draft,) = building["matching"].matched([told])
    assert base_of(building, draft, "Newt") == ("Newt", relation, "encoders: Newt-small")


def test_a_base_model_is_trained_from_and_makes_the_line_of_figure_1_one_of_training(
    building: dict[str, ModuleType],
) -> None:
    drawn = claim(building, "figure1", "Newt 2", survey={}, parent="Newt", relation="follows")
    alone, trained = building["matching"].matched([drawn]), [drawn, claim(building, "epoch", "Newt 2", parent="Newt")]
    assert base_of(building, alone[0], "Newt")[1] == "follows"
    assert base_of(building, building["matching"].matched(trained)[0], "Newt")[1] == "trained from"
    assert base_of(building, building["matching"].matched(trained[1:])[0], "Newt")[1] == "trained from"


@pytest.mark.parametrize(
    ("maker", "date", "relation"),
    [
        ("BigScience", "2022-12", "version of"),
        ("Another", "2022-12", "follows"),
        ("BigScience", "2021-12", None),
    ],
)
def test_kin_of_another_maker_is_no_version(
    building: dict[str, ModuleType], maker: str, date: str, relation: str | None
) -> None:
    lead, member = building["matching"].matched(
        [
            claim(building, "epoch", "Newt", date="2022-07", organisations=["BigScience/Hugging Face"]),
            claim(building, "epoch", "Newt-7B", date=date, organisations=[maker]),
        ]
    )
    placed = building["assembling"]._place(member, lead, None)
    assert (placed and placed[1]) == relation


@pytest.mark.parametrize(("name", "size"), [("Newt 7B", 7_000_000_000), ("T5Newt 9B-2B", None)])
def test_of_two_sizes_in_a_name_neither_is_the_models(
    building: dict[str, ModuleType], name: str, size: int | None
) -> None:
    (draft,) = building["matching"].matched([claim(building, "epoch", name)])
    building["assembling"]._parameters_by_name(draft)
    assert draft.get("parameters") == size


def test_a_correction_of_a_model_that_is_not_there_is_refused(building: dict[str, ModuleType]) -> None:
    row = {"model": "Nobody", "field": "branch", "value": "decoder-only", "reason": "x", "link": "y"}
    with pytest.raises(ValueError, match="no model 'Nobody'"):
        building["assembling"].assembled(building["matching"].matched([claim(building, "epoch", "Newt")]), [row])


def test_the_month_of_a_paper_is_taken_from_a_single_arxiv_address(building: dict[str, ModuleType]) -> None:
    month = building["rows"].month_of_paper
    assert month("https://arxiv.org/abs/1810.04805") == "2018-10"
    assert month("https://arxiv.org/abs/1810.04805, https://example.org") is None
    assert month("https://example.org/1810.04805") is None


def test_organisations_have_one_name_each_and_deepmind_was_alone_until_april_2023(
    building: dict[str, ModuleType],
) -> None:
    organisations = building["rows"].organisations
    assert organisations(["Google Brain", "Google Research"]) == ["Google"]
    assert organisations(["Google DeepMind"], "2022-03-29") == ["DeepMind"]
    assert organisations(["Google DeepMind"], "2023-12-06") == ["Google"]


@pytest.mark.parametrize(
    ("text", "tokens"), [("512", 512), ("4096, 128k", 131072), ("infinity (RNN)", None), ("32k", 32768), ("", None)]
)
def test_windows_are_read_as_tables_write_them(building: dict[str, ModuleType], text: str, tokens: int | None) -> None:
    assert building["rows"]._tokens(text) == tokens


def content(*models: dict[str, Any]) -> dict[str, Any]:
    source = {"title": "t", "licence": "l", "link": "k"}
    return {
        "schema_version": 1,
        "built": "2026-01-01",
        "sources": {"epoch": source},
        "rules": {},
        "models": list(models),
    }


def model(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "facts": {f"epoch: {name}": facts}}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (model("a", branch="sideways"), "branch 'sideways'"),
        (model("a", access="ajar"), "access 'ajar'"),
        (model("a", date="2023-13-01"), "date '2023-13-01'"),
        (model("a", parameters=0), "parameters 0"),
        (model("a", colour="blue"), "does not follow its schema"),
        (model("a", parent="nobody"), "its parent 'nobody' is not there"),
        (model("a", parent="a"), "its own ancestor"),
        ({"name": "a", "facts": {"hearsay: a": {"date": "2023"}}}, "'hearsay: a' is no source"),
        ({"name": "a", "facts": {"rule: none": {"date": "2023"}}}, "'rule: none' is no source"),
        (model("A 1", date="2023"), "are one name"),
    ],
)
def test_a_catalogue_that_is_wrong_is_not_written(
    building: dict[str, ModuleType], wrong: dict[str, Any], said: str
) -> None:
    filler = [model(f"m{n}") for n in range(1000)] + [model("a-1")]
    problems = building["checks"].problems(content(*filler, wrong))
    assert any(said in problem for problem in problems), problems


def test_a_catalogue_that_is_right_has_no_problem(building: dict[str, ModuleType]) -> None:
    assert building["checks"].problems(content(*(model(f"m{n}", date="2023") for n in range(1000)))) == []
    assert building["checks"].problems(content(model("a"))) == ["1 models, fewer than 1000"]


def test_the_committed_catalogue_has_no_problem(building: dict[str, ModuleType]) -> None:
    committed = SCRIPTS.parent / "src" / "tuningfork" / "atlas" / "catalogue.json"
    assert building["checks"].problems(json.loads(committed.read_text(encoding="utf-8"))) == []


def test_a_rule_with_an_unknown_condition_is_refused(building: dict[str, ModuleType]) -> None:
    with pytest.raises(ValueError, match="colour is no condition"):
        building["families"]._rule({"id": "x", "statement": "y", "facts": {}, "colour": "blue"})
