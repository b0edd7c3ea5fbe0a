"""Arm specs: `FAMILY:MODEL[@URL][?key=value&…]`, e.g. `prompt:smollm2-135m?shots=5&select=nearest`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, quote

from tuningfork.errors import InputError, UnknownName

_MOST_DIGITS = 18
_ADDRESS = re.compile(r"@(?=https?://)", re.IGNORECASE)
_SECRET = re.compile(r"(key|token|secret|password|passwd|signature|sig|auth|code)$", re.IGNORECASE)
_OF_THE_ADDRESS = ("api-version",)
"""Parameters after '?' that belong to the server's address and not to the arm: Azure's."""
ONLY = "only"
"""The option of arms that see one field of each row."""
_PLAIN = "/:.,-_~ "
"""Characters of a value that need no escape in a spec."""


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """One candidate as a user names it.

    Attributes:
        text: the spec as given; the arm's name everywhere.
        family: the part before the first colon, a name in the arm registry.
        model: starter name, path, 'hf:OWNER/NAME', 'PROVIDER/MODEL', or '' where the family needs none.
        url: the server's address after '@', with the parameters that belong to it (`api-version`), or None.
        options: what else stands after '?', keys in lower case.
    """

    text: str
    family: str
    model: str
    url: str | None
    options: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> ArmSpec:
        """Take a spec apart. Whether family, model and options exist is for the registry and the family to say.

        Raises:
            InputError: the text is no spec, names an option twice, or has a secret in it.
        """
        body, _, query = text.strip().partition("?")
        family, _, rest = body.partition(":")
        model, at, url = _split_address(rest)
        if not family or (at and not url):
            raise InputError(
                f"{text!r} is no arm spec",
                remedy="Write FAMILY:MODEL[@URL][?key=value&…], e.g. prompt:smollm2-135m?shots=5",
            )
        options = _options(text, query)
        if url:
            _refuse_secrets(f"{family}:{model}@{url}", options)
            own = [f"{name}={options.pop(name)}" for name in _OF_THE_ADDRESS if name in options]
            url = "?".join([url, *own])
        return cls(text.strip(), family, model, url or None, MappingProxyType(options))

    @property
    def is_check(self) -> bool:
        """Whether it is measured for what it tells of the rows, and stands for no side: an arm that sees a part of
        each row only."""
        return ONLY in self.options

    def only_options(self, *known: str) -> None:
        """Refuse options that this family does not have.

        Raises:
            UnknownName: an option that is not in `known`; of an address with parameters of its own, how to write it.
        """
        for name in self.options:
            if name in known:
                continue
            if self.url is None:
                raise UnknownName(f"option of {self.text!r}", name, known=known)
            kept = [f"{key}={value}" for key, value in self.options.items() if key in known]
            bare = f"{self.family}:{self.model}@{self.url}"
            whole = f"{bare}{'&' if '?' in bare else '?'}{'&'.join(kept)}" if kept else bare
            remedy = f"What stands after '?' is the arm's and not the address's; without it: '{whole}'"
            raise UnknownName(f"option of {bare!r}", name, known=known, remedy=remedy)

    def with_option(self, name: str, value: str) -> str:
        """The spec as somebody would write it with this option, which takes the place of one of the same name."""
        bare = self.text.partition("?")[0] if self.url is None else f"{self.family}:{self.model}@{self.url}"
        options = {**self.options, name: value}
        given = "&".join(f"{key}={quote(one, safe=_PLAIN)}" for key, one in options.items())
        return f"{bare}{'&' if '?' in bare else '?'}{given}"

    def without_option(self, name: str) -> ArmSpec:
        """The arm without this option; itself where it has none."""
        if name not in self.options:
            return self
        bare = self.text.partition("?")[0] if self.url is None else f"{self.family}:{self.model}@{self.url}"
        given = "&".join(f"{key}={quote(one, safe=_PLAIN)}" for key, one in self.options.items() if key != name)
        return ArmSpec.parse(f"{bare}{'&' if '?' in bare else '?'}{given}" if given else bare)

    def whole_number(self, name: str, default: int, *, least: int, most: int) -> int:
        """The option `name` as a whole number in [least, most].

        Raises:
            InputError: it is no number, or out of range.
        """
        given = self.options.get(name)
        if given is None:
            return default
        # Python refuses to read thousands of digits.
        if not given.isdecimal() or len(given) > _MOST_DIGITS or not least <= int(given) <= most:
            raise InputError(f"{self.text!r}: {name}={given!r} is no whole number from {least} to {most}")
        return int(given)

    def choice(self, name: str, default: str, *, among: tuple[str, ...]) -> str:
        """The option `name` as one of the words in `among`.

        Raises:
            UnknownName: it is none of them.
        """
        given = self.options.get(name, default)
        if given not in among:
            raise UnknownName(f"{name} in {self.text!r}", given, known=among)
        return given


def _split_address(rest: str) -> tuple[str, str, str]:
    """'MODEL@http://host/v1' -> model, '@', address; an '@' inside a model's name stays where it is."""
    found = _ADDRESS.search(rest)
    return (rest, "", "") if found is None else (rest[: found.start()], "@", rest[found.end() :].rstrip("/"))


def _refuse_secrets(whole: str, options: Mapping[str, str]) -> None:
    """A key in a spec would stand in every file and report of the study; the message does not repeat it."""
    for name in options:
        if _SECRET.search(name) and name != "key_env":
            raise InputError(
                f"{name}= after '?' in the address of {whole!r} looks like a key, for which an arm is no place",
                remedy=f"Put the key into TUNINGFORK_API_KEY, or into a variable of its own: '{whole}?key_env=NAME'",
            )


def _options(text: str, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        name = key.strip().lower()
        if name in options:
            raise InputError(f"{text!r} gives {name!r} twice")
        options[name] = value.strip()
    return options
