"""Addresses of servers as people write and copy them, read as the base of an OpenAI-compatible API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from tuningfork.errors import InputError

_PAGES = re.compile(
    r"(/chat/completions|/completions?|(?<=/v1)/(v1|chat|responses|embeddings|messages|models)"
    r"|/(docs|redoc|openapi\.json|index\.html))$"
)
"""What stands behind the base in addresses that are copied from an example or from a browser. (Azure has a base that
ends in /models.)"""

_OWN_PARAMETERS = ("api-version",)
"""What may follow '?' in an address: Azure's version of the API. A key may not: it would be written everywhere."""

_LIKE_AN_ADDRESS = re.compile(
    r"""(?P<model>.*?)@(?P<address>
        (?:https?:\S+|[a-z][a-z+]*:/\S+)                            # another scheme, or a mistyped one
      | (?:localhost|\d+\.\d+\.\d+\.\d+|\[[0-9a-f:.]+\])(?:[:/]\S*)?
      | [\w-]+(?:\.[\w-]+)*:\d+(?:/\S*)?
      | [\w-]+(?:\.[\w-]+)+/v\d\S*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class WrittenAddress:
    """An address that can be asked.

    Attributes:
        url: base of the API, scheme in lower case, without a slash at its end.
        query: what every request has after '?'; '' for nothing.
    """

    url: str
    query: str


def read_address(url: str, *, named_by: str | None = None) -> WrittenAddress:
    """Read an address, with whatever of an example's path follows the base.

    Args:
        named_by: the environment variable that it stands in.

    Raises:
        InputError: it cannot be asked; what follows '?' is never repeated, as it may be a key.
    """
    where = f" (from {named_by})" if named_by else ""
    given = url.strip()
    try:
        parts = urlsplit(given)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        valid = valid and not any(character.isspace() for character in parts.netloc)
    except ValueError:
        raise _no_address(given, where) from None
    if not valid:
        raise _no_address(given, where)
    if parts.username or parts.password:
        raise InputError(
            f"the address of {parts.hostname}{where} has a password in it",
            remedy="Leave it out and put the key into TUNINGFORK_API_KEY",
        )
    foreign = [name for name, _ in parse_qsl(parts.query) if name not in _OWN_PARAMETERS]
    nameless = any(not value for _, _, value in (pair.partition("=") for pair in parts.query.split("&")))
    if foreign or parts.fragment or (parts.query and nameless):
        raise InputError(
            f"the address {_base(parts)}{where} has {_told(foreign, parts)} behind it",
            remedy=f"Write {_base(parts)}, and put a key into TUNINGFORK_API_KEY or a variable named by ?key_env=",
        )
    return WrittenAddress(url=_base(parts), query=parts.query)


def refuse_address_without_scheme(model: str, options: str) -> None:
    """Refuse a model's name that ends in an address without http:// or with another scheme.

    Args:
        model: what stands before '?' in an arm spec, after its family.
        options: what stands after '?', or ''.

    Raises:
        InputError: with the whole spec as it should be.
    """
    found = _LIKE_AN_ADDRESS.fullmatch(model)
    if found is None:
        return
    address = re.sub(r"^(https?:|[a-z][a-z+]*:/)/*", "", found["address"], flags=re.IGNORECASE)
    scheme = "https" if found["address"].lower().startswith(("https:", "wss:")) else "http"
    whole = f"prompt:{found['model']}@{scheme}://{address}{f'?{options}' if options else ''}"
    raise InputError(
        f"the address {found['address']!r} does not begin with http:// or https://", remedy=f"Write '{whole}'"
    )


def _base(parts: SplitResult) -> str:
    path = parts.path.rstrip("/")
    while (found := _PAGES.search(path)) is not None:
        path = path[: found.start()].rstrip("/")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}"


def _told(foreign: list[str], parts: SplitResult) -> str:
    if foreign:
        return f"parameters of its own ({', '.join(dict.fromkeys(foreign))})"
    return "something after '#'" if parts.fragment else "something after '?'"


def _no_address(given: str, where: str) -> InputError:
    shown = given.partition("?")[0]
    if "@" in shown:
        shown = f"…@{shown.rpartition('@')[2]}"
    return InputError(
        f"{shown!r}{where} is no address of a server",
        remedy="Write http(s)://HOST:PORT/v1, e.g. http://127.0.0.1:8000/v1",
    )
