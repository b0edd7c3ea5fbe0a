"""What a model's tokens cost: the one wrapper of genai-prices, and the user's own prices.

Prices come from the table inside the installed genai-prices package; nothing is fetched. A price that is not known
is None, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tuningfork.errors import InputError

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars for a million tokens.

    Attributes:
        prompt: prompt tokens that are computed.
        cached: prompt tokens read from the provider's cache; the full price where no lower one is known.
        completion: completion tokens, hidden reasoning included.
        source: 'given' by the user, or 'genai-prices VERSION'.
    """

    prompt: float
    cached: float
    completion: float
    source: str


def price_of(provider: str, model: str) -> Price | None:
    """The list price of a provider's model, or None where it is not known.

    Where the price rises with the length of the prompt, the shortest prompts' price is meant.

    Args:
        provider: a provider's name as in arm specs, e.g. 'openai'.
        model: the model as the provider names it.
    """
    from genai_prices import __version__

    found = _listed(provider, model)
    if found is None:
        return None
    table = found.get_prices(datetime.now(UTC))
    prompt, completion = _dollars(table.input_mtok), _dollars(table.output_mtok)
    if prompt is None or completion is None:
        return None
    cached = _dollars(table.cache_read_mtok)
    return Price(
        prompt=prompt,
        cached=prompt if cached is None else cached,
        completion=completion,
        source=f"genai-prices {__version__}",
    )


def context_of(provider: str, model: str) -> int | None:
    """The context window in tokens that the price list states for a provider's model, or None."""
    found = _listed(provider, model)
    return None if found is None else found.context_window


def given_price(prices: Mapping[str, tuple[float, float]], *names: str) -> Price | None:
    """The user's price for the first of `names` that has one: dollars a million prompt and completion tokens."""
    for name in names:
        if name in prices:
            prompt, completion = prices[name]
            return Price(prompt=prompt, cached=prompt, completion=completion, source="given")
    return None


def cost(
    price: Price | None, *, prompt_tokens: int | None, cached_tokens: int | None, completion_tokens: int | None
) -> float | None:
    """Dollars for one response, or None where the price or the tokens are not known.

    Args:
        prompt_tokens: all prompt tokens, the cached ones included.
        cached_tokens: how many of them came from the provider's cache; None counts as none of them.
        completion_tokens: all generated tokens, hidden reasoning included.
    """
    if price is None or prompt_tokens is None or completion_tokens is None:
        return None
    cached = min(cached_tokens or 0, prompt_tokens)
    return (
        (prompt_tokens - cached) * price.prompt + cached * price.cached + completion_tokens * price.completion
    ) / _MILLION


def parse_price(text: str) -> tuple[str, tuple[float, float]]:
    """`MODEL=IN,OUT` as (model, (dollars a million prompt tokens, dollars a million completion tokens)).

    Raises:
        InputError: not of that form, or no numbers of 0 or more.
    """
    model, equals, numbers = text.strip().rpartition("=")
    parts = numbers.split(",")
    try:
        prompt, completion = (float(part) for part in parts)
    except ValueError:
        raise _no_price(text) from None
    if not equals or not model.strip() or not all(math.isfinite(x) and x >= 0 for x in (prompt, completion)):
        raise _no_price(text)
    return model.strip(), (prompt, completion)


def _no_price(text: str) -> InputError:
    return InputError(
        f"{text!r} is no price",
        remedy="A --price is MODEL=IN,OUT, dollars a million prompt and completion tokens: openai/gpt-5-mini=0.25,2",
    )


def _listed(provider: str, model: str) -> Any:
    """The price list's entry of a model, or None."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider_model(model, None, provider, None)[1]
    except LookupError:
        return None


def _dollars(entry: Any) -> float | None:
    """A price entry of genai-prices: a number, tiers by prompt length (their base is taken), or nothing."""
    if entry is None:
        return None
    return float(getattr(entry, "base", entry))
