"""What a model of the catalogue costs at its maker today, by the price list that is installed."""

from __future__ import annotations

from tuningfork.atlas.catalogue import Model
from tuningfork.atlas.prices import Price, price_of

_NAMED_OTHERWISE = {"xai": "x-ai"}
"""Makers that the price list calls by another name."""


def list_price(model: Model) -> Price | None:
    """The maker's list price, or None where the model is not offered by its maker or its price is not known."""
    if model.api is None:
        return None
    provider, _, name = model.api.partition("/")
    return price_of(_NAMED_OTHERWISE.get(provider, provider), name)
