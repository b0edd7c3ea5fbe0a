"""The commands by name, each with its line in the help: its module is imported when it is called, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_WITHOUT = "Without data"
_MEASURE = "Measure"
_AFTER = "After the verdict"


@dataclass(frozen=True, slots=True)
class Listed:
    """One command as the help lists it.

    Attributes:
        place: 'module:name' of its function, or of its own `typer.Typer` where it has commands below it.
        panel: the group that it stands in.
        summary: the first line of its own help.
    """

    place: str
    panel: str
    summary: str


COMMANDS: Mapping[str, Listed] = {
    "advise": Listed(
        "advise:advise_command",
        _WITHOUT,
        "Walk the decision flow: prompt an LLM or fine-tune a model? Without DATA it needs no rows.",
    ),
    "guide": Listed(
        "guide:guide_command",
        _WITHOUT,
        "Read the practical guide: when an LLM, when a fine-tuned model, why, and what speaks against it.",
    ),
    "atlas": Listed(
        "atlas:atlas_app", _WITHOUT, "Language models: a table, one model, the field's trends, their tree."
    ),
    "models": Listed("models:models_app", _WITHOUT, "The starter models: what there is, what is here, fetching it."),
    "demo": Listed(
        "study:demo_command",
        _MEASURE,
        "Run a whole study on the bundled sample with the small local LLM: offline, no account, a few minutes.",
    ),
    "profile": Listed(
        "profile:profile_command",
        _MEASURE,
        "Say what the rows are: labels, lengths, repeats, languages, personal data, domain, and how files differ.",
    ),
    "plan": Listed(
        "study:plan_command",
        _MEASURE,
        "Show what `run` would do: trials, calls, tokens, dollars, minutes. Sends no request, starts no model.",
    ),
    "run": Listed(
        "study:run_command", _MEASURE, "Run the study: measure every arm on the same rows and say which side wins."
    ),
    "compare": Listed("compare:compare_command", _MEASURE, "Compare predictions made anywhere, on the same rows."),
    "report": Listed(
        "report:report_command", _AFTER, "Make verdict and report anew from a study's ledger; nothing is run."
    ),
}


class LazyCommands(TyperGroup):
    """The group of all commands; what the help says of them is in `COMMANDS`, so that listing them imports none."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: _line(name, listed) for name, listed in COMMANDS.items()}
        self._lists = False

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The help, from the lines alone."""
        self._lists = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._lists = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself, or its line while the help is written."""
        if self._lists or cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        return load_command(cmd_name)


def load_command(name: str) -> Any:
    """The command of that name, its module imported now."""
    listed = COMMANDS[name]
    module, _, attribute = listed.place.partition(":")
    found = getattr(import_module(f"tuningfork.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False, rich_markup_mode="rich")
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    command.name = name
    return command


def _line(name: str, listed: Listed) -> TyperCommand:
    """What the help lists, which does nothing."""
    return TyperCommand(name, help=listed.summary, rich_help_panel=listed.panel)
