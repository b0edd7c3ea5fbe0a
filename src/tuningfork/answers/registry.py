"""The kinds of answers there are: the modules of this folder, and what other packages add.

It alone of its room imports something beside errors, the class of all registries; a kind needs numpy and its room.
"""

from __future__ import annotations

from tuningfork.answers.column import Column
from tuningfork.foundation.registry import Registry

KINDS: Registry[type[Column]] = Registry(
    kind="kind of answer",
    package="tuningfork.answers",
    attribute="COLUMN",
    helpers=frozenset({"column", "registry", "runs", "space"}),
)
"""By name, the class of a kind's columns. Another package adds one in the entry-point group `tuningfork.answers`."""
