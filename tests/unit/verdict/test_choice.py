"""Who stands for a side, which others could as well, and what evaluation rows say to it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from builders import PlantedArm, make_records
from tuningfork.answers.category import Categories
from tuningfork.arms.results import TrialResult
from tuningfork.report.terminal import plain_text
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import Caution, SideRow, VerdictRecord

PROMPT = PlantedArm("prompt:smollm2-135m?shots=5", accuracy={5: 0.5}, seeds=3, ms_per_row=400.0)


def trained(arm: str, high: float, validation: float, **options: object) -> PlantedArm:
    return PlantedArm(arm, accuracy={32: high - 0.2, 128: high}, validation_accuracy=validation, **options)


def caution(verdict: VerdictRecord, code: str) -> Caution | None:
    return next((found for found in verdict.warnings if found.code == code), None)


def side(verdict: VerdictRecord, name: str) -> SideRow:
    return next(row for row in verdict.sides if row.side == name)


def test_a_surely_better_arm_of_the_side_is_named_in_the_first_sentence_and_not_taken() -> None:
    verdict = decide(make_records(arms=[trained("linear", 0.95, 0.6), trained("head:minilm", 0.8, 0.9), PROMPT]))
    assert verdict.chosen_arm == "head:minilm"
    first_sentence = verdict.reason.partition(". ")[0]
    assert "though TF-IDF and a linear classifier is 15 points [" in first_sentence
    assert "ahead of it on the evaluation rows" in first_sentence
    told = caution(verdict, "choice_contradicted")
    assert told is not None
    assert "100 validation rows ranked it first (0.900 against 0.600)" in told.message
    assert "chance" not in told.message


def test_a_lead_of_less_than_the_margin_that_may_be_chance_is_no_contradiction() -> None:
    verdict = decide(make_records(arms=[trained("linear", 0.815, 0.6), trained("head:minilm", 0.8, 0.9), PROMPT]))
    assert verdict.chosen_arm == "head:minilm"
    assert caution(verdict, "choice_contradicted") is None
    assert "though" not in verdict.reason


def test_a_lead_above_the_margin_on_few_rows_is_told_as_what_it_may_be() -> None:
    arms = [trained("linear", 0.86, 0.6, spread=0.001), trained("head:minilm", 0.8, 0.9, spread=0.001), PROMPT]
    verdict = decide(make_records(arms=arms, rows=60))
    told = caution(verdict, "choice_contradicted")
    assert told is not None
    assert "which may be chance" in told.message


def test_an_undecided_verdict_says_it_beside_what_to_choose_today() -> None:
    level = dataclasses.replace(PROMPT, accuracy={5: 0.79})
    arms = [trained("linear", 0.95, 0.6), trained("head:minilm", 0.8, 0.9, ms_per_row=900.0), level]
    verdict = decide(make_records(arms=arms, rows=200))
    assert verdict.call == "undecided"
    assert verdict.if_you_must_choose is not None
    assert verdict.if_you_must_choose.arm == "head:minilm"
    assert "though dearer, though TF-IDF" not in verdict.reason
    assert "TF-IDF and a linear classifier is 15 points [" in verdict.reason


def test_an_arm_of_the_other_side_contradicts_no_choice() -> None:
    prompts = [
        PlantedArm(name, accuracy={5: 0.95}, seeds=3, validation_accuracy=ranked)
        for name, ranked in (("prompt:smollm2-135m?shots=5", 0.9), ("prompt:qwen2.5-coder-1.5b?shots=5", 0.95))
    ]
    verdict = decide(make_records(arms=[trained("linear", 0.7, 0.6), trained("head:minilm", 0.7, 0.7), *prompts]))
    assert verdict.call == "better"
    assert caution(verdict, "choice_contradicted") is None


def test_arms_that_validation_rows_do_not_tell_apart_are_shown_as_such() -> None:
    arms = [trained("linear", 0.8, 0.89), trained("head:minilm", 0.8, 0.9), trained("head:wordllama", 0.8, 0.6), PROMPT]
    verdict = decide(make_records(arms=arms, validation_rows=200))
    row = side(verdict, "fine-tuned")
    assert (row.arm, row.ranked_on, row.not_told_apart) == ("head:minilm", 200, ("linear",))
    assert "not told apart from it" in " ".join(plain_text(verdict).split())


def test_a_side_with_one_arm_was_ranked_on_nothing() -> None:
    verdict = decide(make_records(arms=[trained("linear", 0.9, 0.9), PROMPT]))
    assert side(verdict, "llm") == SideRow(side="llm", arm=PROMPT.arm, ranked_on=0, not_told_apart=())
    assert side(verdict, "fine-tuned").ranked_on == 0


def test_arms_that_ran_once_on_the_whole_pool_show_their_recipes_at_a_smaller_count() -> None:
    arms = [trained("linear", 0.8, 0.9), trained("head:minilm", 0.8, 0.9), PROMPT]
    records = once_at_the_top(make_records(arms=arms, pool_rows=128), small={"linear": 0.85, "head:minilm": 0.7})
    row = side(decide(records), "fine-tuned")
    assert row.ranked_at == 32
    assert row.scores_at == {"linear": pytest.approx(0.85), "head:minilm": pytest.approx(0.7)}


def test_recipes_that_rank_otherwise_than_single_fits_are_told() -> None:
    arms = [trained("linear", 0.8, 0.85), trained("head:minilm", 0.8, 0.9), PROMPT]
    records = once_at_the_top(make_records(arms=arms, pool_rows=128), small={"linear": 0.85, "head:minilm": 0.7})
    verdict = decide(records)
    assert side(verdict, "fine-tuned").arm == "head:minilm"
    told = caution(verdict, "recipes_rank_otherwise")
    assert told is not None
    assert "(0.850 against 0.700" in told.message


@pytest.mark.parametrize(("validation", "differs"), [(0.8, False), (0.85, False), (1.0, True)])
def test_validation_rows_of_another_kind_are_told(validation: float, differs: bool) -> None:
    arms = [trained("linear", 0.8, validation), trained("head:minilm", 0.5, 0.5), PROMPT]
    verdict = decide(make_records(arms=arms, rows=500, validation_rows=200))
    assert (caution(verdict, "validation_differs") is not None) is differs


def test_rows_of_another_kind_are_told_though_the_chosen_arm_does_well_on_both() -> None:
    arms = [trained("linear", 0.7, 0.9), trained("head:minilm", 0.93, 0.95), PROMPT]
    verdict = decide(make_records(arms=arms, rows=500, validation_rows=200))
    assert side(verdict, "fine-tuned").arm == "head:minilm"
    told = caution(verdict, "validation_differs")
    assert told is not None
    assert told.message.startswith("TF-IDF and a linear classifier scores 0.900 on validation rows and 0.700")


def test_every_two_sides_are_compared_with_holm() -> None:
    arms = [
        trained("linear", 0.9, 0.9),
        PROMPT,
        PlantedArm("predictions:answers.csv?side=combined", accuracy={0: 0.7}, side="combined", deterministic=True),
    ]
    verdict = decide(make_records(arms=arms))
    assert [(row.side_a, row.side_b) for row in verdict.comparisons] == [
        ("llm", "fine-tuned"),
        ("llm", "combined"),
        ("fine-tuned", "combined"),
    ]
    for row in verdict.comparisons:
        assert row.p_value is not None
        assert row.p_holm is not None
        assert row.p_value <= row.p_holm <= min(1.0, 3 * row.p_value)
    assert verdict.comparison is not None
    assert verdict.comparisons[0].difference == verdict.comparison.difference


def once_at_the_top(records: StudyRecords, *, small: dict[str, float]) -> StudyRecords:
    """The same with one deterministic run of each trained arm on the whole pool, and planted scores below it."""
    gold = records.task.validation.gold

    def planted(trial: TrialResult) -> TrialResult:
        score = small.get(trial.plan.arm)
        if trial.plan.level != 32 or score is None or trial.validation is None:
            return trial
        answers = gold.copy()
        answers[: round((1 - score) * len(gold))] ^= 1
        return dataclasses.replace(trial, validation=dataclasses.replace(trial.validation, answers=Categories(answers)))

    def kept(trial: TrialResult) -> bool:
        return trial.plan.level != 128 or trial.plan.seed == 0

    trials = [planted(trial) for trial in records.trials if kept(trial)]
    settled = [
        dataclasses.replace(trial, plan=dataclasses.replace(trial.plan, deterministic=True))
        if trial.plan.level == 128
        else trial
        for trial in trials
    ]
    assert np.isin(gold, (0, 1)).all()
    return dataclasses.replace(records, trials=tuple(settled))
