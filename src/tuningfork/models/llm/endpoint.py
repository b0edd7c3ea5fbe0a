"""Where at a server its OpenAI-compatible API is, and what it says where there is none, or no such model.

People write 'http://127.0.0.1:1234' where the API is under /v1, or copy an address of the server's own API. What is
there answers 404, 405, a redirect, a web page, or 200 with an error about the path. Then the API is looked for once, at
the same scheme, host and port.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from tuningfork.models.llm.addresses import Address
from tuningfork.models.llm.faults import message_of
from tuningfork.models.llm.providers import Provider
from tuningfork.models.ports import Journal

CHAT = "chat/completions"

_VERSIONED = re.compile(r"/v\d+(alpha|beta)?\d*(/openai)?$")
_NATIVE = re.compile(r"^/api(/v[01])?$")
"""Base of an API of the server's own (Ollama, LM Studio), or of a compatible one (Open WebUI, OpenRouter)."""

_NATIVE_CALL = re.compile(r"^/api(/v[01])?/(chat|generate|tags|show)$")
_NO_ENDPOINT = re.compile(
    r"unexpected endpoint|endpoint or method|method not allowed|cannot (post|get) /|invalid url"
    r"|(unknown|invalid|unsupported|no such|no matching|no) (endpoint|path|url|route|request url|handler|operation)"
    r"|(page|path|route|resource|endpoint|url|file|handler)\b[^.]{0,60}(not found|not exist)",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model_not_found|model[_ ]?not[_ ]?exist|(unknown|unrecognized|no such) model|not a valid model"
    r"|invalid model( (name|id|identifier)|:)|no models? (is |are )?(loaded|found|available)"
    r"|(?<!this )\b(model|deployment)\b.{0,120}?(not found|not exist|doesn'?t exist|not loaded|not served|is unknown)",
    re.IGNORECASE | re.DOTALL,
)
_WANTS_HTTPS = re.compile(r"HTTP request (was sent )?to (an )?HTTPS", re.IGNORECASE)
_PAGE = re.compile(r"\s*(<!--.*?-->\s*)*(<!doctype html|<html|<head)", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class Received:
    """What came back for one request.

    Attributes:
        base: the address that was asked, without the path of the call.
        status, headers (names in lower case), text: as they came, without the key.
    """

    base: str
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def payload(self) -> Any:
        """The body as JSON, or None."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def is_page(self) -> bool:
        """Whether it is a web page."""
        return _PAGE.match(self.text) is not None

    def said(self) -> str:
        """Status and message in one short line."""
        if self.is_page:
            title = _TITLE.search(self.text)
            named = f" ({' '.join(title[1].split())[:80]})" if title and title[1].strip() else ""
            return f"{self.status} and a web page{named}"
        message = message_of(self.payload, self.text)
        return message if message.startswith(str(self.status)) else f"{self.status} {message}".strip()


class Endpoint:
    """Finds the base of the API from the address as it was written, and remembers it for the study.

    Args:
        address: of the server; only one that the user named is looked around at.
        journal: remembers what was found.
        identity: the server's name in the journal; it stays the address as written, so that answers are found again.
    """

    def __init__(self, address: Address, journal: Journal, identity: str) -> None:
        self._address, self._journal, self._identity = address, journal, identity
        self._bases = list(_bases(address)) if address.own else [address.url]
        self._place, self._settled = 0, False
        known = journal.recall("address", identity)
        # The ledger is a file that people pass on: a key follows nothing in it but the address's own host.
        self._known = known if known is not None and _origin(known) == _origin(address.url) else None
        if self._known is not None:
            self._bases = [self._known, *(base for base in self._bases if base != self._known)]

    @property
    def url(self) -> str:
        """Base of the API, as far as is known."""
        return self._bases[self._place]

    def moves_on(self, received: Received) -> bool:
        """Look at an answer; True where the same request is to be sent to `url` again, which is another one now."""
        if self._settled:
            return False
        if received.base != self.url:
            return _is_elsewhere(received)
        elsewhere = _is_elsewhere(received)
        if elsewhere and (target := self._redirected(received)) is not None:
            self._bases.insert(self._place + 1, target)
        has_next = self._place + 1 < len(self._bases)
        if has_next and (elsewhere or _has_no_answer(received)):
            self._place += 1
            return True
        if not elsewhere and received.status < 500:
            self._settle()
        return False

    def notes(self) -> list[tuple[str, str]]:
        """What the reader must know, as (code, message)."""
        if self.url == self._address.url or not (self._settled or self.url == self._known):
            return []
        return [
            ("address_completed", f"no OpenAI-compatible API is at {self._address.url}; it was asked at {self.url}")
        ]

    def nothing_here(self, received: Received, model: str) -> str | None:
        """Why no API answers at this address, with the way out; None where one does, or where it is another's fault."""
        if received.status == 400 and _WANTS_HTTPS.search(received.text):
            https = f"prompt:{model}@https://{self._address.url.partition('://')[2]}"
            return f"{_origin(self._address.url)} answers https only ({received.status}). Write '{https}'"
        is_redirect = 300 <= received.status < 400
        if not _is_elsewhere(received) or is_redirect or not self._address.own:
            return None
        # A page in the place of an answer may be a gateway's bad moment; where it is all there is, it is the address.
        if received.is_page and received.status == 200 and self._place == 0:
            return None
        if self._settled and (received.status != 200 or received.is_page):
            return None
        asked = " and ".join(f"{base}/{CHAT}" for base in self._bases[: self._place + 1])
        usual = f"{_origin(self._address.url)}/v1"
        if usual in self._bases:
            remedy = (
                f"Are host and port right? Where such a server listens, {usual}/models lists its models. An arm names "
                f"the base of its API: 'prompt:{model}@http://HOST:PORT/v1'."
            )
        else:
            remedy = f"Most servers have it under /v1: 'prompt:{model}@{usual}'."
        return f"no OpenAI-compatible API answers at {asked} ({received.said()}). {remedy}"

    def _redirected(self, received: Received) -> str | None:
        """The base that a redirect points to, if it is on this scheme, host and port, and not tried yet."""
        location = received.headers.get("location")
        if location is None or not 300 <= received.status < 400:
            return None
        target = urljoin(f"{received.base}/{CHAT}", location).partition("?")[0].rstrip("/")
        base = target.removesuffix(f"/{CHAT}")
        is_api = base != target or _VERSIONED.search(target) is not None
        return base if is_api and _origin(base) == _origin(received.base) and base not in self._bases else None

    def _settle(self) -> None:
        self._settled = True
        if self.url != (self._known or self._address.url):
            self._journal.remember("address", self._identity, self.url)


def is_unknown_model(received: Received) -> bool:
    """Whether the server says that it has no such model."""
    if received.status not in (200, 400, 404, 422):
        return False
    about = _error_in(received) if received.status == 200 else f"{received.said()} {received.text[:2000]}"
    return about is not None and not received.is_page and _NO_MODEL.search(about) is not None


def is_refusal_in_200(received: Received) -> bool:
    """Whether a 200 holds an error that will not go away: about the path, or the model."""
    error = _error_in(received)
    return error is not None and (_NO_ENDPOINT.search(error) is not None or _NO_MODEL.search(error) is not None)


def about_models(names: Sequence[str], model: str, address: Address, provider: Provider) -> str:
    """What to do about a model that the server does not have, and what it has instead, the nearest first.

    Args:
        names: the models that it lists.
    """
    others = [name for name in names if name != model]
    remedy = f" {provider.missing.format(model=model)}." if provider.missing else ""
    if not others:
        return remedy or f" Check the model's name and the address ({model} at {address.url})."
    near = _nearest(others, model)
    shown = [*near, *(name for name in others if name not in near)][:_MOST_NAMES]
    more = f" and {len(others) - len(shown)} more" if len(others) > len(shown) else ""
    best = (near or others)[0]
    spec = f"prompt:{best}@{address.url}" if provider.address_variable is None and address.own else None
    spec = spec or f"prompt:{provider.name}/{best}"
    likely = f" Did you mean '{spec}'?" if near or len(others) == 1 else ""
    return f"{remedy} It has: {', '.join(shown)}{more}.{likely}"


def model_names(payload: Any) -> list[str]:
    """The names in an answer to GET /models, in OpenAI's form or Ollama's; [] for anything else."""
    listed = payload.get("data") or payload.get("models") if isinstance(payload, Mapping) else payload
    if not isinstance(listed, list):
        return []
    named = [row.get("id") or row.get("name") if isinstance(row, Mapping) else row for row in listed]
    return [" ".join(name.split()) for name in named if isinstance(name, str) and name.strip()]


def _bases(address: Address) -> Iterator[str]:
    """Where the API of an address may be, the likeliest first."""
    url, path, root = address.url, urlsplit(address.url).path, _origin(address.url)
    if _NATIVE_CALL.match(path):
        yield from (f"{root}/v1", url.rpartition("/")[0])
        return
    yield url
    if address.query:
        return
    if _NATIVE.match(path):
        yield f"{root}/v1"
    elif not _VERSIONED.search(path):
        yield f"{url}/v1"


def _is_elsewhere(received: Received) -> bool:
    """Whether the answer says that there is no such API at this path."""
    if 300 <= received.status < 400:
        return True
    if received.status == 200:
        error = _error_in(received)
        return received.is_page or (error is not None and _NO_ENDPOINT.search(error) is not None)
    if received.status in (404, 405, 501):
        return not is_unknown_model(received)
    return received.status in (400, 403, 410, 422) and _NO_ENDPOINT.search(received.said()) is not None


def _has_no_answer(received: Received) -> bool:
    """Whether it is a whole 200 of something else, a greeting say; one that broke off is the transport's fault."""
    payload = received.payload
    is_other = isinstance(payload, Mapping) and not {"choices", "error"} & payload.keys()
    return received.status == 200 and is_other and payload.get("object") != "chat.completion"


def _error_in(received: Received) -> str | None:
    """What an error in the body of a 200 says, or None."""
    payload = received.payload if received.status == 200 else None
    if not isinstance(payload, Mapping) or payload.get("choices"):
        return None
    error = payload.get("error") or (payload.get("detail") if "choices" not in payload else None)
    if not error:
        return None
    code = error.get("code") if isinstance(error, Mapping) else None
    return f"{message_of({'error': error}, '')} {code or ''}"


def _nearest(names: Sequence[str], model: str) -> list[str]:
    """Names like the one asked for: by letters, or one within the other."""
    plain = {name: name.casefold().rpartition("/")[2] for name in names}
    wanted = model.casefold().rpartition("/")[2]
    within = [name for name, short in plain.items() if wanted and (wanted in short or short in wanted)]
    alike = set(difflib.get_close_matches(wanted, plain.values(), n=3, cutoff=0.6))
    return list(dict.fromkeys([*within, *(name for name, short in plain.items() if short in alike)]))[:3]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
