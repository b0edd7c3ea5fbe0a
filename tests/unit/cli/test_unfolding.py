"""Options that a dataclass states once are options of each command that takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from tuningfork.cli.app import run_app
from tuningfork.cli.commands import load_command
from tuningfork.cli.unfolding import Command, unfolded


@dataclass(frozen=True, kw_only=True)
class Drink:
    size: Annotated[int, typer.Option(help="Centilitres.")] = 20
    extras: Annotated[list[str] | None, typer.Option("--with", help="Repeat for more.")] = None


@unfolded()
def pour(name: str, drink: Drink, cold: Annotated[bool, typer.Option("--cold")] = False) -> None:
    """Pour a drink."""
    typer.echo(f"{name} {drink.size} {drink.extras} {cold}")


@unfolded(without=("size",))
def sip(drink: Drink) -> None:
    """Sip."""
    typer.echo(f"{drink.size} {drink.extras}")


def said(command: Command, arguments: Sequence[str]) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, list(arguments))
    return done.exit_code, done.output


def test_each_field_is_an_option_and_the_command_gets_them_as_one() -> None:
    assert said(pour, ["tea", "--with", "milk", "--size", "30", "--with", "mint"]) == (
        0,
        "tea 30 ['milk', 'mint'] False\n",
    )
    assert said(pour, ["tea", "--cold"]) == (0, "tea 20 None True\n")


def test_the_help_is_the_commands_and_the_fields_own() -> None:
    code, told = said(pour, ["--help"])
    assert code == 0
    assert all(words in told for words in ("Pour a drink.", "Centilitres.", "Repeat for more.", "--cold"))
    assert "--drink" not in told


def test_a_field_left_out_keeps_its_default_and_is_no_option() -> None:
    assert said(sip, ["--with", "ice"]) == (0, "20 ['ice']\n")
    assert said(sip, ["--size", "5"])[0] == 2


def test_a_misspelt_field_to_leave_out_is_told() -> None:
    with pytest.raises(ValueError, match="Drink has no option 'sise'"):
        unfolded(without=("sise",))(pour.__wrapped__)  # type: ignore[attr-defined]


def options_of(name: str) -> list[str]:
    return [option for one in load_command(name).params for option in one.opts if option.startswith("-")]


def test_plan_takes_what_run_takes_but_its_question() -> None:
    assert [*options_of("plan"), "--yes", "-y"] == options_of("run")


def test_the_profile_has_no_option_that_only_a_study_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["profile", "rows.csv", "--metric", "macro_f1"]) == 2
    assert "--metric" in capsys.readouterr().err
    assert {"--text", "--keep", "--seed"} < set(options_of("profile"))
