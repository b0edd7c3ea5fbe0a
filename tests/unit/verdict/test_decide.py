"""The verdict on studies with planted accuracies."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from builders import PlantedArm, make_records
from tuningfork.answers.category import Categories
from tuningfork.arms.results import NO_LABEL, TrialPlan
from tuningfork.errors import RoleError
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note
from tuningfork.verdict.choice import choose
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored import score_study
from tuningfork.verdict.verdict_json import VerdictRecord

PROMPT = "prompt:smollm2-135m?shots=5"


def linear(high: float, *, seeds: int = 5, **options: object) -> PlantedArm:
    return PlantedArm("linear", accuracy={32: high - 0.2, 128: high}, seeds=seeds, **options)


def prompt(score: float, *, seeds: int = 3, **options: object) -> PlantedArm:
    return PlantedArm(PROMPT, accuracy={5: score}, seeds=seeds, **{"ms_per_row": 400.0} | options)


def codes(verdict: VerdictRecord) -> set[str]:
    return {caution.code for caution in verdict.warnings}


def with_gold(records: StudyRecords, gold: np.ndarray) -> StudyRecords:
    evaluation = dataclasses.replace(records.task.evaluation, gold=gold.astype(np.int32))
    return dataclasses.replace(records, task=dataclasses.replace(records.task, evaluation=evaluation))


def test_a_clear_winner_is_named_for_either_side() -> None:
    trained = decide(make_records(arms=[linear(0.9), prompt(0.7)]))
    assert (trained.call, trained.recommendation, trained.chosen_arm) == ("better", "fine-tune", "linear")
    assert trained.comparison is not None
    assert trained.comparison.difference == pytest.approx(0.2, abs=0.005)
    assert trained.comparison.ci95[0] > 0.1
    assert trained.if_you_must_choose is None
    assert trained.comparison.rows_needed is None

    prompted = decide(make_records(arms=[linear(0.7), prompt(0.9)]))
    assert (prompted.call, prompted.recommendation, prompted.chosen_arm) == ("better", "prompt", PROMPT)
    assert prompted.comparison is not None
    assert prompted.comparison.difference == pytest.approx(-0.2, abs=0.005)


def test_a_tie_on_many_rows_is_the_same_and_goes_to_the_cheaper_arm() -> None:
    arms = [linear(0.84, spread=0.001), prompt(0.84, spread=0.001)]
    verdict = decide(make_records(arms=arms, rows=4000))
    assert (verdict.call, verdict.chosen_arm) == ("same", "linear")
    slow_linear = dataclasses.replace(arms[0], ms_per_row=900.0)
    assert decide(make_records(arms=[slow_linear, arms[1]], rows=4000)).chosen_arm == PROMPT


def test_the_cheaper_will_do_where_it_is_no_worse_but_not_shown_to_be_the_same() -> None:
    verdict = decide(make_records(arms=[linear(0.86), prompt(0.84)], rows=400))
    assert (verdict.call, verdict.chosen_arm) == ("cheaper_will_do", "linear")
    assert verdict.same_within is not None
    assert verdict.same_within > verdict.margin


def test_an_open_question_stays_open_and_says_what_would_settle_it() -> None:
    verdict = decide(make_records(arms=[linear(0.82), prompt(0.84)], rows=200))
    assert (verdict.call, verdict.recommendation, verdict.chosen_arm) == ("undecided", "undecided", None)
    assert verdict.comparison is not None
    assert verdict.comparison.rows_needed is not None
    assert verdict.comparison.rows_needed > 200
    assert verdict.if_you_must_choose is not None
    assert verdict.if_you_must_choose.arm == PROMPT
    assert verdict.if_you_must_choose.worst_loss is not None
    assert 0 < verdict.if_you_must_choose.worst_loss < 0.1
    assert verdict.next_step is not None
    assert "more labelled evaluation rows" in verdict.next_step


def test_below_fifty_shared_rows_nothing_is_called_however_large_the_difference() -> None:
    verdict = decide(make_records(arms=[linear(0.95), prompt(0.4)], rows=49))
    assert verdict.call == "undecided"
    assert "few_evaluation_rows" in codes(verdict)
    assert decide(make_records(arms=[linear(0.95), prompt(0.4)], rows=50)).call == "better"


def test_a_pair_is_compared_on_the_shorter_prefix_and_scored_on_its_own() -> None:
    verdict = decide(make_records(arms=[linear(0.9), prompt(0.7, n_eval=120)]))
    rows = {row.arm: row for row in verdict.arms}
    assert verdict.comparison is not None
    assert (verdict.comparison.n_shared, rows["linear"].n_eval, rows[PROMPT].n_eval) == (120, 400, 120)
    assert rows["linear"].score == pytest.approx(0.9, abs=0.005)


@pytest.mark.parametrize(("lonely", "missing"), [(linear(0.8), "LLM"), (prompt(0.8), "fine-tuned")])
def test_one_side_alone_is_undecided_and_names_its_best_arm(lonely: PlantedArm, missing: str) -> None:
    verdict = decide(make_records(arms=[lonely]))
    assert verdict.comparison is None
    assert (verdict.call, verdict.recommendation) == ("undecided", "undecided")
    assert "one_side_only" in codes(verdict)
    assert verdict.if_you_must_choose is not None
    assert verdict.if_you_must_choose.arm == lonely.arm
    assert verdict.if_you_must_choose.worst_loss is None
    assert verdict.if_you_must_choose.expected_loss is None
    assert f"no {missing} arm has finished" in verdict.reason


def test_a_failed_arm_stays_in_the_table_with_its_reason_and_leaves_one_side() -> None:
    verdict = decide(make_records(arms=[linear(0.8), prompt(0.7, failure="the server refused the key")]))
    row = next(row for row in verdict.arms if row.arm == PROMPT)
    assert (row.status, row.failure, row.score, row.seeds) == ("failed", "the server refused the key", None, 0)
    assert {"arm_failed", "one_side_only"} <= codes(verdict)


def test_no_finished_arm_at_all_names_nobody() -> None:
    verdict = decide(make_records(arms=[linear(0.8, failure="no memory"), prompt(0.7, failure="no server")]))
    assert verdict.if_you_must_choose is None
    assert verdict.comparison is None
    assert verdict.call == "undecided"
    assert verdict.break_even_labels.mean is None


@pytest.mark.parametrize(("seeds", "code"), [(1, "one_seed"), (2, "few_seeds")])
def test_one_or_two_seeds_of_a_random_recipe_never_win(seeds: int, code: str) -> None:
    verdict = decide(make_records(arms=[linear(0.95, seeds=seeds), prompt(0.5, seeds=3)]))
    assert verdict.call == "undecided"
    assert code in codes(verdict)
    assert verdict.next_step is not None
    assert "--seeds 5" in verdict.next_step


def test_zero_shot_needs_no_seeds_to_win() -> None:
    zero = PlantedArm("prompt:smollm2-135m", accuracy={0: 0.95}, deterministic=True)
    assert decide(make_records(arms=[linear(0.7), zero])).chosen_arm == "prompt:smollm2-135m"


def test_equal_seeds_on_the_whole_pool_are_one_run_that_may_win() -> None:
    arms = [linear(0.9, identical_seeds=True), prompt(0.7)]
    whole = decide(make_records(arms=arms, pool_rows=128))
    assert (whole.call, whole.chosen_arm) == ("better", "linear")
    assert "whole_pool" in codes(whole)
    assert next(row for row in whole.arms if row.arm == "linear").seeds == 1
    below = decide(make_records(arms=arms, pool_rows=1000))
    assert below.call == "undecided"
    assert "identical_seeds" in codes(below)


def test_overlapping_samples_are_said() -> None:
    assert "conditional_on_pool" in codes(decide(make_records(arms=[linear(0.9), prompt(0.7)], pool_rows=256)))
    assert "conditional_on_pool" not in codes(decide(make_records(arms=[linear(0.9), prompt(0.7)], pool_rows=5000)))


def test_macro_f1_decides_where_it_is_the_metric() -> None:
    """The prompt answers the common label always: high accuracy, low macro-F1."""
    arms = [linear(0.85), prompt(0.5, deterministic=True)]
    records = make_records(arms=arms, labels=3, label_weights=[0.9, 0.05, 0.05], metric="macro_f1")
    common = [dataclasses.replace(t, evaluation=_always(t, 0)) if t.side == "llm" else t for t in records.trials]
    verdict = decide(dataclasses.replace(records, trials=tuple(common)))
    rows = {row.arm: row for row in verdict.arms}
    accuracy = rows[PROMPT].accuracy
    assert accuracy is not None
    assert accuracy > 0.85
    assert rows[PROMPT].score == rows[PROMPT].macro_f1
    assert rows[PROMPT].score == pytest.approx(0.31, abs=0.02)
    assert (verdict.metric, verdict.chosen_arm) == ("macro_f1", "linear")
    assert verdict.reason.startswith("Train a small model (TF-IDF and a linear classifier). Its macro-F1 is ")


def test_macro_f1_of_one_class_is_null_with_a_warning() -> None:
    records = make_records(arms=[linear(0.85), prompt(0.5)], metric="macro_f1")
    verdict = decide(with_gold(records, np.zeros(400)))
    assert verdict.comparison is None
    assert verdict.call == "undecided"
    assert all(row.score is None and row.ci95 is None for row in verdict.arms)
    assert {"nothing_to_compare", "score_undefined"} <= codes(verdict)


def test_groups_widen_the_interval() -> None:
    """Ten groups that stand or fall together are ten draws, not four hundred."""
    records = make_records(arms=[linear(0.9), prompt(0.7)], groups=10)
    number = np.array([int(name.split()[1]) for name in records.task.evaluation.groups or ()])
    gold = records.task.evaluation.gold

    def by_group(trial):  # answers of one arm are right or wrong for whole groups
        right = number >= (2 if trial.side == "llm" else 1)
        labels = np.where(right, gold, 1 - gold).astype(np.int32)
        return dataclasses.replace(trial, evaluation=dataclasses.replace(trial.evaluation, answers=Categories(labels)))

    grouped = dataclasses.replace(records, trials=tuple(by_group(t) for t in records.trials))
    alone = dataclasses.replace(
        grouped,
        task=dataclasses.replace(grouped.task, evaluation=dataclasses.replace(grouped.task.evaluation, groups=None)),
    )
    wide, narrow = decide(grouped), decide(alone)
    assert wide.comparison is not None
    assert narrow.comparison is not None
    assert np.ptp(wide.comparison.ci95) > 3 * np.ptp(narrow.comparison.ci95)
    assert "clustered" in codes(wide)


def test_invalid_answers_are_errors_counted_and_said() -> None:
    verdict = decide(make_records(arms=[linear(0.9), prompt(0.6, invalid=0.5)]))
    row = next(row for row in verdict.arms if row.arm == PROMPT)
    assert row.invalid == pytest.approx(0.2, abs=0.01)
    assert row.accuracy == pytest.approx(0.6, abs=0.01)
    assert "invalid_answers" in codes(verdict)


def test_the_arm_of_a_side_is_the_one_that_validation_rows_favour() -> None:
    worse_in_validation = linear(0.95, validation_accuracy=0.6)
    better_in_validation = PlantedArm("head:minilm", accuracy={128: 0.8}, validation_accuracy=0.9)
    verdict = decide(make_records(arms=[worse_in_validation, better_in_validation, prompt(0.5)]))
    assert verdict.comparison is not None
    assert verdict.comparison.fine_tuned_arm == "head:minilm"
    assert verdict.labels_for_choice == 100
    scores = {row.arm: row.validation_score for row in verdict.arms}
    assert scores["head:minilm"] == pytest.approx(0.9)
    assert scores["linear"] == pytest.approx(0.6)
    assert scores[PROMPT] is None


def test_a_side_that_cannot_be_ranked_says_so_and_carries_the_best_seen() -> None:
    head = PlantedArm("head:minilm", accuracy={128: 0.95})
    verdict = decide(make_records(arms=[linear(0.8), head, prompt(0.5)]))
    assert verdict.comparison is not None
    assert (verdict.comparison.fine_tuned_arm, verdict.comparison.best_of) == ("head:minilm", 2)
    assert verdict.labels_for_choice == 0
    assert "not_ranked" in codes(verdict)


def test_choosing_on_evaluation_rows_is_refused() -> None:
    records = make_records(arms=[linear(0.8), prompt(0.5)])
    task = dataclasses.replace(records.task, validation=records.task.evaluation)  # type: ignore[arg-type]
    with pytest.raises(RoleError):
        choose(score_study(dataclasses.replace(records, task=task)))


def test_a_level_still_running_is_not_compared() -> None:
    records = make_records(arms=[linear(0.9), prompt(0.7)])
    waiting = [t.plan for t in records.trials if t.plan.arm == "linear" and t.plan.level == 128][1:]
    begun = tuple(t for t in records.trials if t.plan not in waiting)
    verdict = decide(dataclasses.replace(records, trials=begun, remaining=tuple(waiting)))
    row = next(row for row in verdict.arms if row.arm == "linear")
    assert (row.n_labels, row.seeds) == (32, 5)
    assert verdict.provisional
    assert verdict.next_step == "Let the study go on: 4 trials are still to run."


def test_pairs_carry_holm_over_all_pairs() -> None:
    arms = [
        linear(0.9, validation_accuracy=0.9),
        PlantedArm("head:minilm", accuracy={128: 0.89}, validation_accuracy=0.8),
    ]
    verdict = decide(make_records(arms=[*arms, prompt(0.86)]))
    assert [(pair.a, pair.b) for pair in verdict.pairs] == [
        ("linear", "head:minilm"),
        ("linear", PROMPT),
        ("head:minilm", PROMPT),
    ]
    smallest = min(verdict.pairs, key=lambda pair: pair.p_value or 0)
    assert smallest.p_value is not None
    assert smallest.p_holm == pytest.approx(min(1.0, 3 * smallest.p_value))
    assert all(
        pair.p_holm is not None and pair.p_value is not None and pair.p_holm >= pair.p_value for pair in verdict.pairs
    )


def test_break_even_lies_between_the_counts_around_the_crossing() -> None:
    arm = PlantedArm("linear", accuracy={32: 0.6, 128: 0.8, 512: 0.9}, seeds=12, spread=0.04)
    crossing = decide(make_records(arms=[arm, prompt(0.7)], pool_rows=20_000)).break_even_labels
    assert crossing.mean is not None
    assert crossing.reliable is not None
    assert 50 < crossing.mean < 80
    assert crossing.mean < crossing.reliable < 128
    never = decide(make_records(arms=[arm, prompt(0.97)])).break_even_labels
    assert never.mean is None
    assert never.reason is not None
    assert "512 labels" in never.reason


def test_break_even_is_unknown_for_answers_made_elsewhere() -> None:
    made = PlantedArm("predictions:b.csv?side=fine-tuned", accuracy={0: 0.9}, deterministic=True, n_labels={0: None})
    verdict = decide(make_records(arms=[made, prompt(0.7)]))
    assert verdict.break_even_labels.mean is None
    assert "not known how many labels" in (verdict.break_even_labels.reason or "")
    assert next(row for row in verdict.arms if row.arm == made.arm).n_labels is None


def test_the_two_by_two_adds_up_and_confusions_count_rows() -> None:
    verdict = decide(make_records(arms=[linear(0.9), prompt(0.6)], labels=4))
    table = verdict.disagreement
    assert table is not None
    assert table.both_right + table.only_llm + table.only_fine_tuned + table.both_wrong == 400
    for arm in ("linear", PROMPT):
        found = [row for row in verdict.confusions if row.arm == arm]
        assert found == sorted(found, key=lambda row: -row.rows)
        assert all(row.gold != row.predicted and 0 < row.rows <= row.of for row in found)


def test_dollars_are_known_only_where_somebody_bills_or_the_machine_has_a_price() -> None:
    remote = PlantedArm("prompt:openai/gpt-5-mini", accuracy={0: 0.8}, deterministic=True, usd=0.0004)
    free = decide(make_records(arms=[linear(0.8), remote]))
    assert {row.arm: row.usd_per_1k for row in free.arms} == {"linear": None, remote.arm: pytest.approx(0.4)}
    priced = decide(make_records(arms=[linear(0.8, ms_per_row=1.0), remote], usd_per_hour=0.36))
    assert priced.arms[0].usd_per_1k == pytest.approx(0.0001)


def test_notes_that_limit_reach_the_reader_once_and_others_do_not() -> None:
    lost = Note("lost_constraint", "the server took no grammar")
    records = make_records(
        arms=[linear(0.9), prompt(0.7, notes=(lost,))],
        task_notes=[Note("unnamed_labels", "Labels look like codes"), Note("guessed_columns", "text is 'text'")],
        study_notes=[Note("budget", "two trials were cut")],
    )
    found = [caution for caution in decide(records).warnings if caution.code in {"lost_constraint", "unnamed_labels"}]
    assert [(caution.code, caution.message) for caution in found] == [
        ("unnamed_labels", "Labels look like codes"),
        ("lost_constraint", f"{PROMPT}: the server took no grammar"),
    ]
    assert "guessed_columns" not in codes(decide(records))
    assert "budget" in codes(decide(records))


@pytest.mark.parametrize(
    ("arm", "weak"),
    [
        (PROMPT, True),
        ("prompt:qwen2.5-coder-1.5b", True),
        ("prompt:models/mystery.gguf", True),
        ("prompt:ollama/llama3:8b", False),
        ("prompt:openai/gpt-5-mini", False),
        ("prompt:mixtral-8x7b@http://127.0.0.1:8000/v1", False),
    ],
)
def test_small_llms_alone_are_called_weak(arm: str, weak: bool) -> None:
    verdict = decide(make_records(arms=[linear(0.9), PlantedArm(arm, accuracy={0: 0.5}, deterministic=True)]))
    assert ("weak_llm" in codes(verdict)) == weak
    assert ("Larger LLMs and encoders were not measured." in verdict.reason) == weak


@pytest.mark.parametrize(
    ("arms", "told"),
    [
        (["linear"], "No encoder was measured; larger ones (100 M"),
        (["linear", "head:wordllama"], "8.2 M parameters (WordLlama, which reads no context)"),
        (["head:wordllama", "finetune:minilm"], "has 23 M parameters (MiniLM)"),
        (["head:hf:sentence-transformers/all-MiniLM-L6-v2"], "has 23 M parameters (all-MiniLM-L6-v2)"),
        (["head:minilm", "head:hf:sentence-transformers/all-mpnet-base-v2"], None),
        (["head:minilm", "finetune:hf:answerdotai/ModernBERT-base"], None),
        (["head:hf:someone/of-unknown-size"], None),
        (["linear", "predictions:answers.csv?side=fine-tuned"], None),
    ],
)
def test_the_encoders_that_were_measured_are_told_where_all_are_small(arms: list[str], told: str | None) -> None:
    trained = [PlantedArm(arm, accuracy={128: 0.9}, seeds=3, side="fine-tuned") for arm in arms]
    verdict = decide(make_records(arms=[*trained, prompt(0.6)]))
    found = [caution.message for caution in verdict.warnings if caution.code == "weak_encoder"]
    if told is None:
        assert not found and "encoders were not measured" not in verdict.reason
        return
    assert told in found[0]
    assert found[0].endswith("tuningfork run tickets.csv … --arm finetune:hf:answerdotai/ModernBERT-base")
    assert "Larger LLMs and encoders were not measured." in verdict.reason


def test_a_size_that_the_study_has_found_counts() -> None:
    records = make_records(arms=[PlantedArm("head:hf:a/b", accuracy={128: 0.9}, seeds=3), prompt(0.6)])
    small, large = (dataclasses.replace(records, model_sizes={"hf:a/b": size}) for size in (30_000_000, 300_000_000))
    assert "weak_encoder" in codes(decide(small)) and "weak_encoder" not in codes(decide(large))


def test_the_next_step_names_what_is_larger_on_each_weak_side() -> None:
    both = decide(make_records(arms=[linear(0.9), prompt(0.5)]))
    assert both.next_step == (
        "Measure a larger LLM and a larger encoder too: --arm prompt:PROVIDER/MODEL "
        "--arm finetune:hf:answerdotai/ModernBERT-base"
    )
    large = PlantedArm("prompt:openai/gpt-5-mini", accuracy={0: 0.5}, deterministic=True)
    one = decide(make_records(arms=[linear(0.9), large]))
    assert one.next_step == "Measure a larger encoder too: --arm finetune:hf:answerdotai/ModernBERT-base"
    assert one.reason.endswith("Larger encoders were not measured.")


def test_one_group_of_rows_allows_no_verdict() -> None:
    verdict = decide(make_records(arms=[linear(0.9), prompt(0.5)], groups=1))
    assert verdict.call == "undecided"
    assert verdict.comparison is not None
    assert verdict.comparison.p_value is None
    assert "one_group" in codes(verdict)


def test_an_arm_that_never_ran_is_told_when_the_study_is_over() -> None:
    records = make_records(arms=[linear(0.9), prompt(0.7)])
    records = dataclasses.replace(records, arms=(*records.arms, "head:minilm"))
    assert "arm_not_run" in codes(decide(records))
    plan = TrialPlan(arm="head:minilm", level=32, n_labels=32, seed=0)
    assert "arm_not_run" not in codes(decide(dataclasses.replace(records, remaining=(plan,))))


def _always(trial, label: int):
    return dataclasses.replace(trial.evaluation, answers=Categories(np.full(len(trial.evaluation), label, np.int32)))


def test_the_same_note_of_many_trials_is_told_once() -> None:
    """Trials of one arm tell the same kind of thing with other numbers."""
    records = make_records(arms=[linear(0.9), prompt(0.7)])
    told = [
        dataclasses.replace(t, notes=(Note("fewer_shots", f"{t.plan.seed + 2} shots fit"),)) if t.side == "llm" else t
        for t in records.trials
    ]
    found = [c for c in decide(dataclasses.replace(records, trials=tuple(told))).warnings if c.code == "fewer_shots"]
    assert [caution.message for caution in found] == [f"{PROMPT}: 2 shots fit (and 2 more of this kind)"]


def test_too_few_rows_are_told_once() -> None:
    note = Note("few_evaluation_rows", "There are 30 evaluation rows")
    verdict = decide(make_records(arms=[linear(0.9), prompt(0.7)], rows=30, task_notes=[note]))
    assert [caution.code for caution in verdict.warnings].count("few_evaluation_rows") == 1


def test_a_trial_that_failed_does_not_take_its_arm_along() -> None:
    records = make_records(arms=[linear(0.9), prompt(0.7)])
    lost = dataclasses.replace(records.trials[9], status="failed", failure="out of memory", evaluation=None)
    assert (lost.plan.arm, lost.plan.level) == ("linear", 128)
    verdict = decide(dataclasses.replace(records, trials=(*records.trials[:9], lost, *records.trials[10:])))
    row = next(row for row in verdict.arms if row.arm == "linear")
    assert (row.status, row.n_labels, row.seeds) == ("done", 128, 4)
    assert [c.message for c in verdict.warnings if c.code == "trial_failed"] == [
        "linear: 1 trial failed, first with: out of memory"
    ]


def test_what_was_measured_once_an_arm_stands_in_its_row() -> None:
    gold = make_records(arms=[]).task.evaluation.gold[:10]
    right = {"plain": 5, "short": 7}
    told = {name: [*gold[:share].tolist(), *[NO_LABEL] * (10 - share)] for name, share in right.items()}
    details = (("wording_answers", json.dumps(told)), ("changed_on_repeat", "0.1"))
    verdict = decide(make_records(arms=[linear(0.9, probabilities=True), prompt(0.7, details=details)]))
    rows = {row.arm: row for row in verdict.arms}
    assert rows[PROMPT].wordings == (0.5, 0.7)
    assert rows[PROMPT].changed_on_repeat == 0.1
    assert "answers_change" in codes(verdict)
    assert rows[PROMPT].ece is None
    assert rows["linear"].ece == pytest.approx(0.0, abs=0.02)
    p50, p95 = rows[PROMPT].latency_ms_p50, rows[PROMPT].latency_ms_p95
    assert p50 is not None
    assert p95 is not None
    assert 400 <= p50 <= p95 <= 800
