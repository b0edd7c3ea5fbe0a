"""The five observations follow from the catalogue, and from nothing else."""

from __future__ import annotations

import json

import pytest

from tuningfork.atlas.catalogue import Catalogue, Model, load
from tuningfork.atlas.trends import Observation, observations


def by_id(catalogue: Catalogue) -> dict[str, Observation]:
    return {seen.id: seen for seen in observations(catalogue)}


def made_of(*models: Model) -> Catalogue:
    return Catalogue(models=models, sources={}, rules={}, built="2026-06-30")


def test_there_are_five_with_a_series_each() -> None:
    seen = observations(load())
    assert len(seen) == len({found.id for found in seen}) == 5
    for found in seen:
        assert [point.year for point in found.series] == list(range(2018, int(load().built[:4]) + 1))
        assert found.caveat
        assert found.rule


def test_the_decoder_share_is_that_of_a_plain_count() -> None:
    counted = [
        model
        for model in load()
        if model.branch in ("encoder-only", "encoder-decoder", "decoder-only")
        and (model.parameters is None or model.parameters >= 100_000_000)
    ]
    lately = [model for model in counted if "2021-04-26" < (model.date or "") <= "2023-04-26"]
    share = sum(model.branch == "decoder-only" for model in lately) / len(lately)
    assert by_id(load())["decoder-only-dominates"].value_2023 == pytest.approx(share)


def test_without_metas_models_another_gives_most() -> None:
    assert by_id(load())["meta-opens-most"].held_then
    meta = [model.name for model in load() if model.organisation == "Meta" and (model.date or "") < "2023-05"]
    less = by_id(load().without(meta))["meta-opens-most"]
    assert less.value_2023 == 0
    assert less.held_then is False
    assert less.verdict.startswith("did not hold then")


def test_without_the_models_ahead_of_it_openai_leads_today() -> None:
    assert by_id(load())["openai-leads"].holds_today is False
    best = max(model.capability or 0 for model in load() if model.organisation == "OpenAI")
    ahead = [model.name for model in load() if (model.capability or 0) > best]
    assert by_id(load().without(ahead))["openai-leads"].verdict == "held then, holds today"


def test_six_new_ones_by_google_revive_encoder_decoders() -> None:
    found = by_id(load())["encoder-decoder-alive"]
    assert (found.held_then, found.holds_today) == (True, False)
    new = [
        Model(
            name=f"T5 again {n}", branch="encoder-decoder", organisations=("Google",), date="2026-01-01", access="open"
        )
        for n in range(6)
    ]
    more = Catalogue(models=(*load().models, *new), sources={}, rules={}, built=load().built)
    revived = by_id(more)["encoder-decoder-alive"]
    assert revived.holds_today
    assert revived.value_today == (found.value_today or 0) + 6


def test_a_share_of_few_models_is_not_told() -> None:
    four = [Model(name=str(n), branch="decoder-only", date="2023-01-01", access="closed") for n in range(4)]
    seen = by_id(made_of(*four))
    assert seen["decoder-only-dominates"].value_2023 is None
    assert seen["decoder-only-dominates"].held_then is None
    assert seen["closing-since-2020"].verdict == "not known then, not known today"


def test_an_empty_catalogue_knows_nothing() -> None:
    for found in observations(made_of()):
        assert found.held_then is not True
        assert found.holds_today is not True


def test_small_research_models_are_not_counted_and_undisclosed_sizes_are() -> None:
    small = [Model(name=f"s{n}", branch="encoder-only", date="2026-01-01", parameters=10**6) for n in range(50)]
    large = [Model(name=f"l{n}", branch="decoder-only", date="2026-01-01") for n in range(5)]
    assert by_id(made_of(*small, *large))["decoder-only-dominates"].value_today == 1.0


def test_json_has_the_contracts_names() -> None:
    for told in json.loads(json.dumps([found.as_dict() for found in observations(load())])):
        assert {"id", "statement", "value_2023", "value_today", "verdict", "series"} <= told.keys()
        assert {"year", "value", "n"} <= told["series"][0].keys()
