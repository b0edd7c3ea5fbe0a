"""Where a request may go and which key may go with it.

A key goes to its own provider's host and nowhere else: an address of the user's own never receives a provider's key,
and plain http carries a key only to this machine unless the user insists.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tuningfork.errors import InputError
from tuningfork.models.llm.providers import Provider, providers

THIS_MACHINE = "this machine"
OWN_KEY_VARIABLE = "TUNINGFORK_API_KEY"

_EVERY_INTERFACE = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}  # noqa: S104 (an address to ask, none to listen on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A checked address with the key that may be sent there.

    Attributes:
        url: base of the API, without a slash at its end.
        key: the key, or None; never shown in `repr`.
        key_variable: the environment variable that it came from, or that it could come from.
        own: True where the user named the address, not the table.
    """

    url: str
    key: str | None = field(repr=False)
    key_variable: str | None
    own: bool

    @property
    def loopback(self) -> bool:
        """Whether requests stay on this machine."""
        return is_loopback(self.url)

    @property
    def host(self) -> str:
        """The host as shown to people: 'api.openai.com', or 'this machine'."""
        return THIS_MACHINE if self.loopback else str(urlsplit(self.url).hostname)


def provider_address(provider: Provider, environment: Mapping[str, str], *, insecure: bool) -> Address:
    """The address of a provider of the table: its own, or the one its variable overrides it with.

    Raises:
        InputError: no key in the environment, or an address that cannot be used.
    """
    variable = provider.address_variable
    given = environment.get(variable, "").strip() if variable else ""
    url = _checked(_complete(given, provider) if given else str(provider.address), named_by=variable if given else None)
    key = _key(provider.key, environment, required=True) if provider.key else None
    return _guarded(
        Address(url=url, key=key, key_variable=provider.key, own=url != provider.address), insecure=insecure
    )


def own_address(url: str, environment: Mapping[str, str], *, key_env: str | None, insecure: bool) -> Address:
    """An address of the user's own; its key comes from `TUNINGFORK_API_KEY`, or from the variable `key_env`.

    Raises:
        InputError: an address that cannot be used, a provider's key asked for, or an empty `key_env`.
    """
    owner = next((p.name for p in providers().values() if key_env is not None and p.key == key_env), None)
    if owner is not None:
        raise InputError(
            f"{key_env} is the key of {owner} and goes to no other host",
            remedy=f"Put this server's key into {OWN_KEY_VARIABLE}, or into a variable of its own named by ?key_env=",
        )
    variable = key_env or OWN_KEY_VARIABLE
    key = _key(variable, environment, required=key_env is not None)
    return _guarded(Address(url=_checked(url), key=key, key_variable=variable, own=True), insecure=insecure)


def is_loopback(url: str) -> bool:
    """Whether the address is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _guarded(address: Address, *, insecure: bool) -> Address:
    if address.key is not None and address.url.startswith("http:") and not address.loopback and not insecure:
        raise InputError(
            f"a key would travel unencrypted to {address.url}",
            remedy="Use https, or add ?insecure=yes to send it all the same",
        )
    return address


def _checked(url: str, *, named_by: str | None = None) -> str:
    where = f" (from {named_by})" if named_by else ""
    try:
        parts = urlsplit(url.strip())
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        valid = valid and not any(character.isspace() for character in parts.netloc)
    except ValueError:
        valid = False
    if not valid or parts.query or parts.fragment:
        raise InputError(
            f"{url!r}{where} is no address of a server",
            remedy="Write http(s)://HOST:PORT/v1, e.g. http://127.0.0.1:8000/v1",
        )
    if parts.username or parts.password:
        raise InputError(
            f"the address of {parts.hostname}{where} has a password in it",
            remedy=f"Leave it out and put the key into {OWN_KEY_VARIABLE}",
        )
    return url.strip().rstrip("/").removesuffix("/chat/completions")


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
