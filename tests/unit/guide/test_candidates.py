"""Models to measure: within the limits, the leaf's side first, each with an arm that is one."""

from __future__ import annotations

import json

import pytest

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.atlas.catalogue import load
from tuningfork.guide.candidates import Candidate, Limits, candidates
from tuningfork.guide.offers import Offer, offers
from tuningfork.guide.traits import RowTraits, traits_of
from tuningfork.guide.walk import Outcome
from tuningfork.models.llm.providers import providers
from tuningfork.models.suggestions import suggestions
from tuningfork.profile.figures import Domain, Domains, Languages
from tuningfork.profile.references import DOMAIN_NAMES


def _in(limits: Limits, leaf: Outcome = "fine-tuned", most: int = 4, rows: RowTraits = RowTraits()) -> list[Candidate]:
    return [one for one in candidates(limits, leaf, rows=rows, most=most) if one.status == "in"]


@pytest.mark.parametrize(("leaf", "first"), [("fine-tuned", "fine-tuned"), ("llm", "llm"), ("open", "llm")])
def test_both_sides_are_named_the_leafs_first(leaf: str, first: str) -> None:
    sides = [one.side for one in _in(Limits(), leaf)]
    assert sides[0] == first
    assert set(sides) == {"llm", "fine-tuned"}
    assert sides == sorted(sides, key=lambda side: side != first)


def test_every_candidate_has_reasons_and_an_arm_that_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in providers().values():
        if provider.key:
            monkeypatch.setenv(provider.key, "a-key")
    listed = candidates(Limits(), "open", most=200)
    assert json.dumps([one.as_dict() for one in listed])
    assert len(listed) > 60
    for one in listed:
        assert one.reasons, one
        assert (one.arm is None) == (one.status == "ruled out")
        if one.arm is not None:
            spec = ArmSpec.parse(one.arm)
            family = FAMILIES.get(spec.family)
            family.check(spec)
            assert family.side_of(spec) == one.side


def test_llms_are_ranked_by_the_capability_index() -> None:
    known = {offer.model: offer.capability for offer in offers()}
    ranked = [known[one.model] for one in _in(Limits(), "llm", most=30) if one.side == "llm"]
    indexed = [index for index in ranked if index is not None]
    assert len(indexed) > 20
    assert indexed == sorted(indexed, reverse=True)


def test_something_that_runs_here_is_always_among_them() -> None:
    for one_side in ("llm", "fine-tuned"):
        here = {offer.arm for offer in offers() if offer.runs_here and offer.side == one_side}
        assert here & {one.arm for one in _in(Limits(), "llm")}


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(language="de"), "made for en only"),
        (Limits(memory_gb=1.0), "takes about"),
        (Limits(access="open"), "its weights are not open"),
        (Limits(max_price=0.2), "a million prompt tokens"),
        (Limits(context=500_000), "its window is"),
    ],
)
def test_what_a_limit_rules_out_is_told_and_gone(limits: Limits, told: str) -> None:
    listed = candidates(limits, "llm", most=20)
    against = [one for one in listed if one.status == "ruled out" and any(told in reason for reason in one.reasons)]
    assert against
    assert not {one.model for one in against} & {one.model for one in listed if one.status == "in"}


def test_limits_hold_for_every_candidate() -> None:
    by_name = {(offer.model, offer.side): offer for offer in offers()}
    limits = Limits(memory_gb=4.0, context=8192, max_price=0.5, commercial=True)
    for one in _in(limits, "llm", most=50):
        offer = by_name[one.model, one.side]
        assert not offer.local or (offer.memory_gb is not None and offer.memory_gb <= 4.0)
        assert not offer.bounded or (offer.context is not None and offer.context >= 8192)
        assert offer.price_of is None or (offer.price() or 9.9) <= 0.5
        assert offer.commercial in ("yes", "conditional")


def test_a_provider_asked_for_leaves_no_llm_that_has_to_be_hosted() -> None:
    arms = [one.arm or "" for one in _in(Limits(access="api"), "llm", most=50) if one.side == "llm"]
    assert arms
    assert all(arm.partition(":")[2].partition("/")[0] in providers() for arm in arms)


def test_a_model_made_for_the_domain_comes_first_and_rules_nothing_out() -> None:
    legal = _in(Limits(domain="legal"))
    assert legal[0].model == "LegalBERT"
    assert legal[0].reasons[0] == "made for legal"
    assert len(legal) == len(_in(Limits()))


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        (Limits(context=1), "its window is not known"),
        (Limits(memory_gb=1e6), "its size is not known"),
        (Limits(commercial=True), "whether commercial use is allowed is not known"),
        (Limits(access="open"), "whether its weights are open is not known"),
    ],
)
def test_a_fact_that_is_not_known_is_no_pass(monkeypatch: pytest.MonkeyPatch, limits: Limits, told: str) -> None:
    monkeypatch.setattr(
        "tuningfork.guide.candidates.offers", lambda: (Offer(model="x", side="llm", arm="prompt:x@http://h/v1"),)
    )
    (only,) = candidates(limits, "llm")
    assert (only.status, only.reasons) == ("ruled out", (told,))
    (only,) = candidates(Limits(), "llm")
    assert only.status == "in"


def test_a_measured_domain_moves_models_made_for_it_right_behind_the_first() -> None:
    plain = _in(Limits())
    legal = _in(Limits(), rows=RowTraits(domain="legal"))
    assert [one.model for one in legal[:2]] == [plain[0].model, "LegalBERT"]
    assert legal[1].reasons[0] == "your rows look like legal texts; made for legal"
    code = _in(Limits(), "llm", rows=RowTraits(domain="code"))
    assert code[0].model == _in(Limits(), "llm")[0].model
    assert code[1].reasons[0] == "your rows look like code texts; made for code"


def test_a_measured_domain_is_told_of_a_model_that_cannot_be_had_too() -> None:
    listed = candidates(Limits(), "fine-tuned", rows=RowTraits(domain="finance"))
    (finbert,) = (one for one in listed if one.model.startswith("FinBERT"))
    assert finbert.status == "ruled out"
    assert "your rows look like finance texts; made for finance" in finbert.reasons


def test_a_domain_without_models_made_for_it_moves_nothing() -> None:
    assert candidates(Limits(), "llm", rows=RowTraits(domain="reviews")) == candidates(Limits(), "llm")


def test_what_a_person_asks_wins_over_what_was_measured() -> None:
    rows = RowTraits(domain="legal", language="de")
    asked = Limits(domain="science", language="en")
    assert candidates(asked, "llm", rows=rows) == candidates(asked, "llm")
    science = _in(Limits(domain="science"), rows=rows)
    assert science[0].reasons[:2] == ("made for science", "your rows are mostly German; made for English only")
    assert not any("look like" in reason for one in science for reason in one.reasons)


def test_models_that_do_not_know_the_rows_language_come_last_and_say_so() -> None:
    by_name = {(offer.model, offer.side): offer for offer in offers()}
    german = _in(Limits(), most=60, rows=RowTraits(language="de"))
    assert {one.model for one in german} == {one.model for one in _in(Limits(), most=60)}
    for side in ("fine-tuned", "llm"):
        foreign = [
            bool(known := by_name[one.model, one.side].languages) and not {"de", "mul"} & set(known)
            for one in german
            if one.side == side
        ]
        assert foreign == sorted(foreign)
        assert any(foreign) and not all(foreign)
    minilm = next(one for one in german if one.model == "MiniLM")
    assert minilm.reasons[0] == "your rows are mostly German; made for English only"
    first = _in(Limits(), rows=RowTraits(language="de"))
    assert not any("only" in reason for one in first for reason in one.reasons)


def test_a_model_made_for_the_domain_in_another_language_stays_behind() -> None:
    models = [one.model for one in _in(Limits(), most=60, rows=RowTraits(domain="legal", language="de"))]
    assert models.index("LegalBERT") > models.index("GBERT-Large")


def _languages(shares: dict[str, float], told: int) -> Languages:
    return Languages(shares=tuple(shares.items()), looked_at=100, told=told)


@pytest.mark.parametrize(
    ("shares", "told", "language"),
    [
        ({"de": 0.9, "en": 0.1}, 80, "de"),
        ({"de": 0.5, "en": 0.5}, 80, "de"),
        ({"de": 0.4, "en": 0.35, "fr": 0.25}, 80, None),
        ({"de": 1.0}, 19, None),
        ({"de": 1.0}, 20, "de"),
        ({}, 0, None),
    ],
)
def test_a_language_counts_where_most_rows_are_in_it(shares: dict[str, float], told: int, language: str | None) -> None:
    assert traits_of(None, _languages(shares, told)) == RowTraits(language=language)


@pytest.mark.parametrize("nearest", ["finance", None])
def test_a_domain_counts_where_it_is_clear(nearest: str | None) -> None:
    first = Domain(name="finance", similarity=0.5, share=0.6, words=("bank",))
    found = Domains(ranked=(first,), nearest=nearest)
    assert traits_of(found, None) == RowTraits(domain=nearest)


def test_every_domain_of_the_catalogue_is_one_that_rows_can_have_or_is_known_to_be_none() -> None:
    """A new one is either among the reference domains, or counts as one of them, or is no domain of texts,
    or is one that no reference texts stand for."""
    kinds = {kind for model in load() for kind in model.domains}
    no_texts = {"retrieval", "mathematics", "safety", "robotics"}
    without_reference = {"security", "e-commerce"}
    of_rows = kinds - no_texts - without_reference
    for kind in of_rows:
        offer = Offer(model="x", side="llm", arm=None, domains=(kind,))
        assert [name for name in DOMAIN_NAMES if RowTraits(domain=name).made_for(offer) == kind], kind


@pytest.mark.parametrize(
    ("limits", "arm"),
    [
        (Limits(language="sv"), "head:hf:intfloat/multilingual-e5-small"),
        (Limits(context=5000, language="en"), "finetune:hf:jhu-clsp/ettin-encoder-17m"),
        (Limits(context=8000, language="en"), "finetune:hf:answerdotai/ModernBERT-base"),
    ],
)
def test_suggested_encoders_are_named_where_they_fit(limits: Limits, arm: str) -> None:
    assert arm in {one.arm for one in _in(limits, most=40)}


def test_a_suggested_encoder_is_named_once_whether_or_not_the_atlas_has_it() -> None:
    arms = [offer.arm for offer in offers() if offer.arm is not None and offer.side == "fine-tuned"]
    assert len(arms) == len(set(arms))
    assert {one.spec for one in suggestions()} <= set(arms)
