"""The table of LLM servers (`providers.yaml`), typed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from tuningfork.errors import UnknownName

Constraint = Literal["choice", "regex", "grammar", "json_schema"]
"""How a server is asked to answer with one of the choices."""

LOCAL = "local"
"""Name of the provider that is this machine's own llama.cpp server."""


class Relay(BaseModel):
    """Models that a server passes on to somebody else, and to whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: str
    host: str


class Provider(BaseModel):
    """One row of the table; `providers.yaml` says what each field means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    address: str | None = None
    key: str | None = None
    address_variable: str | None = None
    limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    constraints: tuple[Constraint, ...]
    top_logprobs: int
    seed: str | None = None
    seed_repeats: bool = False
    temperature: bool = True
    no_temperature: str | None = None
    reasoning: str | None = None
    refused_reasoning: tuple[str, ...] = ()
    effort: bool = True
    extra: Mapping[str, Any] = {}
    counts_tokens: bool = False
    asks_again_cheaply: bool = False
    any_name: bool = False
    billed: bool = True
    relays: Relay | None = None
    missing: str | None = None
    hosts: tuple[str, ...] = ()
    key_header: str | None = None
    path: str | None = None
    example: str | None = None

    def reasons(self, model: str) -> bool:
        """Whether the model is known to reason in hidden tokens."""
        return self.reasoning is not None and re.search(self.reasoning, model, re.IGNORECASE) is not None

    def takes_temperature(self, model: str) -> bool:
        """Whether a temperature is kept for this model."""
        if not self.temperature or (self.reasons(model) and "temperature" in self.refused_reasoning):
            return False
        return self.no_temperature is None or re.search(self.no_temperature, model, re.IGNORECASE) is None

    def candidates(self, model: str) -> int:
        """How many candidates a token this model gives log-probabilities for; 0: none."""
        return 0 if self.reasons(model) and "logprobs" in self.refused_reasoning else self.top_logprobs

    def relayed_to(self, model: str) -> str | None:
        """The host that really runs this model, where it is not the server asked."""
        if self.relays is not None and re.search(self.relays.models, model, re.IGNORECASE):
            return self.relays.host
        return None


def providers() -> Mapping[str, Provider]:
    """Providers by the name that starts their models in arm specs, e.g. 'openai'."""
    return _table("providers")


def servers() -> Mapping[str, Provider]:
    """Kinds of server at an address of the user's own, e.g. 'vllm'."""
    return _table("servers")


def server(kind: str) -> Provider:
    """One kind of server.

    Raises:
        UnknownName: no such kind.
    """
    known = servers()
    if kind not in known:
        raise UnknownName("kind of LLM server", kind, known=known)
    return known[kind]


@cache
def _table(section: str) -> Mapping[str, Provider]:
    from tuningfork.foundation.strict_yaml import parse_yaml

    text = files(__package__).joinpath("providers.yaml").read_text(encoding="utf-8")
    rows = parse_yaml(text).content[section]
    return {name: Provider(name=name, **row) for name, row in rows.items()}
