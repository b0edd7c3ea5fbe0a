"""From what a user names to a chat model that answers: providers, addresses of their own, and local files."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuningfork.atlas.prices import Price, context_of, given_price, price_of
from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.hardware import memory_bytes
from tuningfork.models.llm.addresses import (
    THIS_MACHINE,
    Address,
    own_address,
    owner_of,
    provider_address,
)
from tuningfork.models.llm.chat import ChatModel
from tuningfork.models.llm.endpoint import Endpoint
from tuningfork.models.llm.habits import EFFORTS, room_of
from tuningfork.models.llm.providers import LOCAL, Provider, providers, server, servers
from tuningfork.models.llm.written import refuse_address_without_scheme
from tuningfork.models.ports import Journal, Meter

if TYPE_CHECKING:
    from tuningfork.models.llm.pacing import Patience
    from tuningfork.models.store import ModelStore

CHAT_OPTIONS = ("effort", "room", "key_env", "insecure", "server", "local")
"""Options of an arm spec that are about the server; all others are the prompt's and are passed over here."""

_LOCAL_SERVER = "llama.cpp"
_MOST_REMOTE, _MOST_OWN, _MOST_UNBILLED, _MOST_LOCAL = 32, 16, 4, 1
Prices = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatDescription:
    """What is known of a chat model before anything is asked or started.

    Attributes:
        provider: a provider's name, a kind of server at an address of the user's own, or 'local'.
        host: who receives the rows, e.g. 'api.openai.com', or 'this machine'; of a server on this machine that may
            pass them on, '127.0.0.1:4000 on this machine'.
        model: the model as its server names it, or the local reference.
        local: True where rows are known to stay on this machine.
        billed: False where it is known that nobody sends a bill for answers.
        price: dollars a million tokens, None where not known or not billed.
        context_tokens, parameters: None where not known.
    """

    provider: str
    host: str
    model: str
    local: bool
    billed: bool
    price: Price | None
    context_tokens: int | None
    parameters: int | None

    @property
    def price_known(self) -> bool:
        """Whether dollars can be counted."""
        return self.price is not None


@dataclass(frozen=True, slots=True)
class _Remote:
    provider: Provider
    address: Address
    model: str
    price: Price | None

    @property
    def identity(self) -> str:
        address = self.address
        own = f"{address.url}?{address.query}" if address.query else address.url
        return own if address.own else self.provider.name

    @property
    def relay(self) -> str | None:
        return self.provider.relayed_to(self.model)

    @property
    def host(self) -> str:
        return f"{self.relay} (through {self.address.host})" if self.relay else self.address.host

    @property
    def local(self) -> bool:
        return self.host == THIS_MACHINE

    @property
    def billed(self) -> bool:
        """Whether a bill may come: nobody knows what stands behind a loopback address until the user has said it."""
        return self.price is not None or not self.local


def check_chat_model(
    model: str, url: str | None, options: Mapping[str, str], store: ModelStore, *, prices: Prices | None = None
) -> ChatDescription:
    """What a spec's model is, without a request and without starting anything.

    Args:
        model, url, options: the parts of an arm spec; options other than `CHAT_OPTIONS` are passed over.
        prices: the user's own prices by model.

    Raises:
        UnknownName: no such provider, kind of server or local model.
        InputError: a missing key (its variable is named), a bad address, a key over plain http, a bad option.
    """
    remote = _remote(model, url, options, prices or {})
    if remote is None:
        return _local_description(model, options, store)
    listed = remote.provider.name if remote.provider.name in providers() else None
    return ChatDescription(
        provider=remote.provider.name,
        host=remote.host,
        model=remote.model,
        local=remote.local,
        billed=remote.billed,
        price=remote.price,
        context_tokens=context_of(listed, remote.model) if listed else None,
        parameters=None,
    )


def server_identity(model: str, url: str | None, options: Mapping[str, str], store: ModelStore) -> str | None:
    """Who answers, the same in every run: the server's part of a journal key. Of a local model it changes with the
    weights; None for one that was not fetched yet, or that this machine's memory could never hold: reading such a file
    from end to end would take hours for nothing. No request.

    Raises:
        UnknownName, InputError: see `check_chat_model`.
        ModelUnavailable: the local weights cannot be read.
    """
    remote = _remote(model, url, options, {})
    if remote is not None:
        return remote.identity
    path = Path(model).expanduser()
    if path.is_file() and path.stat().st_size > memory_bytes():
        return None
    known = store.fingerprint_at_hand(model, "llm")
    return None if known is None else _local_identity(known)


def _local_identity(fingerprint: str) -> str:
    return f"{LOCAL}:{fingerprint[:16]}"


@contextmanager
def open_chat_model(
    model: str,
    url: str | None,
    options: Mapping[str, str],
    *,
    store: ModelStore,
    journal: Journal,
    meter: Meter,
    prices: Prices,
    threads: int | None = None,
    announce: Callable[[str], None] | None = None,
    patience: Patience | None = None,
    stopwatch: Stopwatch | None = None,
) -> Iterator[ChatModel]:
    """A chat model that is ready to answer; a local server is started, and stopped at the end.

    Args:
        model, url, options: the parts of an arm spec; options other than `CHAT_OPTIONS` are passed over.
        journal, meter: see `models.ports`.
        prices: the user's own prices by model, dollars a million prompt and completion tokens.
        threads: for a local model; None: as many as suit this machine.
        announce: tells the person what is started, rewritten or restarted.
        patience: how failed requests are sent again; None: `pacing.USUAL`.
        stopwatch: told what answers from the journal took.

    Raises:
        InputError: see `check_chat_model`.
        ModelUnavailable: a local model's weights cannot be had, or its server does not start.
    """
    from tuningfork.models.llm import pacing
    from tuningfork.models.llm.client import LlmClient
    from tuningfork.models.llm.connection import Connection

    patience = patience or pacing.USUAL
    remote = _remote(model, url, options, prices)
    if remote is None:
        with _local_client(model, options, store, journal, meter, threads, announce, patience, stopwatch) as client:
            yield client
        return
    description = check_chat_model(model, url, options, store, prices=prices)
    connection = Connection(
        provider=remote.provider,
        address=remote.address,
        model=remote.model,
        name=remote.model,
        identity=remote.identity,
        host=remote.host,
        context_tokens=description.context_tokens,
        price=remote.price,
        billed=remote.billed,
        effort=options.get("effort"),
        most=_most_under_way(remote),
        answer_seconds=patience.answer_seconds,
        endpoint=Endpoint(remote.address, journal, remote.identity),
        room=room_of(options),
    )
    yield LlmClient(connection, journal=journal, meter=meter, patience=patience, announce=announce, stopwatch=stopwatch)


def _remote(model: str, url: str | None, options: Mapping[str, str], prices: Prices) -> _Remote | None:
    """The server that a spec names, or None where it names a local model."""
    insecure, local = _yes(options, "insecure"), _yes(options, "local")
    first, slash, rest = model.partition("/")
    if url is not None:
        kind = server(options.get("server", next(iter(servers()))))
        address = own_address(url, os.environ, key_env=options.get("key_env"), insecure=insecure, local=local)
        if not model:
            raise InputError(f"no model before @{url}", remedy=f"Write 'prompt:MODEL@{url}'")
        if "server" not in options:
            kind = owner_of(address.url) or kind
        return _Remote(_with_effort(kind, options), address, model, given_price(prices, f"{model}@{url}", model))
    for name in ("server", "key_env"):
        if name in options:
            raise InputError(f"{name}={options[name]!r} is for a model at an address of your own (MODEL@URL)")
    if slash and first in providers():
        if not rest:
            raise InputError(f"no model after {model!r}", remedy=f"Write prompt:{first}/MODEL")
        provider = providers()[first]
        address = _said_to_be_here(provider_address(provider, os.environ, insecure=insecure), model, local=local)
        listed = None if address.own or not provider.billed else price_of(first, rest)
        return _Remote(_with_effort(provider, options), address, rest, given_price(prices, model, rest) or listed)
    if local:
        raise InputError(
            f"local=yes is for a model behind a server's address, and {model!r} has none",
            remedy=f"Write prompt:{model}: it runs on this machine anyway, or prompt:MODEL@http://127.0.0.1:PORT/v1",
        )
    if not Path(model).expanduser().exists():
        refuse_address_without_scheme(model, "&".join(f"{name}={value}" for name, value in options.items()))
        if slash and not model.startswith("hf:"):
            _refuse_near_provider(first)
    return None


def _said_to_be_here(address: Address, model: str, *, local: bool) -> Address:
    """A provider's address that a variable put on this machine, if the user says that its model runs here."""
    if local and not address.loopback:
        raise InputError(f"local=yes says that {model!r} runs on this machine, and {address.host} is another one")
    return replace(address, local=address.local or local)


def _refuse_near_provider(first: str) -> None:
    if difflib.get_close_matches(first.lower(), providers(), n=1, cutoff=0.7):
        raise UnknownName("LLM provider", first, known=providers())


def _yes(options: Mapping[str, str], name: str) -> bool:
    given = options.get(name, "no")
    if given not in ("yes", "no"):
        raise InputError(f"{name}={given!r} is neither yes nor no")
    return given == "yes"


def _with_effort(provider: Provider, options: Mapping[str, str]) -> Provider:
    """The provider, if it can do with the effort asked for."""
    effort = options.get("effort")
    if effort is not None and effort not in EFFORTS:
        raise UnknownName("reasoning effort", effort, known=EFFORTS)
    if effort is not None and not provider.effort:
        raise InputError(f"{provider.name} ignores a reasoning effort", remedy="Leave ?effort= out")
    room_of(options)
    return provider


def _most_under_way(remote: _Remote) -> int:
    if not remote.provider.billed and remote.relay is None:
        return _MOST_UNBILLED
    return _MOST_OWN if remote.address.own else _MOST_REMOTE


def _local_description(model: str, options: Mapping[str, str], store: ModelStore) -> ChatDescription:
    from tuningfork.models.starters import starters

    store.check(model, "llm")
    _with_effort(server(_LOCAL_SERVER), options)
    known = next((starter for starter in starters() if starter.name == model), None)
    context, parameters = (known.context_tokens, known.parameters) if known else _read_metadata(model)
    return ChatDescription(
        provider=LOCAL,
        host=THIS_MACHINE,
        model=model,
        local=True,
        billed=False,
        price=None,
        context_tokens=context,
        parameters=parameters,
    )


def _read_metadata(reference: str) -> tuple[int | None, int | None]:
    """Context window and parameters of a local GGUF file; not known before a Hub's file is here."""
    path = Path(reference).expanduser()
    if not path.is_file():
        return None, None
    from tuningfork.models.llm.gguf_format import parameters_of, trained_context

    return trained_context(path), parameters_of(path)


@contextmanager
def _local_client(
    model: str,
    options: Mapping[str, str],
    store: ModelStore,
    journal: Journal,
    meter: Meter,
    threads: int | None,
    announce: Callable[[str], None] | None,
    patience: Patience,
    stopwatch: Stopwatch | None,
) -> Iterator[ChatModel]:
    from tuningfork.models.llm.client import LlmClient
    from tuningfork.models.llm.connection import Connection
    from tuningfork.models.llm.gguf_format import fastest_format
    from tuningfork.models.llm.local_server import LocalServer

    provider = _with_effort(server(_LOCAL_SERVER), options)
    store.check(model, "llm")
    shipped = store.locate(model, "llm")
    # Before the file is read from end to end for its sum and for a faster format, which takes minutes if it is large.
    LocalServer(shipped, name=_short_name(model)).require_memory()
    choice = fastest_format(shipped, store.cache, announce=announce)
    notes = [("gguf_rewritten", f"{model} runs as {choice.format}: {choice.reason}")] if choice.path != shipped else []
    with LocalServer(choice.path, name=_short_name(model), threads=threads, announce=announce) as running:
        connection = Connection(
            provider=provider,
            address=Address(url=running.url, key=running.key, key_variable=None, own=True, local=True),
            model=running.model,
            name=running.model,
            identity=_local_identity(store.fingerprint(model, "llm")),
            host=THIS_MACHINE,
            context_tokens=running.context_tokens,
            price=None,
            billed=False,
            effort=None,
            most=_MOST_LOCAL,
            answer_seconds=patience.answer_seconds,
            server=running,
            room=room_of(options),
        )
        yield LlmClient(
            connection,
            journal=journal,
            meter=meter,
            patience=patience,
            notes=notes,
            announce=announce,
            stopwatch=stopwatch,
        )


def _short_name(reference: str) -> str:
    """A starter's name as it is; of a path or a Hub reference the last part, without '.gguf'."""
    return reference.rstrip("/").rpartition("/")[2].removeprefix("hf:").removesuffix(".gguf")
