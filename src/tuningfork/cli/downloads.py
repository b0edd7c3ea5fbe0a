"""Fetching models with progress."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from tuningfork.models.store import ModelStore


def pull(names: Sequence[str], *, mirror: bool | None) -> None:
    """Fetch every model that is not here yet, and prepare it for this machine."""
    console = Console(stderr=True, highlight=False)
    with Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=console
    ) as bars:
        seen: dict[str, TaskID] = {}

        def progress(name: str, done: int, total: int) -> None:
            if name not in seen:
                seen[name] = bars.add_task(name, total=total)
            bars.update(seen[name], completed=done, total=total)

        store = ModelStore(
            mirror=mirror, announce=lambda message: console.print(message, markup=False), progress=progress
        )
        for name in names:
            _pull_one(name, store, console)


def _pull_one(name: str, store: ModelStore, console: Console) -> None:
    was_here = store.is_present(name)
    path = store.locate(name)
    for line in _prepared(path, store, console):
        console.print(line, markup=False)
    console.print(f"{name}: {'already at' if was_here else 'now at'} {path}", markup=False)


def _prepared(path: Path, store: ModelStore, console: Console) -> list[str]:
    """A local LLM's file is brought into the format that is fastest on this machine."""
    weights = path if path.suffix == ".gguf" else next(iter(sorted(path.glob("*.gguf"))), None)
    if weights is None:
        return []
    from tuningfork.models.llm.gguf_format import fastest_format

    choice = fastest_format(weights, store.cache, announce=lambda message: console.print(message, markup=False))
    return [choice.reason]
