"""Everything that is fixed about one model at one server, and one request to it."""

from __future__ import annotations

import json
import math
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from tuningfork.atlas.prices import Price
from tuningfork.models.llm.addresses import Address
from tuningfork.models.llm.chat import Message
from tuningfork.models.llm.faults import Fault, raise_for
from tuningfork.models.llm.habits import sent_parameters
from tuningfork.models.llm.providers import Provider

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 300.0
"""Longest wait for one answer; hidden reasoning and small machines are slow."""

_WIDE_LETTERS = "\u1100"
_TOKENS_AROUND_MESSAGE = 4


class RestartableServer(Protocol):
    """What the client asks of a local server that may have died."""

    @property
    def url(self) -> str: ...
    def alive(self) -> bool: ...
    def restart(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One model at one server.

    Attributes:
        provider: the server's row of the table.
        address: where, with the key.
        model: the model as the server names it.
        name: the model as shown, quantisation included.
        identity: the server's part of a journal key, the same in every run.
        host: who receives the rows, as shown.
        context_tokens: size of the context window, None where not known.
        price: None where not known, or where nothing is billed.
        billed: False where nobody sends a bill.
        effort: reasoning effort asked for, or None.
        most: requests under way at once, at most.
        answer_seconds: longest wait for one answer.
        server: the local server behind the address, where it is ours to restart.
    """

    provider: Provider
    address: Address
    model: str
    name: str
    identity: str
    host: str
    context_tokens: int | None
    price: Price | None
    billed: bool
    effort: str | None
    most: int
    answer_seconds: float = ANSWER_SECONDS
    server: RestartableServer | None = None

    @property
    def url(self) -> str:
        """Base of the API; a local server changes its port when it is restarted."""
        return self.server.url if self.server is not None else self.address.url

    def options(self) -> dict[str, Any]:
        """Arguments of an httpx client: the key's header, no redirects, no proxy on the way to this machine."""
        import httpx

        headers = {"Authorization": f"Bearer {self.address.key}"} if self.address.key else {}
        return {
            "headers": headers,
            "follow_redirects": False,
            "verify": _certificates(),
            "trust_env": not self.address.loopback,
            "timeout": httpx.Timeout(self.answer_seconds, connect=_CONNECT_SECONDS, pool=None),
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=self.most),
        }


@cache
def _certificates() -> ssl.SSLContext:
    """Loaded once: it takes longer than a request to this machine."""
    import httpx

    return httpx.create_ssl_context()


async def post(client: httpx.AsyncClient, connection: Connection, body: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """Send one request; the JSON of a 200 and its headers.

    Raises:
        Fault: the transport failed, or the answer is no JSON.
        Refusal, Blocked, ProviderError: see `faults.raise_for`.
    """
    import httpx

    try:
        response = await client.post(f"{connection.url}/chat/completions", json=body)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise Fault(f"no answer from {connection.url} ({_reason(error)})", unreachable=True) from error
    except httpx.TransportError as error:
        raise Fault(f"connection lost ({_reason(error)})", billed=True, unreachable=True) from error
    text = response.text
    if connection.address.key:
        text = text.replace(connection.address.key, "[key]")
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status_code != httpx.codes.OK:
        raise_for(
            response.status_code,
            headers,
            text,
            sent=sent_parameters(body),
            address=connection.address,
            provider=connection.provider,
            model=connection.model,
        )
    try:
        return json.loads(text), headers
    except ValueError as error:
        raise Fault("200, but what came is no JSON", billed=True) from error


def estimated_tokens(messages: Sequence[Message]) -> int:
    """A careful upper estimate of a prompt's tokens for any tokenizer.

    2.5 characters a token of Latin text; figures and punctuation, other alphabets and East Asian characters cost more.
    """
    return sum(_TOKENS_AROUND_MESSAGE + math.ceil(sum(map(_tokens_of, message.content))) for message in messages)


def _tokens_of(character: str) -> float:
    if character.isascii():
        return 0.4 if character.isalpha() or character == " " else 0.7
    if character < _WIDE_LETTERS:
        return 1.0
    return 2.0 if ord(character) < 0x10000 else 4.0


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
