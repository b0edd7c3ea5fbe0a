"""Prices: known ones from the price list, the user's own, and unknown ones that stay unknown."""

from __future__ import annotations

import pytest
from genai_prices import Usage, calc_price

from tuningfork.atlas.prices import Price, context_of, cost, given_price, parse_price, price_of
from tuningfork.errors import InputError


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini"),
        ("anthropic", "claude-haiku-4-5"),
        ("google", "gemini-2.5-pro"),
        ("groq", "llama-3.1-8b-instant"),
    ],
)
def test_a_listed_model_costs_what_the_price_list_computes(provider, model):
    ours = cost(price_of(provider, model), prompt_tokens=5000, cached_tokens=3000, completion_tokens=700)
    usage = Usage(input_tokens=5000, cache_read_tokens=3000, output_tokens=700)
    listed = calc_price(usage, model, provider_id=provider)
    assert ours == pytest.approx(float(listed.total_price), rel=1e-9)


def test_what_is_not_known_is_none_never_zero():
    assert price_of("openai", "no-such-model") is None
    assert price_of("ollama", "llama3") is None
    assert context_of("openai", "no-such-model") is None
    assert cost(None, prompt_tokens=10, cached_tokens=0, completion_tokens=1) is None
    price = Price(prompt=1, cached=1, completion=1, source="given")
    assert cost(price, prompt_tokens=None, cached_tokens=0, completion_tokens=1) is None
    assert cost(price, prompt_tokens=10, cached_tokens=0, completion_tokens=None) is None


def test_cached_tokens_are_part_of_the_prompt_and_have_their_own_price():
    price = Price(prompt=2.0, cached=0.5, completion=8.0, source="given")
    assert cost(price, prompt_tokens=1_000_000, cached_tokens=400_000, completion_tokens=0) == pytest.approx(1.2 + 0.2)
    assert cost(price, prompt_tokens=1_000_000, cached_tokens=None, completion_tokens=0) == pytest.approx(2.0)
    assert cost(price, prompt_tokens=10, cached_tokens=99, completion_tokens=0) == pytest.approx(10 * 0.5 / 1e6)


def test_a_user_s_price_goes_before_the_list():
    prices = dict([parse_price("openai/gpt-4o-mini=0.15,0.60"), parse_price(" mine = 1 , 2 ")])
    assert given_price(prices, "openai/gpt-4o-mini", "gpt-4o-mini") == Price(
        prompt=0.15, cached=0.15, completion=0.6, source="given"
    )
    assert given_price(prices, "another") is None
    assert prices["mine"] == (1.0, 2.0)


def test_a_model_s_name_may_hold_an_equals_sign():
    assert parse_price("a=b=1,2") == ("a=b", (1.0, 2.0))


@pytest.mark.parametrize(
    "text", ["", "gpt", "gpt=1", "=1,2", "gpt=1,2,3", "gpt=a,b", "gpt=-1,2", "gpt=nan,1", "gpt=inf,1"]
)
def test_anything_else_is_no_price(text):
    with pytest.raises(InputError, match="MODEL=IN,OUT"):
        parse_price(text)
