"""The command line: commands that only wire."""

from __future__ import annotations

import gc
import sys
from io import TextIOWrapper


def main() -> None:
    """Entry point of `tuningfork`."""
    from tuningfork.cli.app import run_app

    _show_what_the_terminal_cannot()
    code = run_app(sys.argv[1:])
    # The process ends here: without this the interpreter searches all of its libraries' objects for garbage first,
    # which takes a second or more after Ctrl-C.
    gc.freeze()
    sys.exit(code)


def _show_what_the_terminal_cannot() -> None:
    """Characters that the terminal's encoding lacks are shown as their codes, instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
