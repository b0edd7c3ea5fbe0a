"""Why a request gave no answer: a parameter was refused, the transport failed, or the server refused for good."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from tuningfork.errors import ProviderError
from tuningfork.models.llm.addresses import Address
from tuningfork.models.llm.pacing import allowance_back
from tuningfork.models.llm.providers import Provider
from tuningfork.models.llm.refused_rows import is_about_model, is_too_long

_NO_CREDIT = (
    "insufficient_quota",
    "billing_not_active",
    "insufficient_credits",
    "credit balance",
    "exceeded your current quota",
)
_BLOCKED = re.compile(
    r"content_filter|content_policy|ResponsibleAIPolicyViolation|data_inspection_failed|flagged_input|input was flagged"
)
_SPOKEN = {"response_format": r"response[ _]format|json[ _]?schema|structured[ _]output"}
_LONGEST_MESSAGE = 300
_MAY_BE_TOO_LONG = (400, 413, 422, 500)
_PHRASES = {413: "Payload Too Large"}


class Fault(Exception):
    """The transport failed; the request may be sent again.

    Args:
        reason: for the person, e.g. '503 Service Unavailable'.
        retry_after: seconds that the server asked to wait, or None.
        throttled: the server asked for fewer requests.
        billed: the server may have computed, and billed, an answer that never came.
        unreachable: nothing answered at the address.
        broke: something broke in the server while it answered, which may hang on what it was asked.
    """

    def __init__(
        self,
        reason: str,
        *,
        retry_after: float | None = None,
        throttled: bool = False,
        billed: bool = False,
        unreachable: bool = False,
        broke: bool = False,
    ) -> None:
        super().__init__(reason)
        self.retry_after, self.throttled, self.billed, self.unreachable = retry_after, throttled, billed, unreachable
        self.broke = broke


class Refusal(Exception):
    """The server does not take one of the parameters sent.

    Args:
        parameter: its name in the body.
        at_most: the largest value that the server says it takes, where it says one.
        message: what the server said.
    """

    def __init__(self, parameter: str, message: str, at_most: int | None) -> None:
        super().__init__(message)
        self.parameter, self.message, self.at_most = parameter, message, at_most


class Blocked(Exception):
    """The server's content filter refused this one question; that is an answer, and no label."""


class RowTooLong(Exception):
    """The prompt of this row does not fit, the server says."""


class RowRefused(Exception):
    """The server refuses this request, and no parameter of it: perhaps for what is in the row.

    Args:
        message: what the server said.
        for_good: what to raise if it refuses other rows as well.
        broke: something broke in the server, each time that it was asked.
    """

    def __init__(self, message: str, for_good: ProviderError, *, broke: bool = False) -> None:
        super().__init__(message)
        self.for_good, self.broke = for_good, broke


def raise_for(
    status: int,
    headers: Mapping[str, str],
    text: str,
    *,
    sent: tuple[str, ...],
    address: Address,
    provider: Provider,
    model: str,
) -> None:
    """Say what a status other than 200 means, by raising it.

    Raises:
        Refusal: 400 or 422 that names a parameter of `sent`.
        Fault: 408, 429 or 5xx.
        Blocked: a content filter.
        RowTooLong: the prompt does not fit.
        RowRefused: 400 or 422 without a parameter of `sent`.
        ProviderError: anything else; the message says what to do.
    """
    payload = _as_json(text)
    message = message_of(payload, text)
    about = f"{message} {json.dumps(payload)[:2000]}"
    if status == 429 and any(word in about for word in _NO_CREDIT):
        raise ProviderError(f"{address.host}: no credit left ({message}). Add credit, or choose another model.")
    if status in _MAY_BE_TOO_LONG and is_too_long(f"{message} {_codes(payload)} {_PHRASES.get(status, '')}"):
        raise RowTooLong(message)
    if status in (408, 429) or status >= 500:
        raise Fault(
            f"{status} {message}",
            retry_after=_retry_after(headers),
            throttled=status in (429, 503, 529),
            broke=status == 500,
        )
    if status in (400, 403, 422) and _BLOCKED.search(about):
        raise Blocked(message)
    if status in (400, 422):
        parameter = named_parameter(payload, message, sent)
        if parameter is not None:
            raise Refusal(parameter, message, _allowed(message))
    final = ProviderError(
        f"{address.host} refused: {status} {message}.{_remedy(status, headers, address, provider, model)}"
    )
    if status in (400, 422) and not is_about_model(about):
        raise RowRefused(f"{status} {message}", final)
    raise final


def named_parameter(payload: Any, message: str, sent: tuple[str, ...]) -> str | None:
    """Which of the parameters sent an error names: by OpenAI's `param`, a validator's `loc`, or in words."""
    error = _error_of(payload)
    named = [str(error.get("param") or "")] if isinstance(error, Mapping) else []
    named += [str(part) for place in _places(payload) for part in place]
    for name in named:
        head = re.split(r"[.\[]", name)[0]
        if head in sent:
            return head
    found = {
        name: re.search(_SPOKEN.get(name, rf"(?<![a-z_]){re.escape(name)}(?![a-z_])"), message, re.IGNORECASE)
        for name in sent
    }
    return min((name for name in found if found[name]), key=lambda name: _start(found[name]), default=None)


def message_of(payload: Any, text: str) -> str:
    """What the server says, in one short line."""
    error = _error_of(payload)
    said = error.get("message", error) if isinstance(error, Mapping) else error
    if said in (None, "", {}):
        said = text
    line = " ".join((said if isinstance(said, str) else json.dumps(said)).split())
    return line[:_LONGEST_MESSAGE] + ("…" if len(line) > _LONGEST_MESSAGE else "")


def _codes(payload: Any) -> str:
    """How an error names itself, beside its message."""
    error = _error_of(payload)
    return " ".join(str(error.get(name)) for name in ("code", "type")) if isinstance(error, Mapping) else ""


def _start(match: re.Match[str] | None) -> int:
    return match.start() if match else 0


def _error_of(payload: Any) -> Any:
    """The error inside a body: OpenAI nests it, Google puts it into a list, others leave it at the top."""
    if isinstance(payload, list) and payload:
        payload = payload[0]
    if isinstance(payload, Mapping):
        return payload.get("error") or payload.get("message") or payload.get("detail") or payload
    return payload


def _places(payload: Any) -> list[list[Any]]:
    """The `loc` of each complaint of a validator (FastAPI, Mistral), wherever it is nested."""
    if isinstance(payload, str):
        payload = _as_json(payload)
    if isinstance(payload, list):
        return [place for item in payload for place in _places(item)]
    if not isinstance(payload, Mapping):
        return []
    here = [list(payload["loc"])] if isinstance(payload.get("loc"), list) else []
    return here + [place for key in ("detail", "message", "error") for place in _places(payload.get(key))]


def _allowed(message: str) -> int | None:
    """The bound in 'must be at most 5', 'less than or equal to 5', 'maximum of 5', 'between 0 and 5', '8 > 5, which is
    the maximum'."""
    found = re.search(
        r"(?:at most|less than or equal to|maximum(?: (?:of|is|value is))?|<=|and) (\d+)|> (\d+), which is the maximum",
        message,
    )
    return int(found[1] or found[2]) if found else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, `Retry-After` as a number or a date, or the time at which
    an allowance that is used up comes back."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    given = headers.get("retry-after", "")
    seconds = _number(given)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return allowance_back(headers)


def _number(text: str) -> float | None:
    """A finite number of 0 or more (a negative one counts as 0), or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _remedy(status: int, headers: Mapping[str, str], address: Address, provider: Provider, model: str) -> str:
    if 300 <= status < 400:
        where = headers.get("location", "another address")
        return f" It points to {where}; a key follows no redirect. Name that address in the arm if you trust it."
    if status in (401, 403):
        if address.key is None:
            return f" It wants a key: put it into {address.key_variable}." if address.key_variable else ""
        return f" The key in {address.key_variable} is wrong, or may not use {model}."
    if status == 402:
        return " Add credit, or choose another model."
    if status == 404:
        hint = provider.missing.format(model=model) if provider.missing else "Check the model's name and the address"
        return f" {hint} ({model} at {address.url})."
    return ""


def _as_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
