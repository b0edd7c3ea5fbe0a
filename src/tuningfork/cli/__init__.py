"""The command line: commands that only wire."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Entry point of `tuningfork`."""
    from tuningfork.cli.app import run_app

    code = run_app(sys.argv[1:])
    # The process ends here: without this the interpreter searches all of its libraries' objects for garbage first,
    # which takes a second or more after Ctrl-C.
    gc.freeze()
    sys.exit(code)
