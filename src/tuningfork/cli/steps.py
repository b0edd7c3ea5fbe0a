"""The step that runs, on stderr: a live line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.text import Text

from tuningfork.report.text import one_line

_LINE_EVERY_SECONDS = 10.0


class Steps:
    """Tells a person which step of some seconds' work runs."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status = self._console.status("") if self._console.is_terminal else None
        self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def tell(self, step: str) -> None:
        """A step begins."""
        if self._status is not None:
            self._status.update(Text(one_line(step)))
        elif time.monotonic() - self._last_line >= _LINE_EVERY_SECONDS:
            self._last_line = time.monotonic()
            self.announce(step)

    def announce(self, message: str) -> None:
        """A line that stays."""
        self._console.print(Text(one_line(message), style="dim"))
