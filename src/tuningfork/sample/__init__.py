"""The bundled sample: short messages to a shop that does not exist, and the task they make (CC0)."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from tuningfork.errors import UnknownName

_FILES = ("customer_messages.csv", "label_names.csv", "task.yaml", "LICENSE")


def sample_path(name: str = "task.yaml") -> Path:
    """Where a file of the sample is installed.

    Args:
        name: `task.yaml` (the whole task), `customer_messages.csv`, `label_names.csv` or `LICENSE`.

    Raises:
        UnknownName: the sample has no such file.
    """
    if name not in _FILES:
        raise UnknownName("sample file", name, known=_FILES)
    return Path(str(resources.files(__name__))) / name
