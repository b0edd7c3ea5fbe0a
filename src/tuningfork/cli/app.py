"""The application: its commands in groups, and what an error looks like."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from tuningfork import __version__
from tuningfork.cli.commands import LazyCommands
from tuningfork.errors import CannotWrite, InputError, TuningforkError

_EXIT_WRONG, _EXIT_INTERRUPTED = 2, 130
_LINE_BREAK = "\n"
_PLAIN_KINDS = {"a valid float.": "a valid number.", "a valid int.": "a valid integer."}
"""How older parsers end a message on a number, and how the newer ones and we call it."""

_WRONG_INVOCATION: type[Exception] = typer.BadParameter.__mro__[1]
"""The parser's `UsageError`, which typer takes from click or from its own copy of it, as its version has it."""

app = typer.Typer(
    name="tuningfork",
    cls=LazyCommands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Prompt an LLM, fine-tune a small model, or both? A measured verdict on your own rows.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tuningfork {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and leave.")
    ] = False,
) -> None:
    """Options before a command."""


def run_app(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code: 0 a verdict, 1 a failure, 2 a wrong invocation or bad input,
    130 stopped by Ctrl-C."""
    try:
        code = app(args=list(arguments), standalone_mode=False)
    except TuningforkError as error:
        _complain(f"{error}{_how_to_get_labels(error)}", lines=not isinstance(error, InputError))
        return error.exit_code
    except _WRONG_INVOCATION as error:
        _complain_of_invocation(error)
        return _EXIT_WRONG
    except (KeyboardInterrupt, typer.Abort):
        code = _EXIT_INTERRUPTED
    except BrokenPipeError:
        os._exit(0)
    except OSError as error:
        _complain(f"{error.filename or 'the output'} cannot be used: {error.strerror or error}")
        return TuningforkError.exit_code
    if code == _EXIT_INTERRUPTED:
        _complain("stopped. What was finished is kept; the same command goes on from there.")
    return int(code) if isinstance(code, int) else 0


def _complain_of_invocation(error: Any) -> None:
    """What the parser says, and where the options are listed; where nothing was typed, the list itself."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return
    message = error.format_message()
    if near := getattr(error, "possibilities", None):
        kind = "option" if hasattr(error, "option_name") else "command"
        message = f"No {kind} {getattr(error, f'{kind}_name')!r}; did you mean {' or '.join(map(repr, near))}?"
    for theirs, plain in _PLAIN_KINDS.items():
        if message.endswith(theirs):
            message = message.removesuffix(theirs) + plain
    command = error.ctx.command_path if error.ctx is not None else "tuningfork"
    _complain(f"{message.rstrip('.?')}{'?' if message.endswith('?') else '.'} See {command} --help")


def _how_to_get_labels(error: TuningforkError) -> str:
    """Where no row has a label: rows that a person could label first, in a file, and the command that goes on."""
    from tuningfork.task.to_label import NoLabelledRows, write_rows_to_label

    if not isinstance(error, NoLabelledRows):
        return ""
    path = Path("to_label.csv")
    if not path.exists():
        try:
            write_rows_to_label(path, error.rows, error.spec)
        except CannotWrite as reason:
            return f" They could not be written: {reason}"
    spec = error.spec
    fields = [f"--field {field}={quote(column)}" for field, column in (spec.fields or {}).items()]
    texts = " ".join([f"--type {spec.type}", *fields]) if fields else f"--text {quote(spec.text or 'text')}"
    columns = f"{texts} --label {quote(spec.label or 'label')}"
    return f" They are in {path}: fill in the label column, then: tuningfork run {path} {columns}"


def _complain(message: str, *, lines: bool = False) -> None:
    """One message on stderr, nothing in it able to steer the terminal. Line breaks stay in a message of `lines`."""
    from tuningfork.report.text import harmless

    typer.echo(f"tuningfork: {harmless(message, keep=_LINE_BREAK if lines else '')}", err=True)
