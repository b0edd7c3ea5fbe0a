"""The verdict on a terminal: first the sentence, 80 columns, nothing that steers."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from builders import PlantedArm, make_records
from report_cases import CASES, FAILED, MINILM, REMOTE, records_for
from tuningfork.report.terminal import plain_text, verdict_text
from tuningfork.verdict.decide import decide

ESCAPE = "\x1b"


@pytest.mark.parametrize("case", CASES)
def test_the_sentence_comes_first_and_one_screen_is_enough(case: str) -> None:
    record = decide(records_for(case))
    told = plain_text(record)
    lines = told.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert len(lines) <= 45 or len(record.arms) > 6
    flowing = " ".join(told.split())
    opening = "Provisional: trials are still to run. " if record.provisional else ""
    assert flowing.startswith(opening + record.reason)
    assert ESCAPE not in told


@pytest.mark.parametrize("case", CASES)
def test_every_arm_is_there(case: str) -> None:
    record = decide(records_for(case))
    told = " ".join(plain_text(record).split())
    for row in record.arms:
        if row.status == "failed":
            assert f"{row.arm} failed: no memory" in told
        else:
            assert f"{row.score:.2f}" in told


def test_what_would_settle_it_is_told_once() -> None:
    record = decide(records_for("undecided"))
    assert record.next_step is not None
    assert " ".join(plain_text(record).split()).count(record.next_step) == 1


def test_paths_are_shown() -> None:
    out = io.StringIO()
    paths = {"report": "studies/tickets/report.html"}
    Console(file=out, width=80).print(verdict_text(decide(records_for("full")), paths=paths))
    assert "studies/tickets/report.html" in out.getvalue()


def test_many_warnings_leave_room_for_the_verdict() -> None:
    arms = [PlantedArm(f"head:model{i}", accuracy={32: 0.6}, failure="x") for i in range(3)]
    record = decide(make_records(arms=[MINILM, REMOTE, *arms], pool_rows=600))
    warning = next(warning for warning in record.warnings if warning.code != "arm_failed")
    many = record.model_copy(
        update={"warnings": tuple(warning.model_copy(update={"message": f"warning {i}"}) for i in range(9))}
    )
    told = plain_text(many)
    assert "warning 5" in told
    assert "warning 6" not in told
    assert "and 3 more in the report" in told


def test_long_warnings_are_fewer_so_that_one_screen_is_enough() -> None:
    record = decide(records_for("full"))
    warning = next(warning for warning in record.warnings if warning.code != "arm_failed")
    long = [warning.model_copy(update={"message": f"warning {i} " + "tells much " * 30}) for i in range(6)]
    told = plain_text(record.model_copy(update={"warnings": tuple(long)}))
    assert "warning 1" in told
    assert "warning 3" not in told
    assert "more in the report" in told
    assert len(told.splitlines()) <= 45
    endless = warning.model_copy(update={"message": "tells much " * 300})
    assert "tells much" in plain_text(record.model_copy(update={"warnings": (endless, warning)}))


def test_an_unknown_is_a_dash_and_never_a_zero() -> None:
    told = plain_text(decide(make_records(arms=[MINILM, REMOTE])))
    (line,) = [line for line in told.splitlines() if line.startswith(">")]
    assert " – " in line
    assert "$0 " not in line


def printed(monkeypatch: pytest.MonkeyPatch, no_color: str | None) -> str:
    out = io.StringIO()
    if no_color is None:
        monkeypatch.delenv("NO_COLOR", raising=False)
    else:
        monkeypatch.setenv("NO_COLOR", no_color)
    record = decide(make_records(arms=[MINILM, REMOTE, FAILED]))
    Console(file=out, force_terminal=True, color_system="standard", width=80).print(verdict_text(record))
    return out.getvalue()


def test_colours_of_the_terminal_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    styled = printed(monkeypatch, None)
    assert ESCAPE in styled
    for without in (printed(monkeypatch, "1"), styled):
        assert not any(f"{ESCAPE}[{code}m" in without for code in range(30, 48))


def test_text_of_models_and_files_does_not_steer_the_terminal() -> None:
    bad = f"gone{ESCAPE}[2J{ESCAPE}]0;title\x07\x9b31m\r\nfake line\u202e"
    arms = [MINILM, PlantedArm("finetune:xlm", accuracy={32: 0.5}, failure=bad)]
    out = io.StringIO()
    Console(file=out, width=80, force_terminal=False).print(verdict_text(decide(make_records(arms=arms))))
    told = out.getvalue()
    assert not {ESCAPE, "\x07", "\x9b", "\r", "\u202e"} & set(told)
    assert "\\x1b[2J" in told
