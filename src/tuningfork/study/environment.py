"""Where a study ran: machine and versions, for the report's last section."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from tuningfork.models.hardware import hardware

_DISTRIBUTIONS = (
    "tuningfork-nlp",
    "numpy",
    "scikit-learn",
    "onnxruntime",
    "tokenizers",
    "xllamacpp",
    "torch",
    "transformers",
)


@cache
def environment() -> tuple[tuple[str, str], ...]:
    """Pairs of name and version; what is not installed is left out."""
    machine = hardware()
    memory = f"{machine.memory_bytes / 1e9:.0f} GB"
    found = [
        ("Python", platform.python_version()),
        ("system", f"{platform.system()} {platform.machine()}"),
        ("processor", f"{machine.processor}, {machine.cores} cores, {memory}"),
        ("GPU", machine.gpu or "none"),
    ]
    for name in _DISTRIBUTIONS:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            continue
    return tuple(found)
