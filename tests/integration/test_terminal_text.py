"""Nothing in rows, labels, descriptions or file names colours or moves a real terminal, or breaks `--json`."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from study_runs import COMMAND, own_cache, read_csv, tuningfork, write_csv

ESCAPES = "\x1b[38;5;201m\x1b[2J\x1b]8;;http:x\x1b\\\x1b]52;c;eA==\x07\x9b5m\x08\x7f\u202e\u2067\u200f"
MARKUP = "[red]red[/red] [link=http:x]link[/link] [/] :bomb: {x} %s"
PAYLOAD = f"{MARKUP} {ESCAPES}"
FILE = f"{PAYLOAD}.csv".replace("/", "-")
"""A name that file systems allow."""

OUT = f"out {MARKUP}".replace("/", "-")
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\].*?(?:\x07|\x1b\\)|.)", re.DOTALL)
_OUR_OWN = re.compile(r"\x1b\[(?:(?:0|1|2|3|22|23|31|39|1;2|1;31)?m|\?25[lh]|2K|1A)")
"""Bold, dim, italic, red for a failure; the cursor and the line of the progress display."""

ROWS = [{"text": f"word{i % 7} thing{i % 5} {PAYLOAD} {i}", "label": f"{'ab'[i % 2]} {PAYLOAD}"} for i in range(160)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("terminal")
    own_cache(folder)
    write_csv(folder / FILE, ROWS)
    write_csv(
        folder / "names.csv",
        [{"label": row["label"], "name": row["label"], "description": PAYLOAD} for row in ROWS[:2]],
    )
    for name in ("x", "y", "z"):
        answers = [{"text": row["text"], "prediction": row["label"]} for row in ROWS]
        write_csv(folder / f"{name} {FILE}", [*answers[:-1], answers[-1] | {"prediction": ROWS[0]["label"]}])
    return folder


TASK = (FILE, "--label-names", "names.csv", "--description", PAYLOAD)
ARMS = ("--arm", "linear", "--arm", f"predictions:x {FILE}?side=llm")
STUDY = ("--label-counts", "8", "--seeds", "2", "--yes")
COMPARE = ("compare", FILE, f"x {FILE}", f"y {FILE}", f"z {FILE}")


def on_a_terminal(folder: Path, *arguments: str) -> str:
    """What a colour terminal of 100 columns is sent."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "100", "TUNINGFORK_CACHE": str(folder / "cache")}
    process = subprocess.Popen(
        [COMMAND, *arguments], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    sent = b""
    try:
        while piece := os.read(ours, 65536):
            sent += piece
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
        process.wait(60)
    return sent.decode("utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", *TASK, *ARMS),
        ("run", *TASK, *ARMS, *STUDY, "--out", OUT),
        ("report", OUT),
        COMPARE,
        ("plan", *TASK, "--text", PAYLOAD),
        ("plan", f"gone {FILE}"),
        ("plan", *TASK, "--arm", f"prompt:{PAYLOAD}"),
        ("plan", *TASK, "--arm", f"prompt:m{PAYLOAD}@http://127.0.0.1:9/v1"),
        ("run", *TASK, "--arm", "linear", "--metric", PAYLOAD),
        ("models", "pull", PAYLOAD),
        (PAYLOAD,),
        ("plan", f"--{PAYLOAD}"),
    ],
    ids=lambda arguments: arguments[0] if len(arguments[0]) < 10 else "no command",
)
def test_a_terminal_gets_text_and_our_own_few_sequences(folder: Path, arguments: tuple[str, ...]) -> None:
    sent = on_a_terminal(folder, *arguments)
    assert not [found for found in _SEQUENCE.findall(sent) if not _OUR_OWN.fullmatch(found)]
    text = _SEQUENCE.sub("", sent)
    assert {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} <= {"\n", "\r", "\t"}
    assert "Traceback" not in text
    flowing = re.sub(r"\s", "", text)
    assert "[red]red[" in flowing, "markup is told as it stands"
    assert "💣" not in text


def steered(text: str) -> set[str]:
    return {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - {"\n"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", *TASK, *ARMS, "--json"),
        ("run", *TASK, *ARMS, *STUDY, "--out", "as json", "--json"),
        (*COMPARE, "--json"),
    ],
    ids=["plan", "run", "compare"],
)
def test_json_is_json_that_a_terminal_can_show_and_a_program_gets_the_text_as_it_was(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    ended = tuningfork(*arguments, cwd=folder, TUNINGFORK_CACHE=str(folder / "cache"))
    assert ended.code == 0, ended.err
    assert not steered(ended.out)
    assert FILE in _texts(ended.json)
    if "run" in arguments:
        kept = (folder / "as json" / "verdict.json").read_text(encoding="utf-8")
        assert not steered(kept)
        assert json.loads(kept) == ended.json


def _texts(value: Any) -> str:
    """Every text in a JSON value, as it is."""
    if isinstance(value, dict):
        return " ".join(map(_texts, value.values()))
    return " ".join(map(_texts, value)) if isinstance(value, list) else str(value)


def test_rows_to_label_are_given_back_as_they_were(folder: Path, tmp_path: Path) -> None:
    """A formula stays a formula: what is labelled is what is trained on."""
    texts = [f"=cmd|' /C calc'!A0 {i}" if i % 2 else f"@SUM(1+{i}) {PAYLOAD}" for i in range(60)]
    write_csv(tmp_path / "rows.csv", [{"text": text, "label": ""} for text in texts])
    ended = tuningfork("run", "rows.csv", "--yes", cwd=tmp_path, TUNINGFORK_CACHE=str(folder / "cache"))
    assert ended.code == 2
    assert sorted(row["text"] for row in read_csv(tmp_path / "to_label.csv")) == sorted(texts)
