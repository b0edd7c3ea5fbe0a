"""Models to measure: within the limits, the leaf's side first, each with an arm that is one."""

from __future__ import annotations

import json

import pytest

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.guide.candidates import Candidate, Limits, candidates
from tuningfork.guide.offers import Offer, offers
from tuningfork.models.llm.providers import providers


def _in(limits: Limits, leaf: str = "fine-tuned", most: int = 4) -> list[Candidate]:
    return [one for one in candidates(limits, leaf, most=most) if one.status == "in"]  # type: ignore[arg-type]


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
