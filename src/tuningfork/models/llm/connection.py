"""Everything that is fixed about one model at one server, and one request to it."""

from __future__ import annotations

import asyncio
import json
import math
import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urljoin

from tuningfork.atlas.prices import Price
from tuningfork.errors import ProviderError
from tuningfork.models.llm.addresses import Address
from tuningfork.models.llm.chat import Message
from tuningfork.models.llm.endpoint import (
    CHAT,
    Endpoint,
    Received,
    about_models,
    is_refusal_in_200,
    is_unknown_model,
    model_names,
)
from tuningfork.models.llm.faults import Fault, raise_for
from tuningfork.models.llm.habits import sent_parameters
from tuningfork.models.llm.providers import Provider
from tuningfork.models.llm.streamed import assembled

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS = 10.0
_SECONDS_TO_LIST_MODELS = 5.0
_MOST_BYTES = 64 * 2**20
"""An answer with all of its candidates has under 1 MB; a body that never ends must not fill the memory."""

_OK, _MISSING = 200, 404
_ESCAPE = re.compile(r"\\[u/]")

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
        room: tokens for hidden reasoning that the user asked for, or None.
        most: requests under way at once, at most.
        answer_seconds: longest wait for one whole answer, however slowly it trickles.
        server: the local server behind the address, where it is ours to restart.
        endpoint: finds where at the address the API is; None where that is known.
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
    answer_seconds: float
    server: RestartableServer | None = None
    endpoint: Endpoint | None = None
    room: int | None = None

    @property
    def url(self) -> str:
        """Base of the API; a local server changes its port when it is restarted, and of an address as people write it
        the base may have to be found first."""
        if self.server is not None:
            return self.server.url
        return self.address.url if self.endpoint is None else self.endpoint.url

    def call(self, path: str) -> str:
        """The whole address of a call, with what every request has after '?'."""
        return f"{self.url}/{path}{f'?{self.address.query}' if self.address.query else ''}"

    def options(self) -> dict[str, Any]:
        """Arguments of an httpx client: the key's header, no redirects, and no proxy on the way to this machine or
        where it would read the key (plain http)."""
        import httpx

        key = self.address.key
        readable = key is not None and self.address.url.startswith("http:")
        return {
            "headers": self.address.headers(),
            "follow_redirects": False,
            "verify": _certificates(),
            "trust_env": not (self.address.loopback or readable),
            "timeout": httpx.Timeout(self.answer_seconds, connect=_CONNECT_SECONDS, pool=None),
            "limits": httpx.Limits(max_connections=None, max_keepalive_connections=self.most),
        }


@cache
def _certificates() -> ssl.SSLContext:
    """Loaded once: it takes longer than a request to this machine."""
    import httpx

    return httpx.create_ssl_context()


async def post(client: httpx.AsyncClient, connection: Connection, body: dict[str, Any]) -> tuple[Any, dict[str, str]]:
    """Send one request; the JSON of a 200 and its headers. The key is in neither, whatever the server echoes.

    Raises:
        Fault: the transport failed, or the answer is no JSON.
        Refusal, Blocked, ProviderError: see `faults.raise_for`.
    """
    received, endpoint = await _received(client, connection, body), connection.endpoint
    if endpoint is not None:
        while endpoint.moves_on(received):
            received = await _received(client, connection, body)
        if (nothing := endpoint.nothing_here(received, connection.model)) is not None:
            raise ProviderError(nothing)
    status = _MISSING if is_refusal_in_200(received) else received.status
    if status != _OK:
        await _raise(client, connection, received, status, sent_parameters(body))
    try:
        return json.loads(received.text), dict(received.headers)
    except (ValueError, RecursionError) as error:
        if (streamed := assembled(received.text)) is not None:
            return streamed, dict(received.headers)
        what = "a web page" if received.is_page else "no JSON"
        raise Fault(f"200, but what came is {what}", billed=True) from error


async def _raise(
    client: httpx.AsyncClient, connection: Connection, received: Received, status: int, sent: tuple[str, ...]
) -> None:
    """Say what a status other than 200 means; of a model that the server does not have, which it has."""
    address, provider, model = connection.address, connection.provider, connection.model
    try:
        raise_for(status, received.headers, received.text, sent=sent, address=address, provider=provider, model=model)
    except ProviderError as error:
        if not is_unknown_model(received):
            raise
        names = await _models(client, connection)
        told = about_models(names, model, address, provider)
        raise ProviderError(f"{address.host} has no model {model!r} ({received.said()}).{told}") from error


async def _models(client: httpx.AsyncClient, connection: Connection) -> list[str]:
    """The models that the server lists; [] where it does not."""
    import httpx

    hidden = _Hidden(connection.address.key)
    for call in dict.fromkeys((connection.call("models"), urljoin(connection.url, "/v1/models"))):
        try:
            async with asyncio.timeout(_SECONDS_TO_LIST_MODELS):
                status, _, text = await _exchanged(client, "GET", call, None)
            if status == _OK and (names := model_names(json.loads(hidden.in_json(text)))):
                return names
        except (TimeoutError, httpx.RequestError, Fault, ValueError, RecursionError):
            return []
    return []


async def _received(client: httpx.AsyncClient, connection: Connection, body: dict[str, Any]) -> Received:
    """Send one request; what came back, without the key.

    Raises:
        Fault: nothing came, or not all of it.
    """
    import httpx

    hidden, seconds, base = _Hidden(connection.address.key), connection.answer_seconds, connection.url
    try:
        async with asyncio.timeout(seconds):
            status, headers, text = await _exchanged(client, "POST", connection.call(CHAT), body)
    except TimeoutError as error:
        raise Fault(f"no whole answer within {seconds:g} seconds", billed=True, unreachable=True) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        reason = hidden.in_text(_reason(error))
        if base.startswith("https:") and "WRONG_VERSION_NUMBER" in reason and connection.address.own:
            http = f"prompt:{connection.model}@http:{connection.address.url.removeprefix('https:')}"
            raise ProviderError(f"{base} does not answer https but, it seems, http. Write '{http}'") from error
        raise Fault(f"no answer from {connection.url} ({reason})", unreachable=True) from error
    except httpx.RequestError as error:
        reason = hidden.in_text(_reason(error))
        raise Fault(f"connection lost ({reason})", billed=True, unreachable=True) from error
    shown = {name: hidden.in_text(value) for name, value in headers.items()}
    return Received(base, status, shown, hidden.in_json(text))


async def _exchanged(
    client: httpx.AsyncClient, method: str, url: str, body: dict[str, Any] | None
) -> tuple[int, dict[str, str], str]:
    """Status, headers (names in lower case) and text of an answer."""
    received = bytearray()
    async with client.stream(method, url, json=body) as response:
        async for part in response.aiter_bytes():
            received += part
            if len(received) > _MOST_BYTES:
                raise Fault(f"an answer of more than {_MOST_BYTES >> 20} MB", billed=True)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return response.status_code, headers, received.decode("utf-8-sig", errors="replace")


class _Hidden:
    """Takes a key out of what a server sends back, so that it ends in no file, log or message."""

    _SIGN = "[key]"

    def __init__(self, key: str | None) -> None:
        self._forms = () if key is None else (key, json.dumps(key)[1:-1])

    def in_text(self, text: str) -> str:
        """The text without the key."""
        for form in self._forms:
            text = text.replace(form, self._SIGN)
        return text

    def in_json(self, text: str) -> str:
        """JSON (or anything else) without the key, in whatever way its characters are escaped, and without halves of
        characters, which no file can hold."""
        if _ESCAPE.search(text):
            try:
                plain = json.dumps(json.loads(text), ensure_ascii=False)
            except (ValueError, RecursionError):
                plain = text.replace("\\/", "/")
            text = plain.encode(errors="replace").decode()
        return self.in_text(text)


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
