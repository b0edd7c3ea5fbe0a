"""The list of commands says what the commands say of themselves."""

from __future__ import annotations

import pytest

from tuningfork.cli.app import run_app
from tuningfork.cli.commands import COMMANDS, load_command


@pytest.mark.parametrize("name", COMMANDS)
def test_the_line_in_the_help_is_the_commands_own(name: str) -> None:
    command = load_command(name)
    assert command.name == name
    assert COMMANDS[name].summary == command.help.split("\n")[0]


def test_every_command_is_listed_in_its_panel(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["--help"]) == 0
    told = capsys.readouterr().out
    panels = [told.index(panel) for panel in ("Without data", "Measure", "After the verdict")]
    assert panels == sorted(panels)
    assert panels[1] < told.index("profile") < panels[2]


def test_commands_below_a_command_have_their_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["atlas", "--help"]) == 0
    told = capsys.readouterr().out
    assert "trends" in told
    assert "--install-completion" not in told


def test_near_names_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["profil"]) == 2
    assert "did you mean 'profile'" in capsys.readouterr().err.lower()
