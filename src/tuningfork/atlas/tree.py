"""The evolutionary tree of language models: which models are its leaves, and what each grew from.

Two doors: `survey_tree` has the models of the survey's Figure 1 as they stand there, `tree_of` any selection of the
catalogue. Where a tree gets too dense to read, minor models collapse into the leaf or the limb that they grew from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuningfork.atlas.catalogue import Access, Branch, Catalogue, Model

LIMBS: tuple[Branch, ...] = ("non-transformer", "encoder-only", "encoder-decoder", "decoder-only")
"""The limbs of the tree, from left to right. A model of an unknown branch grows from none of them."""

_LATEST_IN_YEAR = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the tree tells of one model.

    Attributes:
        organisation: who made it, or None where that is not known.
        date: 'YYYY-MM-DD', 'YYYY-MM' or 'YYYY', or None.
        when: its height: the date as a year with its fraction.
        parent: what it grew from, whether or not that is in the tree; None where it grew from the limb itself.
        model: all that the catalogue knows of it.
    """

    name: str
    branch: Branch
    organisation: str | None
    date: str | None
    when: float
    access: Access
    parent: str | None
    model: Model

    def as_dict(self) -> dict[str, Any]:
        """Without `when` and `model`, as JSON has it."""
        told = ("name", "branch", "organisation", "date", "access", "parent")
        return {name: getattr(self, name) for name in told}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A model that is drawn.

    Attributes:
        entry: the model.
        parent: the nearest of its ancestors that is drawn on the same limb, or None: it grows from the limb.
        holds: names of the models that collapsed into it, oldest first.
    """

    entry: Entry
    parent: str | None
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Leaves, and what they leave out.

    Attributes:
        entries: every model of the selection, oldest first.
        leaves: those that are drawn, oldest first.
        held_by_limbs: by branch, names of the models that collapsed into the limb itself.
        homeless: models that no limb can hold: their branch is not known.
        until: the day that the tree reaches, 'YYYY-MM-DD'.
    """

    entries: tuple[Entry, ...]
    leaves: tuple[Leaf, ...]
    held_by_limbs: Mapping[str, tuple[str, ...]]
    homeless: tuple[str, ...]
    until: str

    def organisations(self) -> dict[str, dict[str, int]]:
        """By organisation, largest first, how many of its models are open and closed.

        Models whose organisation or access is not known are in neither count.
        """
        counts = Counter((e.organisation, e.access) for e in self.entries if e.organisation and e.access != "unknown")
        names = {name for name, _ in counts if name}
        bars = {name: {access: counts[name, access] for access in ("open", "closed")} for name in names}
        return dict(sorted(bars.items(), key=lambda bar: (-sum(bar[1].values()), bar[0].casefold())))

    def as_dict(self) -> dict[str, Any]:
        """`models[]` and `organisations {NAME: {open, closed}}`, as JSON has them."""
        return {"models": [entry.as_dict() for entry in self.entries], "organisations": self.organisations()}


def survey_tree(catalogue: Catalogue) -> Tree:
    """The models of Figure 1 under its own names, parents, organisations and access, in its years.

    Within a year of the figure, the catalogue's date tells the height; where it is of another year, the nearer end.
    """
    entries = sorted((_as_in_survey(model) for model in catalogue.survey()), key=lambda entry: entry.when)
    leaves = tuple(Leaf(entry=entry, parent=entry.parent) for entry in entries)
    return Tree(entries=tuple(entries), leaves=leaves, held_by_limbs={}, homeless=(), until="2023-04-26")


def tree_of(catalogue: Catalogue, models: Iterable[Model], *, leaves: int) -> Tree:
    """The tree of a selection.

    Args:
        models: of the catalogue, in any order. One without a date has no height and is left out.
        leaves: how many are drawn at most; the others collapse into the nearest ancestor that is.

    Raises:
        ValueError: no leaf is asked for.
    """
    if leaves < 1:
        raise ValueError(f"a tree has at least one leaf: {leaves=}")
    selected = sorted((model for model in models if model.when is not None), key=lambda model: model.when or 0.0)
    placed = [model for model in selected if model.branch in LIMBS]
    drawn = {model.name for model in _foremost(catalogue, placed, leaves)}
    held: dict[str, list[str]] = {}
    held_by_limbs: dict[str, list[str]] = {}
    for model in placed:
        if model.name not in drawn:
            home = _home(catalogue, model, drawn)
            within = held.setdefault(home, []) if home else held_by_limbs.setdefault(model.branch, [])
            within.append(model.name)
    entries = {model.name: _as_in_catalogue(model) for model in selected}
    return Tree(
        entries=tuple(entries.values()),
        leaves=tuple(
            Leaf(
                entry=entries[model.name],
                parent=_home(catalogue, model, drawn),
                holds=tuple(held.get(model.name, ())),
            )
            for model in placed
            if model.name in drawn
        ),
        held_by_limbs={branch: tuple(names) for branch, names in held_by_limbs.items()},
        homeless=tuple(model.name for model in selected if model.branch not in LIMBS),
        until=catalogue.built,
    )


def _foremost(catalogue: Catalogue, models: Sequence[Model], wanted: int) -> list[Model]:
    """The models to draw: those of the survey first, then the foremost of each year on each limb, so that none looks
    dead while it grows, then what most grew from and most is known of.

    A snapshot or another size of a generation ('version of') comes after all that lead one.
    """
    if len(models) <= wanted:
        return list(models)

    def rank(model: Model) -> tuple[bool, bool, int, str]:
        known = 2 * (model.capability is not None) + (model.training_flop is not None) + (model.parameters is not None)
        weight = 2 * min(len(catalogue.descendants(model)), 10) + known
        return not model.in_survey, model.relation == "version of", -weight, model.name

    ranked = sorted(models, key=rank)
    of_each_year = {(model.branch, model.year): model.name for model in reversed(ranked)}
    leading = set(of_each_year.values())
    return sorted(ranked, key=lambda model: (not model.in_survey, model.name not in leading))[:wanted]


def _home(catalogue: Catalogue, model: Model, drawn: set[str]) -> str | None:
    """The nearest drawn ancestor on the same limb."""
    for ancestor in catalogue.ancestors(model):
        if ancestor.name in drawn and ancestor.branch == model.branch:
            return ancestor.name
    return None


def _as_in_catalogue(model: Model) -> Entry:
    return Entry(
        name=model.name,
        branch=model.branch,
        organisation=model.organisations[0] if model.organisations else None,
        date=model.date,
        when=model.when or 0.0,
        access=model.access,
        parent=model.parent,
        model=model,
    )


def _as_in_survey(model: Model) -> Entry:
    told = model.survey
    assert told is not None, "only the models of the figure are asked for"
    when = told.year if model.when is None else min(max(model.when, told.year), told.year + _LATEST_IN_YEAR)
    return Entry(
        name=told.name,
        branch=told.branch,
        organisation=told.organisation or None,
        date=str(told.year),
        when=when,
        access=told.access,
        parent=told.parent,
        model=model,
    )
