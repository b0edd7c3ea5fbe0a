"""Where a request may go and which key may go with it.

A key goes to its own provider's host and nowhere else: an address of the user's own never receives a provider's key,
and plain http carries a key only to this machine unless the user insists.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tuningfork.errors import InputError
from tuningfork.models.llm.providers import Provider, providers
from tuningfork.models.llm.written import WrittenAddress, read_address

THIS_MACHINE = "this machine"
OWN_KEY_VARIABLE = "TUNINGFORK_API_KEY"

_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 (an address to ask, none to listen on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A checked address with the key that may be sent there.

    Attributes:
        url: base of the API, without a slash at its end.
        query: what every request has after '?', e.g. 'api-version=2024-06-01'; '' for nothing.
        key: the key, or None; never shown in `repr`.
        key_variable: the environment variable that it came from, or that it could come from.
        key_header: the header that carries the key: 'Authorization' (with 'Bearer') or 'api-key'.
        own: True where the user named the address, not the table.
        local: the model is known to run on this machine: somebody has said so, or this process started its server.
            A loopback address alone says nothing: a relay or a tunnel listens there too.
    """

    url: str
    query: str = ""
    key: str | None = field(repr=False)
    key_variable: str | None
    key_header: str = "Authorization"
    own: bool
    local: bool = False

    @property
    def loopback(self) -> bool:
        """Whether the server that is asked is on this machine, wherever it sends what it is asked."""
        return is_loopback(self.url)

    @property
    def host(self) -> str:
        """Who receives the rows, as shown to people: 'api.openai.com', 'this machine', or, where the server may pass
        them on, '127.0.0.1:4000 on this machine'."""
        parts = urlsplit(self.url)
        if not self.loopback:
            return str(parts.hostname)
        return THIS_MACHINE if self.local else f"{parts.netloc} on {THIS_MACHINE}"

    def headers(self) -> dict[str, str]:
        """What shows the key to the server; {} without a key."""
        if self.key is None:
            return {}
        return {self.key_header: f"Bearer {self.key}" if self.key_header == "Authorization" else self.key}


def provider_address(provider: Provider, environment: Mapping[str, str], *, insecure: bool) -> Address:
    """The address of a provider of the table: its own, or the one its variable overrides it with.

    Raises:
        InputError: no key in the environment, or an address that cannot be used.
    """
    variable = provider.address_variable
    given = environment.get(variable, "").strip() if variable else ""
    if not given and provider.address is None:
        raise InputError(
            f"{variable} is not set, and {provider.name} has no address of its own",
            remedy=f"Put yours there: export {variable}={provider.example}",
        )
    written = read_address(_complete(given, provider), named_by=variable) if given else _listed(provider)
    if provider.hosts and not _is_of(provider, written.url):
        raise InputError(
            f"{variable} names {urlsplit(written.url).hostname}, and {provider.key} goes to {provider.name}'s own "
            f"hosts only ({', '.join(provider.hosts)})",
            remedy=f"Write prompt:MODEL@{written.url} and put that server's key into {OWN_KEY_VARIABLE}",
        )
    url = _under(provider, written)
    owner = owner_of(url)
    key_of = owner if owner is not None and owner.key and environment.get(owner.key, "").strip() else provider
    key = _key(key_of.key, environment, required=True) if key_of.key else None
    return _guarded(
        Address(
            url=url,
            query=written.query,
            key=key,
            key_variable=key_of.key,
            key_header=_key_header(url, written.query),
            own=url != provider.address,
            local=not provider.billed and is_loopback(url) and _port(url) == _port(str(provider.address)),
        ),
        insecure=insecure,
    )


def own_address(
    url: str, environment: Mapping[str, str], *, key_env: str | None, insecure: bool, local: bool = False
) -> Address:
    """An address of the user's own; its key comes from `TUNINGFORK_API_KEY`, or from the variable `key_env`; a host of
    Azure's takes Azure's.

    Args:
        local: the user says that the model runs on this machine.

    Raises:
        InputError: an address that cannot be used, a provider's key asked for, an empty `key_env`, or a model on
            another machine that is said to run here.
    """
    written = read_address(url)
    host = owner_of(written.url)
    owner = next((p for p in providers().values() if key_env is not None and p.key == key_env), None)
    if owner is not None and owner is not host:
        raise InputError(
            f"{key_env} is the key of {owner.name} and goes to no other host",
            remedy=f"Put this server's key into {OWN_KEY_VARIABLE}, or into a variable of its own named by ?key_env=",
        )
    variable = key_env or _own_variable(host, environment)
    key = _key(variable, environment, required=key_env is not None)
    address = Address(
        url=written.url,
        query=written.query,
        key=key,
        key_variable=variable,
        key_header=_key_header(written.url, written.query),
        own=True,
        local=local,
    )
    if local and not address.loopback:
        raise InputError(
            f"local=yes says that the model runs on this machine, and {address.host} is another one",
            remedy="Leave it out; what the model costs is for --price 'MODEL=IN,OUT' to say (0,0 if it is free)",
        )
    return _guarded(address, insecure=insecure)


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    # A server that listens on every interface prints 0.0.0.0, and people copy that.
    return bool(mapped.is_loopback or mapped.is_unspecified)


def asks_here(host: str) -> bool:
    """Whether what `Address.host` shows is a server on this machine, even if it passes rows on to somebody."""
    return host.endswith(THIS_MACHINE)


def passes_on(host: str) -> bool:
    """Whether what `Address.host` shows is a server on this machine that may send rows elsewhere."""
    return asks_here(host) and host != THIS_MACHINE


def _own_variable(owner: Provider | None, environment: Mapping[str, str]) -> str:
    """Where the key of an address of the user's own is looked for: of its owner's host first in the owner's variable,
    then in the project's."""
    usual = owner.key if owner is not None and owner.key else OWN_KEY_VARIABLE
    held = [name for name in (usual, OWN_KEY_VARIABLE) if environment.get(name, "").strip()]
    return held[0] if held else usual


def owner_of(url: str) -> Provider | None:
    """The provider whose own hosts this is one of, for providers with a host for each customer."""
    return next((provider for provider in providers().values() if _is_of(provider, url)), None)


def _listed(provider: Provider) -> WrittenAddress:
    return WrittenAddress(url=str(provider.address), query="")


def _is_of(provider: Provider, url: str) -> bool:
    host = (urlsplit(url).hostname or "").lower()
    return any(host.endswith(f".{name}") for name in provider.hosts)


def _under(provider: Provider, written: WrittenAddress) -> str:
    """The base of the API where a variable gives the customer's host alone, as Azure's own does."""
    if provider.path is None or urlsplit(written.url).path not in ("", "/openai"):
        return written.url
    parts = urlsplit(written.url)
    return f"{parts.scheme}://{parts.netloc}{provider.path}"


def _key_header(url: str, query: str) -> str:
    """Azure's servers, and gateways that speak as they do, read the key from a header of its own."""
    owner = owner_of(url)
    if owner is not None and owner.key_header is not None:
        return owner.key_header
    return "api-key" if re.search(r"(^|&)api-version=", query) else "Authorization"


def _port(url: str) -> int | None:
    return urlsplit(url).port


def _guarded(address: Address, *, insecure: bool) -> Address:
    if address.key is not None and address.url.startswith("http:") and not address.loopback and not insecure:
        raise InputError(
            f"a key would travel unencrypted to {address.url}",
            remedy="Use https, or add ?insecure=yes to send it all the same",
        )
    return address


def _complete(given: str, provider: Provider) -> str:
    """An address as Ollama users write theirs ('0.0.0.0', ':11434', 'box:8080') as a full one."""
    if provider.key is not None:
        return given
    usual = urlsplit(str(provider.address))
    try:
        parts = urlsplit(given if "://" in given else f"http://{given}")
        port = parts.port or (443 if parts.scheme == "https" else usual.port)
    except ValueError:
        return given
    host = parts.hostname or "127.0.0.1"
    if ":" in host:
        host = f"[{host}]"
    host = _EVERY_INTERFACE.get(host, host)
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/') or usual.path}"


def _key(variable: str, environment: Mapping[str, str], *, required: bool) -> str | None:
    key = environment.get(variable, "").strip()
    if not key:
        if required:
            raise InputError(f"{variable} is not set", remedy=f"Put the key there: export {variable}=…")
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        raise InputError(f"{variable} holds something that is no key (blanks or unusual characters in it)")
    return key
