"""Servers as they really are: their answers are read, or it is said why not, by whole studies over loopback."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llm_servers import Answered, Asked, Rule
from odd_servers import (
    OddServer,
    Shape,
    bare,
    characters_of,
    cuts_prompts,
    gold_of,
    refuses_over,
    room_of,
    said,
    thinks,
)
from prompt_settings import opened, services_of, setting_of
from study_runs import own_cache
from tuningfork.api import Study, Task
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.results import NO_LABEL
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.llm.pacing import Patience
from tuningfork.task.inputs import Inputs
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord

Run = Callable[..., VerdictRecord]

_ASKED = 40
THOUGHT = "Okay, the user asks about something. Let me think about refund, delivery and account."


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a study of a small trained arm and an LLM at a server, in a folder of its own."""
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))

    def study(data: Path, server: OddServer, options: str = "", *, test: Path | None = None, out: str = "s") -> Any:
        task = Task.from_csv(data, test=test)
        arms = ("linear", f"prompt:my-model@{server.url}{options}")
        return Study(task, arms, out=tmp_path / out, label_counts=(16,), seeds=1).run().record

    return study


@dataclass(frozen=True)
class Measured:
    """One prompt arm on forty rows, without a study around it."""

    score: float
    invalid: float
    details: dict[str, str]
    notes: dict[str, str]


def mixed(*files: Path) -> list[tuple[str, str]]:
    """The rows of files in one random order, the longest last."""
    rows = list(gold_of(*files).items())
    random.Random(0).shuffle(rows)
    longest = max(rows, key=lambda row: len(row[0]))
    return [*(row for row in rows if row is not longest), longest]


def measure(data: Path, server: OddServer, options: str = "", *, more: Sequence[Path] = ()) -> Measured:
    """Asks a server about the last of the mixed rows."""
    rows = mixed(data, *more)
    spec = ArmSpec.parse(f"prompt:my-model@{server.url}{options}")
    setting = setting_of(rows[:-_ASKED], counts=(30,), counts_given=True)
    family = FAMILIES.get("prompt")
    with opened(spec.text) as chat:
        plan = family.schedule(spec, setting)[0]
        sample = setting.pool.take(setting.order(plan.seed)[: plan.n_labels])
        arm = family.fit(spec, plan, sample, setting, services_of(chat))
        texts = tuple(text for text, _ in rows[-_ASKED:])
        prediction, _ = arm.predict(Inputs.of_texts(tuple(map(str, range(_ASKED))), texts))
    gold = np.array([setting.labels.values.index(label) for _, label in rows[-_ASKED:]])
    return Measured(
        score=float(np.mean(prediction.labels == gold)),
        invalid=float(np.mean(prediction.labels == NO_LABEL)),
        details=dict(arm.details),
        notes={note.code: note.message for note in arm.notes},
    )


def llm(record: VerdictRecord) -> ArmRow:
    (row,) = [arm for arm in record.arms if arm.side == "llm"]
    return row


def said_of(record: VerdictRecord, code: str) -> str:
    return " ".join(warning.message for warning in record.warnings if warning.code == code)


def unread(details: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = json.loads(details["unread"])
    return found


def plain_rows(shared_cases: Path) -> Path:
    return shared_cases / "31-closing-think-only" / "data.csv"


def called(label: str, **function: Any) -> dict[str, Any]:
    call = {"name": "answer", "arguments": json.dumps({"label": label})} | function
    return said(None, finish="tool_calls", tool_calls=[{"id": "1", "type": "function", "function": call}])


ANSWERS: dict[str, Shape] = {
    "choice in the field for thought": lambda label, asked: said(None, reasoning_content=label),
    "JSON in the other field for thought": lambda label, asked: said("", reasoning=json.dumps({"label": label})),
    "closing mark in the field for thought": lambda label, asked: said(None, reasoning=f"{THOUGHT}</think>\n{label}"),
    "closing mark only": bare(THOUGHT + "\n</think>\n\n{}"),
    "thinking": bare("<thinking>" + THOUGHT + "</thinking>\n{}"),
    "brackets": bare("[THINK]" + THOUGHT + "[/THINK]{}</s>"),
    "channels": bare(
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{{}}<|return|>"
    ),
    "reserved tokens": bare("<unused94>thought\n" + THOUGHT + "<unused95>{}<end_of_turn>"),
    "tag around the answer": bare("<think>hm</think>\n<answer>{}</answer>"),
    "box": bare(THOUGHT + "\n\n\\boxed{{}}"),
    "more keys": lambda label, asked: said(
        json.dumps({"answer": label, "label": label, "confidence": 0.93, "reason": "it says so"})
    ),
    "reason first": lambda label, asked: said(json.dumps({"reason": "no refund, no account", "category": label})),
    "JSON behind a sentence": bare('Here you are:\n```json\n{"label": "{}", "score": 1}\n```'),
    "Python": bare("{'label': '{}', 'confidence': 0.5}"),
    "named line": bare("It may be about a refund or the account.\n\n**Answer:** {}"),
    "tool call": lambda label, asked: called(label),
    "tool call of a mapping": lambda label, asked: called(label, arguments={"label": label}),
    "tool call with words beside it": lambda label, asked: {
        "choices": [
            {
                "message": {
                    "content": "I will classify this.",
                    "tool_calls": [{"function": {"name": "answer", "arguments": json.dumps({"label": label})}}],
                },
                "finish_reason": "tool_calls",
            }
        ]
    },
    "function call of old": lambda label, asked: said(
        None, function_call={"name": "f", "arguments": json.dumps({"label": label})}
    ),
    "parts": lambda label, asked: said(
        [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}, {"type": "text", "text": label}]
    ),
    "object": lambda label, asked: said({"label": label}),
    "completions": lambda label, asked: {"choices": [{"text": f" {label}", "finish_reason": "stop"}]},
    "no choices, but a message": lambda label, asked: {
        "choices": None,
        "message": {"role": "assistant", "content": label},
        "done_reason": "stop",
    },
}


@pytest.mark.parametrize("shape", ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_that_is_there_is_read(shared_cases: Path, shape: Shape) -> None:
    data = plain_rows(shared_cases)
    with OddServer(gold_of(data), shape) as server:
        found = measure(data, server)
    assert (found.score, found.invalid) == (1.0, 0.0)
    assert "unread" not in found.details


CASES: dict[str, tuple[str, Shape]] = {
    "80-vllm-choice-in-reasoning": ("?server=vllm", lambda label, asked: said(None, reasoning_content=label)),
    "31-closing-think-only": ("", ANSWERS["closing mark only"]),
    "38-extra-keys": ("", ANSWERS["more keys"]),
    "50-underscores": ("", lambda label, asked: said(label.replace("_", " "))),
    "51-toolcall": ("", ANSWERS["tool call"]),
    "47-nfd-labels": ("", lambda label, asked: said(unicodedata.normalize("NFC", label))),
}


@pytest.mark.parametrize(("case", "habits"), CASES.items(), ids=CASES.keys())
def test_a_study_on_such_a_server_gives_the_right_score(
    run: Run, shared_cases: Path, case: str, habits: tuple[str, Shape]
) -> None:
    data, (options, shape) = shared_cases / case / "data.csv", habits
    with OddServer(gold_of(data), shape) as server:
        row = llm(run(data, server, options))
    assert (row.status, row.score, row.invalid) == ("done", 1.0, 0.0)
    assert "unread" not in dict(row.details)


@pytest.mark.parametrize(
    ("case", "writing"),
    [
        ("47-nfd-labels", lambda label: unicodedata.normalize("NFC", label)),
        ("47-nfd-labels", lambda label: unicodedata.normalize("NFC", label).upper()),
        ("50-underscores", lambda label: label.replace("_", " ")),
        ("50-underscores", lambda label: "".join(word.title() for word in label.split("_"))),
        ("50-underscores", lambda label: f"The label is {label.replace('_', '-')}."),
        ("50-underscores", lambda label: label.replace("_", "\u2011")),
    ],
)
def test_a_label_in_other_writing_is_that_label(shared_cases: Path, case: str, writing: Callable[[str], str]) -> None:
    data = shared_cases / case / "data.csv"
    with OddServer(gold_of(data), lambda label, asked: said(writing(label))) as server:
        found = measure(data, server)
    assert (found.score, found.invalid) == (1.0, 0.0)


def test_look_alike_labels_are_told_of_in_the_plan(shared_cases: Path, tmp_path: Path) -> None:
    data = (shared_cases / "66-heart-labels" / "emoji.csv").resolve()
    command = "from tuningfork.cli import main; main()"
    arguments = [sys.executable, "-c", command, "plan", str(data), "--arm", "linear", "--json"]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "look-alike" in done.stdout


# Hidden reasoning -----------------------------------------------------------------------------------------------


THOUGHTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "in a field": lambda room: said("", finish="length", tokens=room, reasoning_content=THOUGHT),
    "in an open tag": lambda room: said(f"<think>{THOUGHT}", finish="max_tokens", tokens=room),
    "without a mark": lambda room: said(THOUGHT, finish="length", tokens=room),
    "on the bill, ended by 'stop'": lambda room: said(None, tokens=room),
}


@pytest.mark.parametrize("thought", THOUGHTS.values(), ids=THOUGHTS.keys())
def test_room_grows_with_the_signs_of_thought_and_is_there_from_then_on(
    shared_cases: Path, thought: Callable[[int], dict[str, Any]]
) -> None:
    data = shared_cases / "33-hidden-thought-600" / "data.csv"
    with OddServer(gold_of(data), thinks(600, bare("{}"), thought)) as server:
        found = measure(data, server)
        rooms = [room_of(asked) for asked in server.requests]
    assert (found.score, found.invalid) == (1.0, 0.0)
    assert rooms[:3] == [rooms[0], 4 * rooms[0], 16 * rooms[0]]
    assert set(rooms[3:]) == {16 * rooms[0]}
    assert "no_room" not in found.notes


def test_a_study_that_goes_on_asks_nothing_twice(run: Run, shared_cases: Path) -> None:
    data = shared_cases / "33-hidden-thought-600" / "data.csv"
    with OddServer(gold_of(data), thinks(600, bare("{}"), THOUGHTS["in a field"])) as server:
        first, asked = run(data, server), len(server.requests)
        again = run(data, server)
        assert len(server.requests) == asked
    assert llm(first).score == llm(again).score == 1.0


def test_where_no_room_is_enough_the_room_and_the_way_to_more_are_said(shared_cases: Path) -> None:
    data = shared_cases / "33-hidden-thought-600" / "data.csv"
    shape = thinks(20_000, bare("{}"), THOUGHTS["in a field"])
    with OddServer(gold_of(data), shape) as server:
        found = measure(data, server)
        wider = f"--arm 'prompt:my-model@{server.url}?room=32768'"
        assert measure(data, server, "?room=32768").score == 1.0
    told = unread(found.details)
    assert found.invalid == 1.0
    assert "ended in hidden reasoning: the room of 8,192 tokens was used up" in told["cause"]
    assert wider in told["remedy"]
    assert "effort=low" in told["remedy"]
    assert "40 of 40 answers" in found.notes["no_room"]


def test_a_server_that_streams_unasked_is_read(shared_cases: Path) -> None:
    data = plain_rows(shared_cases)

    def streams(asked: Asked) -> Answered:
        pieces = [*server.answer(asked), ""]
        deltas = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in pieces]
        body = "".join(f"data: {json.dumps(delta)}\n\n" for delta in deltas)
        return Answered(body=f": one moment\n\n{body}data: [DONE]\n\n", headers={"content-type": "text/event-stream"})

    with OddServer(gold_of(data), None, streams) as server:
        found = measure(data, server)
        assert len(server.requests) == _ASKED
    assert (found.score, found.invalid) == (1.0, 0.0)


# Prompts that are too long --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tokens", "rate"), [(1024, 4.0), (700, 3.2)])
def test_prompts_that_the_server_cuts_are_asked_so_that_they_fit(
    run: Run, shared_cases: Path, tokens: int, rate: float
) -> None:
    data = shared_cases / "44-prompt-cut-by-server" / "data.csv"
    gold = gold_of(data)
    with OddServer(gold, cuts_prompts(gold, tokens, characters_per_token=rate)) as server:
        record = run(data, server, "?shots=16")
        asked = len(server.requests)
        run(data, server, "?shots=16")
        assert len(server.requests) == asked, "nothing is asked twice"
    assert (llm(record).score, llm(record).invalid) == (1.0, 0.0)
    assert f"{tokens:,} tokens without a word" in said_of(record, "prompt_fitted")
    assert "num_ctx" in said_of(record, "prompt_fitted")
    assert not said_of(record, "prompt_cut")


def test_prompts_that_stay_cut_are_told_of_with_the_way_out(shared_cases: Path) -> None:
    """For some rows the server goes on to count as many tokens as it takes, however short they are made."""
    data = shared_cases / "44-prompt-cut-by-server" / "data.csv"

    def shape(label: str, asked: Asked) -> dict[str, Any]:
        counted = 900 if label == "delivery" else min(900, characters_of(asked) // 4)
        return said("?" if counted == 900 else label) | {"usage": {"prompt_tokens": counted, "completion_tokens": 3}}

    with OddServer(gold_of(data), shape) as server:
        found = measure(data, server, "?shots=16")
        fewer = f"--arm 'prompt:my-model@{server.url}?shots=8'"
    assert "at 900 tokens without a word" in found.notes["prompt_cut"]
    assert fewer in found.notes["prompt_cut"]
    assert "--max-model-len" in found.notes["prompt_cut"]
    told = unread(found.details)
    assert "cut the prompts" in told["cause"]
    assert fewer in told["remedy"]


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": 0}, {"prompt_tokens": 300, "completion_tokens": 2}])
def test_a_server_that_counts_nothing_cuts_nothing(shared_cases: Path, usage: dict[str, int]) -> None:
    data = shared_cases / "44-prompt-cut-by-server" / "data.csv"
    with OddServer(gold_of(data), lambda label, asked: said(label) | {"usage": usage}) as server:
        found = measure(data, server)
    assert found.score == 1.0
    assert not {"prompt_cut", "prompt_fitted"} & set(found.notes)


VLLM = {
    "object": "error",
    "message": "This model's maximum context length is 2048 tokens. "
    "However, you requested 3111 tokens in the messages.",
    "type": "BadRequestError",
    "code": 400,
}
TOO_LONG: dict[str, tuple[int, Any]] = {
    "vLLM": (400, VLLM),
    "llama.cpp": (400, {"error": {"code": 400, "message": "the request exceeds the available context size"}}),
    "Ollama": (500, {"error": {"message": "input length exceeds maximum context length"}}),
    "a proxy": (413, "<html>Payload Too Large</html>"),
    "TGI": (422, {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 3111"}),
    "a gateway": (200, {"error": {"message": "prompt is too long: 3111 tokens > 2048 maximum"}}),
}


@pytest.mark.parametrize(("status", "body"), TOO_LONG.values(), ids=TOO_LONG.keys())
def test_a_row_that_is_too_long_loses_its_middle_and_no_other(shared_cases: Path, status: int, body: Any) -> None:
    folder = shared_cases / "39-one-row-too-long"
    gold = gold_of(folder / "train.csv", folder / "test.csv")
    long = max(gold, key=len)
    with OddServer(gold, by_beginning(gold, long), refuses_over(6000, status, body)) as server:
        found = measure(folder / "train.csv", server, more=[folder / "test.csv"])
    assert (found.score, found.invalid) == (1.0, 0.0)
    assert "refused 1 row as too long" in found.notes["row_too_long"]
    assert "1 row without the middle" in found.notes["row_too_long"]


def test_one_row_that_is_too_long_ends_no_study(run: Run, shared_cases: Path) -> None:
    folder = shared_cases / "39-one-row-too-long"
    gold = gold_of(folder / "train.csv", folder / "test.csv")
    with OddServer(gold, by_beginning(gold, max(gold, key=len)), refuses_over(6000, 400, VLLM)) as server:
        record = run(folder / "train.csv", server, test=folder / "test.csv")
    assert (llm(record).status, llm(record).score, llm(record).invalid) == ("done", 1.0, 0.0)
    assert "without the middle" in said_of(record, "row_too_long")


def by_beginning(gold: dict[str, str], long: str) -> Shape:
    """Right on the one long row too when its middle is missing."""
    return lambda label, asked: said(gold[long] if long[:200] in asked.text else label)


def test_examples_that_do_not_fit_are_left_out(shared_cases: Path) -> None:
    """All prompts are refused at first: fewer examples make them fit."""
    data = shared_cases / "44-prompt-cut-by-server" / "data.csv"
    told = {
        "error": {"message": "This model's maximum context length is 1024 tokens.", "code": "context_length_exceeded"}
    }

    def refuses_prompts(asked: Asked) -> Answered | None:
        return Answered(400, json.dumps(told)) if characters_of(asked) > 4096 else None

    with OddServer(gold_of(data), None, refuses_prompts) as server:
        found = measure(data, server, "?shots=16")
    assert found.score == 1.0
    assert "with fewer examples" in found.notes["row_too_long"]


# Rows that the server refuses for other reasons -----------------------------------------------------------------


def refuses_row(text: str, status: int, message: str) -> Rule:
    body = json.dumps({"error": {"message": message, "type": "invalid_request_error"}})
    return lambda asked: Answered(status, body) if text in asked.text else None


@pytest.mark.parametrize(
    ("status", "message"), [(400, "Invalid characters in input"), (422, "unprocessable"), (400, "unsafe content")]
)
def test_one_row_that_the_server_does_not_take_is_one_answer_without_a_label(
    run: Run, shared_cases: Path, status: int, message: str
) -> None:
    folder = shared_cases / "39-one-row-too-long"
    gold = gold_of(folder / "train.csv", folder / "test.csv")
    odd = next(iter(gold_of(folder / "test.csv")))
    with OddServer(gold, None, refuses_row(odd, status, message)) as server:
        record = run(folder / "train.csv", server, test=folder / "test.csv")
        asked = len(server.requests)
        run(folder / "train.csv", server, test=folder / "test.csv")
        assert len(server.requests) == asked, "a refusal is kept"
    row = llm(record)
    assert (row.status, row.score, row.invalid) == ("done", pytest.approx(59 / 60), pytest.approx(1 / 60))
    assert "refused 1 row while it answered others" in said_of(record, "row_refused")
    assert row.not_read is not None and message in row.not_read.cause


@pytest.mark.parametrize(
    "broken", [Answered(500, '{"error": {"message": "CUDA error"}}'), Answered(body='{"choices": []}')]
)
def test_one_row_that_breaks_the_server_each_time_is_one_answer_without_a_label(
    shared_cases: Path, broken: Answered, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuningfork.models.llm.pacing.USUAL", Patience(first_wait=0.01))
    data = plain_rows(shared_cases)
    gold = gold_of(data)
    odd = mixed(data)[-5][0]
    with OddServer(gold, None, lambda asked: broken if f"{odd}\nLabel:" in asked.text else None) as server:
        found = measure(data, server)
    assert (found.score, found.invalid) == (39 / 40, 1 / 40)
    assert "refused 1 row while it answered others" in found.notes["row_refused"]


def test_a_server_that_refuses_every_row_fails_its_arm_at_once(run: Run, shared_cases: Path) -> None:
    data = plain_rows(shared_cases)
    with OddServer(gold_of(data), None, refuses_row("", 400, "this key may not do that")) as server:
        record = run(data, server)
        assert len(server.requests) == 3
    assert llm(record).status == "failed"
    assert "this key may not do that" in said_of(record, "arm_failed")


def test_too_many_refused_rows_are_a_failure_of_the_arm(run: Run, shared_cases: Path) -> None:
    data = plain_rows(shared_cases)
    with OddServer(gold_of(data), None, refuses_row("my", 400, "no such word here")) as server:
        record = run(data, server)
    assert llm(record).status == "failed"
    assert "too many to blame single rows" in said_of(record, "arm_failed")


# Answers that are none --------------------------------------------------------------------------------------------


UNREAD: dict[str, tuple[Shape, str, str]] = {
    "codes": (lambda label, asked: said(str(len(label))), "are other words", "--label-names"),
    "prose": (bare("Well, that is a hard one, and it depends on how one looks at it today"), "prose", "?server=vllm'"),
    "empty": (lambda label, asked: said(""), "are empty", "chat template"),
    "only thought": (lambda label, asked: said(None, reasoning_content=THOUGHT), "field for its thought", "thinking"),
    "refusals": (lambda label, asked: said(None, refusal="I can't help with that."), "can't help", "another model"),
    "another function": (lambda label, asked: called(label, name="search", arguments='{"q": "x"}'), "function", "tool"),
    "unknown marks": (bare("<|weird|> ... <|weird|>"), "marks of a template", "chat template"),
}


@pytest.mark.parametrize(("shape", "cause", "remedy"), UNREAD.values(), ids=UNREAD.keys())
def test_where_answers_are_none_the_first_the_cause_and_the_remedy_are_told(
    shared_cases: Path, shape: Shape, cause: str, remedy: str
) -> None:
    data = plain_rows(shared_cases)
    with OddServer(gold_of(data), shape) as server:
        found = measure(data, server)
    told = unread(found.details)
    assert found.invalid == 1.0
    assert cause in told["cause"]
    assert remedy in told["remedy"]
    assert set(told) == {"answer", "cause", "remedy"}
