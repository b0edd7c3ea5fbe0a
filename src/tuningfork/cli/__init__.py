"""The command line: commands that only wire."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `tuningfork`."""
    from tuningfork.cli.app import run_app

    sys.exit(run_app(sys.argv[1:]))
