"""`advise` and `guide` as people and programs use them: typed, asked on a real terminal, from rows, as pictures."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from study_runs import COMMAND, Ended, typed
from tuningfork.guide.flow import load_flow
from tuningfork.sample import sample_path

NO_TO_ALL = [f"--answer={name}=no" for name in load_flow().order[:8]]
RULES = """version: 1
name: house
title: Ours
start: secret
questions:
  secret:
    ask: Secret?
    short: Secret
    meaning: m
    example_yes: y
    example_no: n
    if_yes: {to: fine-tuned}
    if_no: {to: nowhere}
"""


def run(*arguments: str, cwd: Path | None = None, code: int = 0) -> Ended:
    done = typed(*arguments, cwd=cwd or Path.cwd())
    assert done.code == code, done.out + done.err
    return done


def advise(*arguments: str, cwd: Path | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run("advise", *arguments, "--json", cwd=cwd).out)
    return answer


def test_the_json_contract() -> None:
    told = advise(*NO_TO_ALL)
    assert told["leaf"] == "fine-tuned"
    assert told["path"][4] == {"question": "few_labels", "answer": "no", "source": "you"}
    for name in ("key_points", "evidence", "candidates", "open_questions"):
        assert isinstance(told[name], list), name
    assert told["evidence"]
    assert {"title", "year", "link", "found", "stance", "questions"} <= set(told["evidence"][0])


def test_nobody_to_ask_is_a_wrong_invocation_with_a_remedy() -> None:
    done = run("advise", code=2)
    assert "--answer mimics_human=no" in done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--answer", "few_label=yes"], "did you mean 'few_labels'"),
        (["--answer", "few_labels=perhaps"], "yes|no|unknown"),
        (["--flow", "house.yaml", "--answer", "secret=no"], "house.yaml, line 13"),
        (["--flow", "gone.yaml"], "gone.yaml: no such file"),
        (["gone.csv"], "gone.csv: no such file"),
        (["--answer", "few_labels=yes", "--text", "message"], "tuningfork advise DATA"),
        (["--study", "nowhere", "--answer", "few_labels=yes"], "no verdict here"),
    ],
)
def test_bad_invocations_name_the_remedy(tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "house.yaml").write_text(RULES, encoding="utf-8")
    assert told in run("advise", *arguments, cwd=tmp_path, code=2).err


def test_rows_answer_what_they_can_and_a_person_wins(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("text,label\n" + "".join(f"row number {n},{'ab'[n % 2]}\n" for n in range(30)))
    told = advise("few.csv", cwd=tmp_path)
    sources = {name: (a["answer"], a["source"]) for name, a in told["answers"].items()}
    assert sources["few_labels"] == ("yes", "label count")
    assert sources["multiple_tasks"] == ("no", "task file")
    assert sources["creative_generation"] == ("no", "task type")
    assert told["leaf"] == "llm"  # with few labels and no regression, the open question on reasoning changes nothing
    told = advise("few.csv", "--answer", "few_labels=no", cwd=tmp_path)
    assert told["answers"]["few_labels"]["source"] == "you"
    assert "you say no, the label count says yes" in told["clashes"][0]


def test_rows_without_any_label_are_few(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("text\nsome words\nother words\n")
    told = advise("bare.csv", cwd=tmp_path)
    assert (told["answers"]["few_labels"]["answer"], told["leaf"]) == ("yes", "llm")
    assert not (tmp_path / "to_label.csv").exists()


def test_a_task_files_own_answers_are_a_persons() -> None:
    told = advise(str(sample_path("task.yaml")))
    assert told["leaf"] == "fine-tuned"
    assert {"question": "emergent_ability", "answer": "no", "source": "you"} in told["path"]
    assert {"question": "mimics_human", "answer": "no", "source": "task type"} in told["path"]


def test_a_studys_learning_curve_answers_few_labels(tmp_path: Path) -> None:
    committed = Path(__file__).resolve().parents[2] / "docs" / "results" / "demo"
    told = advise(str(sample_path("task.yaml")), "--study", str(committed))
    assert told["answers"]["few_labels"]["source"] == "learning curve"


def test_answers_typed_at_a_study_stand_beside_its_verdict(tmp_path: Path) -> None:
    rows = "".join(f"{'good' if n % 2 else 'bad'} film number {n},{n % 2}\n" for n in range(160))
    (tmp_path / "rows.csv").write_text(f"text,label\n{rows}")
    options = ["--answer", "emergent_ability=yes", "--arm", "linear", "--label-counts", "8,16", "--seeds", "2"]
    run("run", "rows.csv", *options, "--out", "study", "--yes", cwd=tmp_path)
    guide = json.loads((tmp_path / "study" / "verdict.json").read_text(encoding="utf-8"))["guide"]
    assert (guide["leaf"], guide["agrees"]) == ("llm", None)
    assert guide["path"][1] == {"question": "emergent_ability", "answer": "yes", "source": "you"}
    assert "emergent_ability: 'yes'" in (tmp_path / "study" / "task.yaml").read_text(encoding="utf-8")
    assert "did you mean" in run("run", "rows.csv", "--answer", "emergent=yes", "--yes", cwd=tmp_path, code=2).err


def test_picture_chart_and_text(tmp_path: Path) -> None:
    run("advise", *NO_TO_ALL, "--svg", "flow.svg", cwd=tmp_path)
    assert (tmp_path / "flow.svg").read_text(encoding="utf-8").startswith("<svg xmlns=")
    assert run("advise", "--mermaid").out.startswith("flowchart TD")
    text = run("advise", *NO_TO_ALL).out
    assert text.startswith("Fine-tune a model.")
    assert "Against it" in text
    assert "tuningfork run DATA" in text


def test_the_guide_is_read_page_by_page() -> None:
    assert run("guide").out.startswith("# Prompt an LLM, or fine-tune a model?")
    assert run("guide", "efficiency").out.startswith("# Money and time")
    assert "did you mean 'trust'" in run("guide", "trusty", code=2).err


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        self._process, self._end = pty.fork()
        if self._process == 0:
            os.environ |= {"TERM": "xterm", "COLUMNS": "100", "NO_COLOR": "1"}
            os.execv(COMMAND, [COMMAND, *arguments])
        self.seen = ""

    def expect(self, words: str, seconds: float = 60.0) -> str:
        """Read until `words` are on the screen; what came since the last call."""
        until, fresh = time.monotonic() + seconds, ""
        while words not in fresh:
            assert time.monotonic() < until, f"{words!r} did not come: {fresh[-2000:]}"
            if select.select([self._end], [], [], 0.2)[0]:
                fresh += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", os.read(self._end, 65536).decode("utf-8", "replace"))
        self.seen += fresh
        return fresh

    def type(self, words: str) -> None:
        os.write(self._end, f"{words}\n".encode())

    def leave(self) -> int:
        """Whatever is left on the screen, and the exit code."""
        while True:
            try:
                piece = os.read(self._end, 65536)
            except OSError:
                break
            if not piece:
                break
            self.seen += piece.decode("utf-8", "replace")
        return os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1])


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_newcomer_is_asked_one_question_at_a_time_and_can_go_back() -> None:
    terminal = Terminal("advise")
    first = terminal.expect("Your answer: ")
    assert "Must it behave like a person" in first
    assert "An assistant that chats with customers" in first
    terminal.type("what?")
    assert "yes, no, unknown" in terminal.expect("Your answer: ")
    terminal.type("yes")  # mimics_human: ends the walk at once
    terminal.expect("Prompt an LLM.")
    assert terminal.leave() == 0

    terminal = Terminal("advise", "--json")
    terminal.expect("Your answer: ")
    terminal.type("n")
    assert "reasoning" in terminal.expect("Your answer: ")
    terminal.type("back")
    assert "Must it behave like a person" in terminal.expect("Your answer: ")
    for _ in range(3):
        terminal.type("no")
        terminal.expect("Your answer: ")
    terminal.type("yes")  # far_from_language_modelling
    assert terminal.leave() == 0
    told = json.loads(terminal.seen[terminal.seen.rindex('{\r\n  "leaf"') :])
    assert (told["leaf"], len(told["path"])) == ("fine-tuned", 4)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_unknown_goes_on_and_quit_tells_how_to_go_on() -> None:
    terminal = Terminal("advise")
    terminal.expect("Your answer: ")
    terminal.type("")
    assert "reasoning" in terminal.expect("Your answer: ")
    terminal.type("no")
    terminal.expect("Your answer: ")
    terminal.type("quit")
    assert terminal.leave() == 0
    assert "--answer mimics_human=unknown --answer emergent_ability=no" in terminal.seen


def test_limits_on_the_models_to_measure() -> None:
    told = advise(*NO_TO_ALL, "--language", "de", "--max-memory", "8", "--context", "8k", "--access", "open")
    inside = [one for one in told["candidates"] if one["status"] == "in"]
    assert inside
    assert all(one["arm"] for one in inside)
    assert any("made for en only" in " ".join(one["reasons"]) for one in told["candidates"])
    assert "neither open nor api" in run("advise", *NO_TO_ALL, "--access", "shut", code=2).err
    assert "--arm linear" in run("advise", *NO_TO_ALL).out


def _first_rows(source: Path, target: Path, most: int) -> None:
    target.write_text("".join(source.read_text(encoding="utf-8").splitlines(keepends=True)[: most + 1]), "utf-8")


def test_a_shift_test_answers_whether_rows_in_use_differ(tmp_path: Path, shared_data: Path) -> None:
    """Shifted rows need no labels; a person's answer wins, and the clash is told."""
    _first_rows(shared_data / "banking77" / "train.csv", tmp_path / "requests.csv", 400)
    tweets = (shared_data / "tweet_emotion" / "train.csv").read_text(encoding="utf-8").splitlines()[1:150]
    (tmp_path / "tweets.csv").write_text("text,label\n" + "\n".join(line.rpartition(",")[0] + "," for line in tweets))
    few = ("--answer", "few_labels=no")
    told = json.loads(run("advise", "requests.csv", *few, "--shifted", "tweets.csv", "--json", cwd=tmp_path).out)
    found = told["answers"]["out_of_distribution"]
    assert (found["answer"], found["source"], found["confidence"]) == ("yes", "shift test", "high")
    clash = ("--answer", "out_of_distribution=no")
    told = json.loads(
        run("advise", "requests.csv", *few, *clash, "--shifted", "tweets.csv", "--json", cwd=tmp_path).out
    )
    assert told["answers"]["out_of_distribution"]["source"] == "you"
    assert told["clashes"][0].startswith("out_of_distribution: you say no, the shift test says yes")


def test_what_the_rows_are_about_moves_the_candidates(tmp_path: Path, shared_data: Path) -> None:
    _first_rows(shared_data / "banking77" / "train.csv", tmp_path / "requests.csv", 400)
    told = json.loads(run("advise", "requests.csv", "--answer", "few_labels=no", "--json", cwd=tmp_path).out)
    reasons = [reason for one in told["candidates"] for reason in one["reasons"]]
    assert "your rows look like finance texts; made for finance" in reasons
    asked = json.loads(
        run("advise", "requests.csv", "--answer", "few_labels=no", "--domain", "legal", "--json", cwd=tmp_path).out
    )
    assert not [one for one in asked["candidates"] if "your rows look like" in " ".join(one["reasons"])]
