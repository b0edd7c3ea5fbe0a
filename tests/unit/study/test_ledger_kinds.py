"""The ledger carries answers of any kind, in roles of any name, and says of what it cannot read whose it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import toy_kind
from toy_kind import WordLists
from tuningfork.answers.category import NO_LABEL, Categories
from tuningfork.answers.registry import KINDS
from tuningfork.arms.results import Prediction, TrialPlan, TrialResult
from tuningfork.errors import LedgerError
from tuningfork.study.ledger import LEDGER_FILE, Ledger

TRIAL = TrialResult(
    plan=TrialPlan(arm="prompt:m", level=4, n_labels=9, seed=2),
    side="llm",
    model="m",
    status="done",
    evaluation=Prediction(
        Categories(np.array([0, 1, NO_LABEL])),
        np.array([[0.5, 0.5], [0.25, 0.75], [np.nan, np.nan]], np.float32),
        np.array([0.5, 0.75, np.nan], np.float32),
        np.array([1.0, 2.0, 3.0]),
    ),
)


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that adds the kind is installed."""
    point = EntryPoint(name="words", value="toy_kind:COLUMN", group=KINDS.package)
    monkeypatch.setitem(vars(KINDS), "_added", {"words": point})


def assert_same(one: Prediction | None, other: Prediction | None) -> None:
    assert one is not None and other is not None
    assert len(one) == len(other)
    assert one.answers.kind == other.answers.kind
    assert one.answers.same(other.answers).all()
    assert one.answers.valid.tolist() == other.answers.valid.tolist()
    for name in ("probabilities", "confidence", "row_seconds"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)


def test_a_kind_of_another_package_comes_back_from_every_role(tmp_path: Path, words: None) -> None:
    said = WordLists((("a", "b"), None, (), ("größer", "\0", "")))
    tokens = np.arange(4 * 3 * 2, dtype=np.float32).reshape(4, 3, 2)
    evaluation = Prediction(said, tokens, np.array([0.5, np.nan, 1, 0], np.float32))
    trial = replace(
        TRIAL,
        evaluation=evaluation,
        validation=Prediction(said.take(slice(1)), row_seconds=np.array([0.5])),
        other_roles={"calibration": Prediction(said.take(slice(2, 4))), "shifted:winter": evaluation},
    )
    with Ledger(tmp_path) as ledger:
        given_back = ledger.record("k", trial)
        at_once = ledger.trials()["k"]
    with Ledger(tmp_path, writable=False) as ledger:
        later = ledger.trials()["k"]
    assert set(trial.predictions) == {"evaluation", "validation", "calibration", "shifted:winter"}
    for found in (given_back, at_once, later):
        assert found.predictions.keys() == trial.predictions.keys()
        for role, prediction in trial.predictions.items():
            assert_same(found.predictions[role], prediction)
    with pytest.raises(TypeError, match="answers of the kind 'words' are no labels"):
        _ = evaluation.labels


def test_confidence_and_what_a_trial_needed_come_back(tmp_path: Path) -> None:
    needs = {"prompt:größer?shots=5": "ab12", "head:minilm": "cd34"}
    with Ledger(tmp_path) as ledger:
        ledger.record("k", replace(TRIAL, needs=needs))
        ledger.record("none", replace(TRIAL, plan=replace(TRIAL.plan, seed=3)))
        found = ledger.trials()
    assert_same(found["k"].evaluation, TRIAL.evaluation)
    assert (found["k"].needs, found["none"].needs) == (needs, {})


@settings(max_examples=40, deadline=None)
@given(
    predictions=st.lists(
        arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4).flatmap(
            lambda shape: st.tuples(
                st.just(Categories(np.zeros(shape[0], np.int32))),
                st.none() | arrays.arrays(np.float32, shape),
                st.none() | arrays.arrays(np.float32, shape[:1]),
                st.none() | arrays.arrays(np.float64, shape[:1]),
            )
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_shape_probabilities_have_they_come_back_in_it(predictions: list[tuple]) -> None:
    trials = [
        replace(TRIAL, plan=replace(TRIAL.plan, seed=seed), evaluation=Prediction(*parts))
        for seed, parts in enumerate(predictions)
    ]
    with TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
        for trial in trials:
            ledger.record(str(trial.plan.seed), trial)
        for trial, found in zip(trials, ledger.trials().values(), strict=True):
            assert_same(found.evaluation, trial.evaluation)


def test_long_answers_stay_on_the_disk_until_they_are_asked_for(tmp_path: Path) -> None:
    rows, trials = 400_000, 8
    blob = 4 * rows
    draw = np.random.default_rng(0)
    columns = [Categories(draw.integers(-1, 9, rows)) for _ in range(trials)]
    with Ledger(tmp_path) as ledger:
        given_back = [
            ledger.record(str(seed), replace(TRIAL, plan=replace(TRIAL.plan, seed=seed), evaluation=Prediction(column)))
            for seed, column in enumerate(columns)
        ]
        tracemalloc.start()
        try:
            found = ledger.trials()
            assert [len(trial.evaluation) for trial in found.values()] == [rows] * trials
            assert tracemalloc.get_traced_memory()[1] < blob, "not even one of them was read"
        finally:
            tracemalloc.stop()
    for trial in (*given_back, *found.values()):
        assert trial.evaluation.answers.same(columns[trial.plan.seed]).all()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE answers SET answers = substr(answers, 1, 8)", "the answers"),
        ("UPDATE answers SET answers = substr(answers, 1, 7)", "the answers"),
        ("UPDATE answers SET answers = CAST(x'FEFFFFFF' || substr(answers, 5) AS BLOB)", "the answers"),
        ("UPDATE answers SET n = 2", "the answers"),
        ("UPDATE answers SET row_seconds = substr(row_seconds, 1, 16)", "the seconds"),
        ("UPDATE answers SET confidence = zeroblob(16)", "the confidence"),
        ("UPDATE answers SET confidence = NULL", "the confidence"),
        ("UPDATE probabilities SET matrix = substr(matrix, 1, 20)", "the probabilities"),
        ("UPDATE probabilities SET axes = 'two'", "the probabilities"),
        ("DELETE FROM probabilities", "the probabilities"),
    ],
)
def test_a_damaged_blob_is_named_by_trial_and_role(tmp_path: Path, damage: str, told: str) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.record("k", TRIAL)
        kept = ledger.trials()["k"]
    with sqlite3.connect(tmp_path / LEDGER_FILE) as plain:
        plain.execute(damage)
    named = rf"ledger\.sqlite: {told} for the evaluation rows of prompt:m \(9 labels, seed 2\) cannot be read"
    with pytest.raises(LedgerError, match=named) as raised, Ledger(tmp_path, writable=False) as ledger:
        _ = kept.evaluation.confidence, kept.evaluation.probabilities  # what was given out before
        found = ledger.trials()["k"].evaluation
        _ = found.confidence, found.probabilities
    assert "put a copy back" in str(raised.value)


def test_answers_of_a_package_that_is_gone_are_named_with_what_to_do(tmp_path: Path) -> None:
    """Written by a process that has the package, found through its entry point; read by one that has, and by us."""
    site = tmp_path / "site"
    info = site / "toy_kind-1.0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(toy_kind.__file__, site)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-kind\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tuningfork.answers]\nwordlists = toy_kind:COLUMN\n")
    (site / "toy_kind.py").write_text(Path(toy_kind.__file__).read_text().replace('"words"', '"wordlists"'))
    script = (
        "import sys; from pathlib import Path; from dataclasses import replace\n"
        "from toy_kind import WordLists; from tuningfork.arms.results import *; from tuningfork.study.ledger import *\n"
        "trial = TrialResult(plan=TrialPlan(arm='prompt:m', level=0, n_labels=None, seed=0), side='llm', model='m',\n"
        "    status='done', evaluation=Prediction(WordLists((('a', 'b'), None))))\n"
        "Ledger(Path(sys.argv[1])).record('k', trial)\n"
        "print(Ledger(Path(sys.argv[1]), writable=False).trials()['k'].evaluation.answers.rows)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "study")], capture_output=True, text=True, env=environment
    )
    assert done.stdout == "(('a', 'b'), None)\n", done.stderr
    told = r"rows of prompt:m \(seed 0\) cannot be read: no kind of answer 'wordlists'.*Install the package"
    with pytest.raises(LedgerError, match=told), Ledger(tmp_path / "study", writable=False) as ledger:
        ledger.trials()
