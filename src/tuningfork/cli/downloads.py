"""Fetching models with progress."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.text import Text

from tuningfork.models.encoders.layout import read_layout
from tuningfork.models.references import parse_reference
from tuningfork.models.store import ModelStore
from tuningfork.report.text import one_line


def pull(names: Sequence[str], *, mirror: bool | None) -> None:
    """Fetch every model that is not here yet, and prepare it for this machine."""
    for name in names:
        _require_model(name)
    console = Console(stderr=True, highlight=False)
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console,
    ) as bars:
        seen: dict[str, TaskID] = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in seen:
                seen[name] = bars.add_task(one_line(name), total=total)
            bars.update(seen[name], completed=done, total=total)

        store = ModelStore(mirror=mirror, announce=lambda message: _tell(console, message), progress=progress)
        for name in names:
            _pull_one(name, store, console)


def _require_model(name: str) -> None:
    """Every name is looked at before anything is fetched."""
    model = parse_reference(name)
    if isinstance(model, Path) and model.is_dir() and not any(model.glob("*.gguf")):
        read_layout(model)


def _pull_one(name: str, store: ModelStore, console: Console) -> None:
    was_here = store.is_present(name)
    path = store.locate(name)
    for line in _prepared(path, store, console):
        _tell(console, line)
    _tell(console, f"{name}: {'already at' if was_here else 'now at'} {path}")


def _prepared(path: Path, store: ModelStore, console: Console) -> list[str]:
    """A local LLM's file is brought into the format that is fastest on this machine."""
    weights = path if path.suffix == ".gguf" else next(iter(sorted(path.glob("*.gguf"))), None)
    if weights is None:
        return []
    from tuningfork.models.llm.gguf_format import fastest_format

    choice = fastest_format(weights, store.cache, announce=lambda message: _tell(console, message))
    return [choice.reason]


def _tell(console: Console, message: str) -> None:
    """One line, nothing in it able to steer the terminal."""
    console.print(Text(one_line(message)))
