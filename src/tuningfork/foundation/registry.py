"""A registry is a folder: a module's name is its entry, listed without importing, imported on use."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from typing import Any, Generic, TypeVar

from tuningfork.errors import TuningforkError, UnknownName

Entry = TypeVar("Entry")


@dataclass(frozen=True)
class Registry(Generic[Entry]):
    """Entries of one kind: the modules of a package, and what other packages add by entry point.

    Args:
        kind: the word for one entry in messages, e.g. 'arm family'.
        package: dotted name of the folder whose modules are the entries.
        attribute: the module-level name that holds the entry, e.g. 'FAMILY'.
        helpers: modules of the folder that are no entries. Names starting with '_' never are.

    A third party adds an entry by an entry point in the group `package`, whether or not there is such a folder, e.g.
    `[project.entry-points."tuningfork.arms"]  mine = "my_package.arm:FAMILY"`; a built-in name wins.
    """

    kind: str
    package: str
    attribute: str
    helpers: frozenset[str] = frozenset()

    @cached_property
    def _built_in(self) -> frozenset[str]:
        if find_spec(self.package) is None:  # a kind of which this package has none
            return frozenset()
        folder = import_module(self.package)
        found = (module.name for module in pkgutil.iter_modules(folder.__path__))
        return frozenset(name for name in found if name not in self.helpers and not name.startswith("_"))

    @cached_property
    def _added(self) -> dict[str, EntryPoint]:
        return {point.name: point for point in entry_points(group=self.package) if point.name not in self._built_in}

    def names(self) -> tuple[str, ...]:
        """All entries, sorted; nothing is imported."""
        return tuple(sorted(self._built_in | self._added.keys()))

    def get(self, name: str) -> Entry:
        """The entry itself; its module is imported now.

        Raises:
            UnknownName: no such entry.
            TuningforkError: an added entry cannot be imported; the message names its package.
        """
        if name in self._built_in:
            entry: Any = getattr(import_module(f"{self.package}.{name}"), self.attribute)
        elif name in self._added:
            entry = self._load(self._added[name])
        else:
            raise UnknownName(self.kind, name, known=self.names())
        typed: Entry = entry
        return typed

    def _load(self, point: EntryPoint) -> Any:
        try:
            return point.load()
        except Exception as error:
            owner = point.dist.name if point.dist else point.value
            raise TuningforkError(f"{self.kind} {point.name!r}, added by {owner}, cannot be loaded: {error}") from error
