"""Whole studies against an LLM server that goes wrong: right predictions, or an arm that failed and says what to do.

Nothing hangs (every test has a limit of its own), and nothing is counted twice: what the server delivered is what the
ledger holds and what the verdict counts. The few quick ones run always; the sweep runs with `make faults`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from faulty_server import RAN_OUT, SILENCES, SPELLINGS, STALL, TRANSPORT, Fault, FaultyServer
from llm_servers import Answered, Asked, Rule, ScriptedServer, error, in_prose, planted, refuses
from study_runs import exchanges, is_sound, own_cache, write_csv
from tuningfork.api import Study, Task, Verdict
from tuningfork.arms.results import NO_LABEL, TrialResult
from tuningfork.models.llm import pacing
from tuningfork.study.ledger import Ledger
from tuningfork.verdict.verdict_json import ArmRow

TOPICS = ("billing", "delivery", "praise")
NOUNS = ("parcel", "invoice", "router", "contract", "lamp", "kettle", "sofa", "ticket", "password", "garden")
VERBS = ("lost", "late", "broken", "paid", "cancelled", "praised", "opened", "moved", "sold", "found")
ROWS = [
    (f"my {noun} was {verb} in week {week}", TOPICS[(place + week) % 3])
    for week in range(2)
    for place, (noun, verb) in enumerate(itertools.product(NOUNS, VERBS))
]
POOL, EVALUATION = ROWS[:60], ROWS[100:150]
GOLD = dict(EVALUATION)
MODEL = planted(GOLD, 0.9)
NO_FAULTS: Sequence[Fault] = ()

pytestmark = pytest.mark.timeout(180)


@dataclass(frozen=True)
class Outcome:
    """What a study found out about its LLM arm, and what its server saw."""

    verdict: Verdict
    row: ArmRow
    trial: TrialResult
    server: ScriptedServer

    @property
    def answers(self) -> dict[str, str | None]:
        """Evaluation row -> label given, None where the answer was no label."""
        assert self.trial.evaluation is not None
        texts = Study(Task.from_yaml(self.verdict.folder / "task.yaml")).data.evaluation.texts
        given = [None if label == NO_LABEL else TOPICS[label] for label in self.trial.evaluation.labels]
        return dict(zip(texts, given, strict=True))

    @property
    def warnings(self) -> set[str]:
        return {warning.code for warning in self.verdict.record.warnings}


RunStudy = Callable[[ScriptedServer], Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStudy]:
    """Runs `prompt` on a server beside `linear`; waits that take seconds take milliseconds."""
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.delenv("TUNINGFORK_API_KEY", raising=False)
    patience = pacing.Patience(first_wait=0.01, longest_wait=0.05, longest_ban=5.0, answer_seconds=30.0)
    monkeypatch.setattr(pacing, "USUAL", patience)
    pool, test = (
        write_csv(tmp_path / name, [{"text": text, "label": label} for text, label in rows])
        for name, rows in (("pool.csv", POOL), ("test.csv", EVALUATION))
    )

    def run_study(server: ScriptedServer) -> Outcome:
        arms = ("linear", f"prompt:tiny@{server.url}")
        task = Task.from_csv(pool, test=test)
        verdict = Study(task, arms, out=tmp_path / "study", label_counts=(8,), seeds=1).run()
        (row,) = [row for row in verdict.record.arms if row.side == "llm"]
        with Ledger(verdict.folder, writable=False) as ledger:
            (trial,) = [trial for trial in ledger.trials().values() if trial.side == "llm"]
        return Outcome(verdict, row, trial, server)

    yield run_study


def right_answers() -> dict[str, str]:
    """What the model says about every row where nothing goes wrong."""
    return {text: MODEL(Asked("", {}, {"messages": [{"role": "user", "content": text}]}, 0, 0.0)) for text in GOLD}


def assert_counted_once(outcome: Outcome, server: FaultyServer) -> None:
    """What was delivered is in the ledger, each once, and the tokens counted are those of just these answers."""
    kept, cost = exchanges(outcome.verdict.folder), outcome.verdict.record.cost
    assert len(kept) == len(server.delivered)
    assert sorted(tokens(response) for _, response in kept) == sorted(map(tokens, server.delivered))
    assert cost.prompt_tokens == sum(map(tokens, server.delivered))
    assert cost.llm_requests == len(server.requests)
    assert is_sound(outcome.verdict.folder)


def tokens(response: dict[str, object]) -> int:
    """Prompt tokens of a response, which tell it from all others; 0 where it does not say (or says nonsense)."""
    usage = response.get("usage")
    found = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    return found if isinstance(found, int) and found > 0 else 0


def assert_right(outcome: Outcome) -> None:
    assert outcome.row.status == "done", outcome.row.failure
    assert outcome.answers == right_answers()
    assert (outcome.row.score, outcome.row.invalid) == (pytest.approx(0.9), 0)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.faults)])
def test_every_fault_of_the_transport_mixed_changes_no_answer(run: RunStudy, seed: int) -> None:
    with FaultyServer(MODEL, TRANSPORT, share=0.3, seed=seed) as server:
        outcome = run(server)
    assert len(server.injected) >= 15, "most kinds were played"
    assert_right(outcome)
    assert_counted_once(outcome, server)


@pytest.mark.faults
@pytest.mark.parametrize("fault", [*TRANSPORT, *SPELLINGS], ids=lambda fault: fault.name)
def test_one_fault_at_thirty_percent_changes_no_answer(run: RunStudy, fault: Fault) -> None:
    with FaultyServer(MODEL, [fault], share=0.3, seed=3) as server:
        outcome = run(server)
    assert server.injected[fault.name] >= 15
    assert_right(outcome)
    assert_counted_once(outcome, server)


def test_labels_in_any_dress_are_the_same_answers(run: RunStudy) -> None:
    with FaultyServer(MODEL, SPELLINGS, share=0.6, seed=1) as server:
        outcome = run(server)
    assert len(server.injected) >= 12
    assert_right(outcome)
    assert_counted_once(outcome, server)
    assert {"lost_constraint", "no_logprobs", "model_changed", "other_model"} <= outcome.warnings


@pytest.mark.parametrize("share", [0.3, pytest.param(0.9, marks=pytest.mark.faults)])
def test_answers_that_are_no_label_are_counted_and_never_asked_again(run: RunStudy, share: float) -> None:
    silent: set[str] = set()

    def noting(fault: Fault) -> Fault:
        def play(asked: Asked, body: dict[str, object], label: str) -> Answered:
            silent.add(asked.text)
            return fault.play(asked, body, label)

        return Fault(fault.name, play, fault.delivers)

    with FaultyServer(MODEL, [noting(fault) for fault in SILENCES], share=share, seed=1) as server:
        outcome = run(server)
    asked_first = {request.text for request in server.requests[: len(GOLD)]}
    assert len(asked_first) == len(GOLD), "no row was asked twice before all were asked once"
    wrong = {text for text, given in outcome.answers.items() if given != right_answers()[text]}
    unanswered = {text for text, given in outcome.answers.items() if given is None}
    assert wrong == unanswered
    assert all(any(text in asked for asked in silent) for text in unanswered)
    assert outcome.row.invalid == pytest.approx(len(unanswered) / len(GOLD))
    assert 0.5 * share < outcome.row.invalid < min(1.0, 1.7 * share)
    assert "invalid_answers" in outcome.warnings


def test_an_answer_that_ran_out_of_room_is_asked_in_more_and_then_counted_as_none(run: RunStudy) -> None:
    with FaultyServer(MODEL, [RAN_OUT], share=0.4, seed=1) as server:
        outcome = run(server)
    rooms = {
        text: [r.body["max_tokens"] for r in server.requests if r.text.endswith(f"{text}\nLabel:")] for text in GOLD
    }
    ladder = [min(rooms[text] for text in rooms)[0] * 4**step for step in range(4)] + [8192]
    assert {room for given in rooms.values() for room in given} <= set(ladder)
    assert max(given[0] for given in rooms.values()) > ladder[0], "room that was needed is there from the start"
    unanswered = {text for text, given in outcome.answers.items() if given is None}
    assert unanswered
    assert all(outcome.answers[text] in (label, None) for text, label in right_answers().items())
    assert outcome.row.invalid == pytest.approx(len(unanswered) / len(GOLD))
    assert_counted_once(outcome, server)


@pytest.mark.faults
def test_a_body_that_never_ends_costs_the_longest_wait_and_no_answer(
    run: RunStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "USUAL", replace(pacing.USUAL, answer_seconds=2.0))
    with FaultyServer(MODEL, [STALL], share=0.1, seed=1) as server:
        outcome = run(server)
    assert server.injected[STALL.name] >= 3
    assert_right(outcome)
    assert is_sound(outcome.verdict.folder)


def test_every_parameter_refused_in_turn_and_faults_between(run: RunStudy) -> None:
    names = ("temperature", "max_tokens", "seed", "logprobs", "response_format")
    rules = [refuses(name, named=place % 2 == 0) for place, name in enumerate(names)]
    with FaultyServer(MODEL, TRANSPORT, share=0.3, seed=4, rules=rules) as server:
        outcome = run(server)
    assert_right(outcome)
    refused = [request for request in server.requests if set(names) & set(request.body)]
    assert len(refused) == len(names), "each was refused once, and never sent again"
    assert {"lost_constraint", "no_temperature", "no_logprobs", "dropped_parameter"} <= outcome.warnings
    assert all(not set(names) & set(request) for request, _ in exchanges(outcome.verdict.folder))


def from_request(number: int, rule: Rule) -> Rule:
    """A rule that holds from the request of this number on."""
    return lambda asked: rule(asked) if asked.number >= number else None


def refuses_the_key(asked: Asked) -> Answered:
    return error(401, "the key has been revoked", code="invalid_api_key")


def test_a_key_revoked_in_mid_study_fails_the_arm_and_a_new_key_goes_on(
    run: RunStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNINGFORK_API_KEY", "the-first-key")
    with FaultyServer(MODEL, TRANSPORT, share=0.3, seed=5, rules=[from_request(40, refuses_the_key)]) as server:
        first = run(server)
        assert first.row.status == "failed"
        assert first.row.failure is not None and "TUNINGFORK_API_KEY" in first.row.failure
        assert "the-first-key" not in first.row.failure
        assert first.verdict.recommendation == "undecided"
        kept = exchanges(first.verdict.folder)
        assert 10 < len(kept) == len(server.delivered)
        server.rules = server.rules[1:]
        monkeypatch.setenv("TUNINGFORK_API_KEY", "the-second-key")
        second = run(server)
    assert_right(second)
    assert_counted_once(second, server)


def test_another_model_in_mid_study_is_told(run: RunStudy) -> None:
    def retires(asked: Asked) -> None:
        server.model = "tiny-2026-02" if asked.number >= 30 else "tiny-2026-01"

    with FaultyServer(MODEL, NO_FAULTS, rules=[retires]) as server:
        outcome = run(server)
    assert_right(outcome)
    (told,) = [warning for warning in outcome.verdict.record.warnings if warning.code == "model_changed"]
    assert "tiny-2026-01" in told.message and "tiny-2026-02" in told.message


@pytest.mark.parametrize(
    ("rule", "remedy"),
    [
        (lambda asked: error(500, "out of memory"), "run again to go on"),
        (lambda asked: error(429, "slow down"), "run again to go on"),
        (lambda asked: error(429, "slow down", retry_after="86400"), "run again later"),
        (lambda asked: error(402, "no money"), "Add credit"),
        (lambda asked: error(429, "quota", code="insufficient_quota"), "Add credit"),
        (lambda asked: error(404, "no such model"), "Check the model's name"),
        (lambda asked: error(400, "context_length_exceeded"), "fewer shots or shorter rows"),
        (lambda asked: Answered(body="[]"), "run again to go on"),
        (lambda asked: Answered(cut_after=0), "run again to go on"),
    ],
    ids=["500", "429", "ban", "402", "quota", "404", "too long", "no answer", "reset"],
)
def test_a_server_that_goes_wrong_for_good_fails_its_arm_with_a_remedy(run: RunStudy, rule: Rule, remedy: str) -> None:
    with FaultyServer(MODEL, NO_FAULTS, rules=[from_request(20, rule)]) as server:
        outcome = run(server)
    assert outcome.row.status == "failed"
    assert outcome.row.failure is not None and remedy in outcome.row.failure
    assert {row.arm: row.status for row in outcome.verdict.record.arms}["linear"] == "done"
    assert "arm_failed" in outcome.warnings
    assert_counted_once(outcome, server)


def test_a_constraint_that_is_silently_ignored_is_found_out(run: RunStudy) -> None:
    with FaultyServer(in_prose(MODEL), TRANSPORT, share=0.3, seed=6, obedient=False) as server:
        outcome = run(server)
    assert (outcome.row.status, outcome.row.invalid) == ("done", 1.0)
    assert "lost_constraint" in outcome.warnings
    assert_counted_once(outcome, server)
