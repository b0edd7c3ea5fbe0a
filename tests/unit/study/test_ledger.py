"""The ledger keeps what it is told, refuses what it must, and survives."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tuningfork.answers.category import Categories
from tuningfork.arms.results import Prediction, TrialPlan, TrialResult, Usage
from tuningfork.errors import LedgerError
from tuningfork.metrics.calibration import expected_calibration_error
from tuningfork.study.ledger import LEDGER_FILE, SCHEMA_VERSION, Ledger, has_begun
from tuningfork.study.records import Look
from tuningfork.task.schema import Note

PLAN = TrialPlan(arm="linear", level=8, n_labels=8, seed=1)


def result(status: str = "done") -> TrialResult:
    if status == "failed":
        return TrialResult(plan=PLAN, side="fine-tuned", model="linear", status="failed", failure="out of luck")
    return TrialResult(
        plan=PLAN,
        side="fine-tuned",
        model="tf-idf",
        status="done",
        evaluation=Prediction(
            Categories(np.array([0, -1, 1])),
            probabilities=np.array([[0.9, 0.1], [np.nan, np.nan], [0.25, 0.75]], np.float32),
            row_seconds=np.array([0.1, 0.2, 0.3]),
        ),
        validation=Prediction(Categories(np.array([1]))),
        seconds_train=0.5,
        seconds_predict=0.25,
        latency_seconds=(0.001, 0.002),
        fit_usage=Usage(requests=2, prompt_tokens=10, usd=0.01),
        usage=Usage(requests=3, prompt_tokens=None),
        details=(("C", "1.0"),),
        notes=(Note("fewer_shots", "three of five"),),
    )


def test_a_trial_comes_back_as_it_was(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("k", result())
    with Ledger(tmp_path) as ledger:
        back = ledger.trials()["k"]
    kept = result()
    assert back.plan == kept.plan
    assert (back.details, back.notes, back.usage, back.fit_usage) == (
        kept.details,
        kept.notes,
        kept.usage,
        kept.fit_usage,
    )
    assert back.evaluation is not None and kept.evaluation is not None
    np.testing.assert_array_equal(back.evaluation.labels, kept.evaluation.labels)
    np.testing.assert_array_equal(back.evaluation.probabilities, kept.evaluation.probabilities)
    np.testing.assert_array_equal(back.evaluation.row_seconds, kept.evaluation.row_seconds)
    assert back.validation is not None and back.validation.probabilities is None
    assert back.shifted is None


def test_a_later_result_replaces_a_failure_and_its_predictions(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("k", result("failed"))
        assert ledger.trials()["k"].failure == "out of luck"
        ledger.record("k", result())
        ledger.record("k", result())
        assert [r.status for r in ledger.trials().values()] == ["done"]
    with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
        assert plain.execute("SELECT COUNT(*) FROM predictions").fetchone() == (2,)
        assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_second_run_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        with pytest.raises(LedgerError, match="another run is working"):
            Ledger(tmp_path)
        ledger.remember("a", "b", "c")
        with Ledger(tmp_path, writable=False) as reader:
            assert reader.fact("a", "b") == "c"
    Ledger(tmp_path).close()


def test_the_lock_goes_with_a_killed_process(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from tuningfork.study.ledger import Ledger\n"
        "l = Ledger(Path(sys.argv[1])); l.remember('t', 'k', 'kept'); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -9
    with Ledger(tmp_path) as ledger:
        assert ledger.fact("t", "k") == "kept"


def test_a_newer_schema_is_refused_by_name(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
        plain.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with pytest.raises(LedgerError, match="newer tuningfork"):
        Ledger(tmp_path)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / LEDGER_FILE).write_bytes(b"not a database, whatever its name says" * 100)
    with pytest.raises(LedgerError, match=r"ledger\.sqlite: file is not a database.*put a copy back, or give another"):
        Ledger(tmp_path)


def test_a_database_of_somebody_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
        plain.execute("CREATE TABLE accounts (id INTEGER PRIMARY KEY)")
    before = (tmp_path / LEDGER_FILE).read_bytes()
    with pytest.raises(LedgerError, match="no ledger of tuningfork"):
        Ledger(tmp_path)
    assert (tmp_path / LEDGER_FILE).read_bytes() == before


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_truncated_ledger_is_an_error_that_says_so(tmp_path: Path, kept: float) -> None:
    with Ledger(tmp_path) as ledger:
        for seed in range(200):
            ledger.record(f"k{seed}", replace(result(), plan=replace(PLAN, seed=seed)))
    content = (tmp_path / LEDGER_FILE).read_bytes()
    (tmp_path / LEDGER_FILE).write_bytes(content[: int(len(content) * kept)])
    told = r"ledger\.sqlite: .*damaged: put a copy back, or give another --out"
    with pytest.raises(LedgerError, match=told), Ledger(tmp_path) as ledger:
        ledger.trials()


def test_a_record_that_is_not_what_was_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("k", result())
        ledger.keep_response("r", provider="p", model="m", repeat=0, request="{}", response="{}", usd=None, seconds=1.0)
    with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
        plain.execute("UPDATE trials SET record = substr(record, 1, 40)")
        plain.execute("UPDATE responses SET response = substr(response, 1, 4)")
    with Ledger(tmp_path) as ledger:
        for reading in (ledger.trials, lambda: ledger.response("r")):
            with pytest.raises(LedgerError, match=r"a record cannot be read .*damaged"):
                reading()


def test_a_program_that_holds_the_file_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("k", result())
        browser = sqlite3.connect(tmp_path / LEDGER_FILE, isolation_level=None)
        browser.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match=r"locked\. Another program is writing to it"):
            ledger.record("other", replace(result(), plan=replace(PLAN, seed=2)))
        browser.execute("ROLLBACK")
        browser.close()
        ledger.record("other", replace(result(), plan=replace(PLAN, seed=2)))
        assert list(ledger.trials()) == ["k", "other"]


def test_a_run_killed_at_its_first_step_has_begun_nothing_and_the_next_begins(tmp_path: Path) -> None:
    assert not has_begun(tmp_path)
    (tmp_path / LEDGER_FILE).touch()
    assert not has_begun(tmp_path)
    with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
        plain.execute("PRAGMA journal_mode = WAL")
    plain.close()
    assert (tmp_path / LEDGER_FILE).stat().st_size > 0
    assert not has_begun(tmp_path)
    with Ledger(tmp_path) as ledger:
        ledger.record("k", result())
        assert has_begun(tmp_path)
    (tmp_path / LEDGER_FILE).write_bytes(b"no database")
    assert has_begun(tmp_path), "whoever opens it is told what is wrong"


def test_a_reader_writes_nothing(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    with Ledger(tmp_path, writable=False) as reader, pytest.raises(LedgerError, match="readonly"):
        reader.remember("a", "b", "c")
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / LEDGER_FILE).touch()
    with pytest.raises(LedgerError, match="no ledger"):
        Ledger(empty, writable=False)
    assert (empty / LEDGER_FILE).stat().st_size == 0


def test_what_a_killed_run_left_half_written_is_removed_by_the_next_and_by_no_reader(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    leftover = tmp_path / "models" / ".vectors.safetensors.abc.part"
    leftover.parent.mkdir()
    leftover.write_bytes(b"half")
    Ledger(tmp_path, writable=False).close()
    assert leftover.exists()
    Ledger(tmp_path).close()
    assert not leftover.exists()


def test_reading_where_there_is_no_study(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="holds no study"):
        Ledger(tmp_path / "nothing", writable=False)
    assert not (tmp_path / "nothing").exists()


def test_spending_counts_the_worst_case_until_settled(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ticket = ledger.open_spending(0.50, 1)
        assert ledger.usd_committed() == pytest.approx(0.50)
        ledger.settle_spending(ticket, usd=0.02, prompt_tokens=100, completion_tokens=5)
        assert ledger.usd_committed() == pytest.approx(0.02)
        assert ledger.usage().prompt_tokens == 100


def test_an_unknown_price_makes_the_sum_unknown_not_smaller(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        assert ledger.usage() == Usage(usd=None)
        for usd in (0.02, None):
            ledger.settle_spending(ledger.open_spending(usd, 1), usd=usd, prompt_tokens=1, completion_tokens=1)
        assert ledger.usage().usd is None
        assert ledger.usage().requests == 2


def test_local_requests_have_no_bill_and_hide_none(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.settle_spending(ledger.open_spending(0.0, 1), usd=None, prompt_tokens=9, completion_tokens=1)
        assert ledger.usage() == Usage(requests=1, prompt_tokens=9, completion_tokens=1, usd=None)
        ledger.settle_spending(ledger.open_spending(0.04, 1), usd=0.03, prompt_tokens=1, completion_tokens=1)
        assert ledger.usage().usd == pytest.approx(0.03)


# Probabilities stay on the disk ---------------------------------------------------------------------------------

ROWS, LABELS, TRIALS = 2000, 100, 24
"""A matrix of 0.8 MB a trial, 19 MB in all."""


def sure(seed: int) -> tuple[Prediction, np.ndarray]:
    """Answers that are sure to a known degree, and the gold labels."""
    draw = np.random.default_rng(seed)
    probabilities = draw.dirichlet(np.full(LABELS, 0.05), ROWS).astype(np.float32)
    labels = probabilities.argmax(axis=1).astype(np.int32)
    return Prediction(Categories(labels), probabilities), draw.integers(0, LABELS, ROWS).astype(np.int32)


def filled(folder: Path) -> Ledger:
    ledger = Ledger(folder)
    for seed in range(TRIALS):
        trial = replace(result(), plan=replace(PLAN, seed=seed), evaluation=sure(seed)[0], validation=None)
        ledger.record(f"k{seed}", trial)
    return ledger


def test_reading_all_trials_holds_no_matrix_and_one_at_a_time_is_enough(tmp_path: Path) -> None:
    matrix = ROWS * LABELS * 4
    made = [sure(seed) for seed in (0, TRIALS - 1)]
    expected = [expected_calibration_error(gold, a.labels, a.probabilities) for a, gold in made]
    ledger = filled(tmp_path)
    tracemalloc.start()
    try:
        trials = ledger.trials()
        _, most = tracemalloc.get_traced_memory()
        assert most < matrix, "all labels, and not even one matrix"
        ledger.close()
        found, golds = [], [made[0][1], *[made[0][1]] * (TRIALS - 2), made[1][1]]
        for seed in range(TRIALS):
            answers = trials[f"k{seed}"].evaluation
            assert answers is not None
            found.append(expected_calibration_error(golds[seed], answers.labels, answers.probabilities))
        held, most = tracemalloc.get_traced_memory()
        assert [found[0], found[-1]] == expected
        assert most < 6 * matrix, "one that is read, and what the figure itself takes"
        assert held < matrix, "and nothing of it is kept"
    finally:
        tracemalloc.stop()


def test_what_was_recorded_is_given_back_without_its_matrix(tmp_path: Path) -> None:
    """Also a trial that is recorded a second time out of what the ledger gave."""
    answers, _ = sure(0)
    with Ledger(tmp_path) as ledger:
        given = ledger.record("k", replace(result(), evaluation=answers))
        assert given.evaluation is not answers
        again = ledger.record("k", given)
        for trial in (given, again, ledger.trials()["k"]):
            assert trial.evaluation is not None
            np.testing.assert_array_equal(trial.evaluation.probabilities, answers.probabilities)
            assert trial.validation is not None
            assert trial.validation.probabilities is None


def test_a_matrix_that_was_damaged_is_an_error_that_says_so(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("k", result())
        kept = ledger.trials()["k"].evaluation
    assert kept is not None
    for damage in ("UPDATE probabilities SET matrix = substr(matrix, 1, 7)", "DELETE FROM probabilities"):
        with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
            plain.execute(damage)
        with pytest.raises(LedgerError, match=r"the probabilities for the evaluation rows of linear .*damaged"):
            _ = kept.probabilities
    (tmp_path / LEDGER_FILE).unlink()
    with pytest.raises(LedgerError, match=r"ledger\.sqlite: unable to open"):
        _ = kept.probabilities


# What trials hung on, and what was said of them ------------------------------------------------------------------


def test_a_trial_of_another_question_stays_and_one_of_an_unknown_question_goes(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("unknown", result())
        ledger.record("a", replace(result("failed"), question="a"))
        assert set(ledger.trials()) == {"unknown", "a"}, "a failure takes nothing away"
        ledger.record("a", replace(result(), question="a", label_space="ab", draw="d"))
        ledger.record("b", replace(result(), question="b"))
        found = ledger.trials()
    assert {key: trial.question for key, trial in found.items()} == {"a": "a", "b": "b"}
    assert (found["a"].label_space, found["a"].draw) == ("ab", "d")


def test_looks_are_kept_in_their_order(tmp_path: Path) -> None:
    first = Look(
        at=1.5,
        margin=0.03,
        metric="accuracy",
        arms=("linear", "prompt:m"),
        call="undecided",
        recommendation="undecided",
        chosen_arm=None,
        difference=None,
    )
    second = replace(first, at=2.5, margin=0.05, call="same", chosen_arm="linear", difference=0.01)
    with Ledger(tmp_path) as ledger:
        assert ledger.looks() == ()
        ledger.add_look(first)
        ledger.add_look(second)
    with Ledger(tmp_path, writable=False) as ledger:
        assert ledger.looks() == (first, second)
        with pytest.raises(LedgerError, match="read-only"):
            ledger.add_look(first)
