"""Runs that came out equal: evidence where they were redrawn, and said for what it leaves open."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from builders import PlantedArm, make_records
from tuningfork.answers.category import Categories
from tuningfork.arms.results import TrialResult
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import VerdictRecord

PROMPT = PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.5}, seeds=3, ms_per_row=400.0)


def equal(seeds: int, *, redrawn: bool, score: float = 0.79) -> PlantedArm:
    return PlantedArm("linear", accuracy={128: score}, seeds=seeds, identical_seeds=True, redrawn=redrawn)


def message(verdict: VerdictRecord, code: str) -> str | None:
    return next((caution.message for caution in verdict.warnings if caution.code == code), None)


@pytest.mark.parametrize("metric", ["accuracy", "macro_f1"])
def test_five_equal_runs_on_different_samples_may_win(metric: str) -> None:
    verdict = decide(make_records(arms=[equal(5, redrawn=True), PROMPT], metric=metric))
    assert (verdict.call, verdict.chosen_arm) == ("better", "linear")
    told = message(verdict, "identical_runs")
    assert told is not None
    assert "All 5 runs of TF-IDF and a linear classifier, on different samples, gave the same answers." in told
    assert "5 equal runs leave room for a failure in up to 45 % of runs" in told
    assert message(verdict, "identical_seeds") is None


def test_the_share_of_failures_that_would_undo_the_lead_is_what_the_interval_leaves_of_it() -> None:
    records = make_records(arms=[equal(5, redrawn=True), PROMPT])
    verdict = decide(records)
    told = message(verdict, "identical_runs")
    assert told is not None
    found = re.search(r"failures in (\d+) % of runs would undo its lead", told)
    assert found is not None
    assert verdict.comparison is not None
    majority = np.bincount(records.task.evaluation.gold).max() / len(records.task.evaluation)
    by_hand = verdict.comparison.ci95[0] / (verdict.comparison.score_fine_tuned - majority)
    assert int(found[1]) == pytest.approx(100 * by_hand, abs=1.0)


@pytest.mark.parametrize("seeds", [3, 4])
def test_fewer_equal_runs_name_nobody_and_say_how_many_would(seeds: int) -> None:
    verdict = decide(make_records(arms=[equal(seeds, redrawn=True), PROMPT]))
    assert verdict.call == "undecided"
    told = message(verdict, "few_identical_runs")
    assert told is not None
    assert "from 5 such runs on" in told
    assert "run 5 (--seeds 5)" in verdict.reason


def test_without_word_of_what_was_drawn_equal_runs_are_one_run() -> None:
    verdict = decide(make_records(arms=[equal(5, redrawn=False), PROMPT]))
    assert verdict.call == "undecided"
    assert message(verdict, "identical_seeds") is not None


@pytest.mark.parametrize("seeds", [3, 5])
def test_runs_right_on_the_same_rows_with_other_answers_are_no_equal_runs(seeds: int) -> None:
    records = _wrong_otherwise_each_time(make_records(arms=[equal(seeds, redrawn=False), PROMPT], labels=4))
    verdict = decide(records)
    assert not {"identical_seeds", "identical_runs", "few_identical_runs"} & {c.code for c in verdict.warnings}
    assert (verdict.call, verdict.chosen_arm) == ("better", "linear")


def test_only_the_arm_whose_answers_are_equal_is_named() -> None:
    prompt = PlantedArm("prompt:my-7b?shots=16", accuracy={16: 1.0}, spread=0.0, seeds=3, redrawn=True)
    verdict = decide(make_records(arms=[PlantedArm("linear", accuracy={32: 0.8}, seeds=3, redrawn=True), prompt]))
    told = message(verdict, "few_identical_runs")
    assert told is not None
    assert told.startswith("All 3 runs of my-7B, 16 shots, on different samples, gave the same answers.")
    assert "linear" not in told


def test_the_remedy_for_equal_draws_of_an_llm_arm_is_an_option_that_it_has() -> None:
    arm = "prompt:my-7b@http://127.0.0.1:9/v1?shots=16&draws=4"
    prompt = PlantedArm(arm, accuracy={16: 1.0}, spread=0.0, seeds=4, redrawn=True)
    verdict = decide(make_records(arms=[PlantedArm("linear", accuracy={32: 0.8}, seeds=3, redrawn=True), prompt]))
    wanted = "--arm 'prompt:my-7b@http://127.0.0.1:9/v1?shots=16&draws=5'"
    assert wanted in verdict.reason
    assert wanted in (message(verdict, "few_identical_runs") or "")
    assert "--seeds" not in verdict.reason


def test_one_flipped_row_changes_little() -> None:
    """Five equal runs 29 points ahead and five that differ in one row are the same evidence."""
    same = make_records(arms=[equal(5, redrawn=True), PROMPT])
    other = dataclasses.replace(same, trials=tuple(map(_one_row_flipped_in_seed_one, same.trials)))
    first, second = decide(same), decide(other)
    assert first.call == second.call == "better"
    assert first.comparison is not None
    assert second.comparison is not None
    assert second.comparison.ci95 == pytest.approx(first.comparison.ci95, abs=0.005)


def _one_row_flipped_in_seed_one(trial: TrialResult) -> TrialResult:
    if trial.plan.arm != "linear" or trial.plan.seed != 1 or trial.evaluation is None:
        return trial
    labels = trial.evaluation.labels.copy()
    labels[0] ^= 1
    return dataclasses.replace(trial, evaluation=dataclasses.replace(trial.evaluation, answers=Categories(labels)))


def _wrong_otherwise_each_time(records: StudyRecords) -> StudyRecords:
    gold = records.task.evaluation.gold

    def changed(trial: TrialResult) -> TrialResult:
        if trial.plan.arm != "linear" or trial.evaluation is None:
            return trial
        labels = trial.evaluation.labels
        wrong = (gold + 1 + trial.plan.seed % 3) % 4
        labels = np.where(labels == gold, labels, wrong).astype(np.int32)
        return dataclasses.replace(trial, evaluation=dataclasses.replace(trial.evaluation, answers=Categories(labels)))

    return dataclasses.replace(records, trials=tuple(map(changed, records.trials)))
