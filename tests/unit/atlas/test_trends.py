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


def _without_late_encoder_decoders() -> Catalogue:
    return load().without(
        model.name for model in load() if model.branch == "encoder-decoder" and (model.date or "") > "2024-07"
    )


def test_six_new_ones_by_google_revive_encoder_decoders() -> None:
    assert by_id(load())["encoder-decoder-alive"].verdict == "held then, holds today"
    less = _without_late_encoder_decoders()
    found = by_id(less)["encoder-decoder-alive"]
    assert (found.held_then, found.value_today, found.holds_today) == (True, 0, False)
    new = [
        Model(
            name=f"T5 again {n}", branch="encoder-decoder", organisations=("Google",), date="2026-01-01", access="open"
        )
        for n in range(6)
    ]
    more = Catalogue(models=(*less.models, *new), sources={}, rules={}, built=less.built)
    revived = by_id(more)["encoder-decoder-alive"]
    assert revived.holds_today
    assert revived.value_today == (found.value_today or 0) + 6


def test_a_list_of_open_encoders_opens_no_trend_of_closing() -> None:
    """A list that holds one kind of access says nothing of how the share of the other moves."""
    known = [
        Model(name=f"{year}-{n}", branch="decoder-only", date=f"{year}-06-01", access=access)
        for year, closed in ((2019, 2), (2022, 6), (2026, 6))
        for n, access in enumerate(["closed"] * closed + ["open"] * (10 - closed))
    ]
    listed = [
        Model(
            name=f"encoder {n}",
            branch="encoder-only",
            date="2022-06-01",
            access="open",
            sources={"access": f"encoders: encoder {n}", "branch": "rule: some"},
        )
        for n in range(50)
    ]
    plain, more = (by_id(made_of(*known, *also))["closing-since-2020"] for also in ((), listed))
    assert plain.value_2023 == more.value_2023 == 0.6
    assert more.verdict == "held then, holds today"
    assert "with the list of encoders: 10 % in April 2023, 60 % today" in more.numbers
    assert by_id(made_of(*known, *listed))["decoder-only-dominates"].value_2023 == pytest.approx(10 / 60)


def test_caveats_tell_how_much_rests_on_the_list_of_encoders_and_on_unknown_sizes() -> None:
    counted = [model for model in load() if model.branch in ("encoder-only", "encoder-decoder", "decoder-only")]
    counted = [model for model in counted if model.parameters is None or model.parameters >= 100_000_000]
    sourced = ({told.partition(": ")[0] for told in model.sources.values()} for model in counted)
    listed = sum("encoders" in kinds and kinds <= {"encoders", "rule", "correction"} for kinds in sourced)
    unknown = sum(model.parameters is None for model in counted)
    caveat = by_id(load())["decoder-only-dominates"].caveat
    assert f"{listed} of the {len(counted)} transformers" in caveat
    assert f"The sizes of {unknown} of the {len(counted)} counted are not known" in caveat


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
