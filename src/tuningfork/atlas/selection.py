"""Which models of the catalogue a person asks for: conditions, order, and what had to be left out unseen.

A condition on a fact that is not known is neither met nor failed. Such models are left out, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal

from tuningfork.atlas.catalogue import BRANCHES, Catalogue, Model
from tuningfork.atlas.listed import list_price
from tuningfork.atlas.prices import Price
from tuningfork.errors import InputError, UnknownName

Order = Literal["date", "name", "organisation", "parameters", "context", "price", "capability"]
ORDERS: tuple[Order, ...] = ("date", "name", "organisation", "parameters", "context", "price", "capability")

_UNITS = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kmbt]?)", re.IGNORECASE)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_ANY_COMMERCIAL = ("yes", "conditional")


@dataclass(frozen=True)
class Listed:
    """A model with its price, which is looked up when it is first asked for."""

    model: Model

    @cached_property
    def price(self) -> Price | None:
        """At its maker, or None where that is not known."""
        return list_price(self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What is asked for; None asks nothing.

    Attributes:
        name: text that the name or an alias has in it.
        access: 'open' or 'closed'.
        commercial: commercial use is allowed, perhaps on terms.
        branch: the architecture's.
        organisation: text that the name of one of its makers has in it.
        domain, language: one that the model was made for.
        max_parameters: weights in all, at most.
        context: window in tokens, at least.
        max_price: US dollars a million prompt tokens, at most.
        since, until: dates of publication, 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD', both included.
    """

    name: str | None = None
    access: Literal["open", "closed"] | None = None
    commercial: bool | None = None
    branch: str | None = None
    organisation: str | None = None
    domain: str | None = None
    language: str | None = None
    max_parameters: float | None = None
    context: float | None = None
    max_price: float | None = None
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Models that meet all conditions, in order.

    Attributes:
        listed: the models.
        unknown: models that fail no condition, but of which a fact that was asked for is not known.
    """

    listed: tuple[Listed, ...]
    unknown: int

    def summary(self, shown: int) -> str:
        """One line: how many there are, how many of them are shown, and how many could not be judged."""
        told = f"{len(self.listed)} models" if len(self.listed) != 1 else "1 model"
        told += f", {shown} shown (--limit 0 shows all)" if shown < len(self.listed) else ""
        return f"{told}; {self.unknown} more may fit, but what was asked is not known of them" if self.unknown else told


def select(catalogue: Catalogue, conditions: Conditions, *, order: Order = "date", reverse: bool = False) -> Selection:
    """The models that meet the conditions.

    Args:
        order: newest, largest, longest, most capable or cheapest first, or by letters; unknown ones last.
        reverse: the other way round; unknown ones stay last.

    Raises:
        UnknownName: a branch, domain or language that no model has.
        InputError: a date that is none.
    """
    _check(catalogue, conditions)
    asked = {entry.name: getattr(conditions, entry.name) for entry in fields(conditions)}
    tests = [(_TESTS[name], value) for name, value in asked.items() if value is not None]
    met, unknown = [], 0
    for model in catalogue:
        listed = Listed(model)
        verdict = _verdict(test(listed, value) for test, value in tests)
        if verdict:
            met.append(listed)
        unknown += verdict is None
    return Selection(listed=tuple(_ordered(met, order, reverse=reverse)), unknown=unknown)


def amount(text: str) -> float:
    """'8B' as 8e9, '32k' as 32000, '1.5T', '350M', '4096'.

    Raises:
        InputError: not a number with k, M, B or T.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise InputError(f"{text!r} is no amount", remedy="Write a number, with k, M, B or T where you like: 8B, 32k")
    return float(found[1]) * _UNITS[found[2].lower()]


def order_named(name: str) -> Order:
    """An order by its name.

    Raises:
        UnknownName: there is none of that name.
    """
    for order in ORDERS:
        if order == name:
            return order
    raise UnknownName("order", name, known=ORDERS)


def _check(catalogue: Catalogue, conditions: Conditions) -> None:
    known: dict[str, tuple[str | None, Iterable[str]]] = {
        "branch": (conditions.branch, BRANCHES),
        "domain": (conditions.domain, {domain for model in catalogue for domain in model.domains}),
        "language": (conditions.language, {language for model in catalogue for language in model.languages}),
    }
    for kind, (asked, names) in known.items():
        if asked is not None and asked not in names:
            raise UnknownName(kind, asked, known=names)
    for option, date in (("since", conditions.since), ("until", conditions.until)):
        if date is not None and not _DATE.fullmatch(date):
            raise InputError(f"--{option} {date!r} is no date", remedy="Write YYYY, YYYY-MM or YYYY-MM-DD")


def _verdict(answers: Iterable[bool | None]) -> bool | None:
    """True where all are, False where one is, None where none is but one is not known."""
    found: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        found = found if answer else None
    return found


def _names(listed: Listed, text: str) -> bool:
    return any(text.casefold() in name.casefold() for name in (listed.model.name, *listed.model.aliases))


def _organisation(listed: Listed, text: str) -> bool | None:
    makers = listed.model.organisations
    return any(text.casefold() in maker.casefold() for maker in makers) if makers else None


def _commercial(listed: Listed, wanted: bool) -> bool | None:
    told = listed.model.commercial
    return None if told == "unknown" else (told in _ANY_COMMERCIAL) is wanted


def _language(listed: Listed, code: str) -> bool | None:
    """A model that names no languages, or more than are listed, may know it."""
    told = listed.model.languages
    return True if code in told else None if not told or "mul" in told else False


def _price(listed: Listed, limit: float) -> bool | None:
    return None if listed.price is None else listed.price.prompt <= limit


def _at_most(value: float | None, limit: float) -> bool | None:
    return None if value is None else value <= limit


def _at_least(value: float | None, limit: float) -> bool | None:
    return None if value is None else value >= limit


def _is(value: str, wanted: str) -> bool | None:
    return None if value == "unknown" and wanted != "unknown" else value == wanted


_TESTS: dict[str, Callable[[Listed, Any], bool | None]] = {
    "name": _names,
    "access": lambda listed, wanted: _is(listed.model.access, wanted),
    "commercial": _commercial,
    "branch": lambda listed, wanted: _is(listed.model.branch, wanted),
    "organisation": _organisation,
    "domain": lambda listed, wanted: wanted in listed.model.domains,
    "language": _language,
    "max_parameters": lambda listed, limit: _at_most(listed.model.parameters, limit),
    "context": lambda listed, limit: _at_least(listed.model.context, limit),
    "since": lambda listed, date: None if listed.model.date is None else listed.model.date >= date,
    "until": lambda listed, date: None if listed.model.date is None else listed.model.date[: len(date)] <= date,
    "max_price": _price,
}


def _ordered(met: list[Listed], order: Order, *, reverse: bool) -> list[Listed]:
    known = [listed for listed in met if _ORDERS[order](listed) is not None]
    rest = [listed for listed in met if _ORDERS[order](listed) is None]
    largest_first = order in ("date", "parameters", "context", "capability")
    known.sort(key=lambda listed: listed.model.name.casefold())
    known.sort(key=_ORDERS[order], reverse=largest_first is not reverse)
    return [*known, *sorted(rest, key=lambda listed: listed.model.name.casefold())]


_ORDERS: dict[Order, Callable[[Listed], Any]] = {
    "date": lambda listed: listed.model.date,
    "name": lambda listed: listed.model.name.casefold(),
    "organisation": lambda listed: listed.model.organisation.casefold(),
    "parameters": lambda listed: listed.model.parameters,
    "context": lambda listed: listed.model.context,
    "price": lambda listed: None if listed.price is None else listed.price.prompt,
    "capability": lambda listed: listed.model.capability,
}
