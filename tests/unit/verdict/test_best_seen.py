"""Arms that nothing ranked beforehand: the best seen stands for its side, and pays for having been picked."""

from __future__ import annotations

import pytest
from scipy import stats

from builders import PlantedArm, make_records
from tuningfork.report.terminal import plain_text
from tuningfork.study.records import StudyRecords
from tuningfork.task.schema import Note
from tuningfork.verdict.decide import decide
from tuningfork.verdict.scored import score_study
from tuningfork.verdict.verdict_json import ComparisonRow, SideRow, VerdictRecord

LINEAR = PlantedArm("linear", accuracy={128: 0.8})


def elsewhere(name: str, accuracy: float, **options: object) -> PlantedArm:
    defaults = {"side": "llm", "deterministic": True, "n_labels": {0: None}}
    side = options.get("side", "llm")
    return PlantedArm(f"predictions:{name}.csv?side={side}", accuracy={0: accuracy}, **defaults | options)


def compared(record: VerdictRecord) -> ComparisonRow:
    assert record.comparison is not None
    return record.comparison


def side(record: VerdictRecord, name: str) -> SideRow:
    return next(row for row in record.sides if row.side == name)


def uncorrected(records: StudyRecords, a: str, b: str) -> float:
    """p of two arms as if they had been chosen beforehand."""
    scored = score_study(records)
    arms = {arm.arm: arm for arm in scored.arms}
    difference = scored.compare(arms[a], arms[b])
    assert difference is not None
    assert difference.p_value is not None
    return difference.p_value


def test_the_best_seen_is_carried_with_p_times_their_number() -> None:
    records = make_records(
        arms=[LINEAR, *(elsewhere(name, score) for name, score in zip("abc", (0.7, 0.86, 0.75), strict=True))]
    )
    record = decide(records)
    best = "predictions:b.csv?side=llm"
    pair = compared(record)
    assert (pair.llm_arm, pair.best_of, side(record, "llm").best_of) == (best, 3, 3)
    assert pair.p_value == pytest.approx(min(1.0, 3 * uncorrected(records, best, "linear")))
    assert (side(record, "llm").ranked_on, record.labels_for_choice) == (0, 0)
    assert record.comparisons[0].best_of == 3
    assert record.comparisons[0].p_holm == pair.p_value
    assert "Not ranked beforehand: answers in b.csv is the best seen of 3 LLM arms; p and intervals" in record.reason
    (warning,) = (w.message for w in record.warnings if w.code == "not_ranked")
    assert "named first" not in warning
    assert warning in " ".join(plain_text(record).split())
    assert "corrected for 3 alternatives" in pair.test


def test_what_the_plan_said_of_it_is_not_told_again() -> None:
    note = Note("not_ranked_beforehand", "predictions:a.csv?side=llm has no answer for 20 validation rows.")
    arms = [LINEAR, elsewhere("a", 0.7), elsewhere("b", 0.75)]
    codes = {warning.code for warning in decide(make_records(arms=arms, study_notes=(note,))).warnings}
    assert "not_ranked" in codes
    assert "not_ranked_beforehand" not in codes
    alone = decide(make_records(arms=arms[:2], study_notes=(note,)))
    assert "not_ranked_beforehand" in {warning.code for warning in alone.warnings}


def test_the_order_in_which_they_were_named_does_not_matter() -> None:
    arms = [elsewhere(name, score) for name, score in zip("abc", (0.7, 0.86, 0.75), strict=True)]
    records = make_records(arms=[LINEAR, *arms])
    other = StudyRecords(
        **{name: getattr(records, name) for name in StudyRecords.__dataclass_fields__ if name != "arms"},
        arms=tuple(reversed(records.arms)),
    )
    assert compared(decide(records)) == compared(decide(other))


def test_both_sides_pay_with_the_product() -> None:
    tuned = [elsewhere(name, score, side="fine-tuned") for name, score in zip("xy", (0.8, 0.82), strict=True)]
    llms = [elsewhere(name, score) for name, score in zip("abc", (0.7, 0.86, 0.75), strict=True)]
    record = decide(make_records(arms=[*tuned, *llms]))
    assert compared(record).best_of == 6
    assert (side(record, "llm").best_of, side(record, "fine-tuned").best_of) == (3, 2)


def test_what_can_be_ranked_is_ranked_and_its_best_joins_the_others() -> None:
    ranked = [
        PlantedArm("prompt:a-7b", accuracy={0: 0.9}, deterministic=True, validation_accuracy=0.6),
        PlantedArm("prompt:b-7b", accuracy={0: 0.8}, deterministic=True, validation_accuracy=0.9),
    ]
    record = decide(make_records(arms=[LINEAR, *ranked, elsewhere("c", 0.7), elsewhere("d", 0.72)]))
    assert (compared(record).llm_arm, compared(record).best_of) == ("prompt:b-7b", 3)
    assert "choice_contradicted" in {warning.code for warning in record.warnings}, "the ranked loser leads there"


def test_one_arm_without_validation_answers_beside_one_with_is_the_best_of_two() -> None:
    prompt = PlantedArm("prompt:a-7b", accuracy={0: 0.7}, deterministic=True, validation_accuracy=0.7)
    record = decide(make_records(arms=[LINEAR, prompt, elsewhere("c", 0.86)]))
    assert (compared(record).llm_arm, compared(record).best_of) == ("predictions:c.csv?side=llm", 2)


def test_a_single_arm_a_side_needs_no_correction() -> None:
    record = decide(make_records(arms=[LINEAR, elsewhere("a", 0.7)]))
    assert compared(record).best_of == 1
    assert "not_ranked" not in {warning.code for warning in record.warnings}
    assert "best seen" not in record.reason


def test_arms_that_the_budget_cut_short_are_not_the_best_by_luck_of_a_few_rows() -> None:
    record = decide(make_records(arms=[LINEAR, elsewhere("a", 0.99, n_eval=20), elsewhere("b", 0.7)]))
    assert (compared(record).llm_arm, compared(record).best_of) == ("predictions:b.csv?side=llm", 1)


def test_intervals_of_scores_and_difference_are_wider_by_the_quantiles() -> None:
    records = make_records(arms=[LINEAR, elsewhere("a", 0.7), elsewhere("b", 0.75)], rows=500)
    plain = make_records(arms=[LINEAR, elsewhere("b", 0.75)], rows=500)
    wide, narrow = compared(decide(records)), compared(decide(plain))
    ratio = (wide.ci95[1] - wide.ci95[0]) / (narrow.ci95[1] - narrow.ci95[0])
    assert ratio == pytest.approx(stats.norm.ppf(1 - 0.0125) / stats.norm.ppf(1 - 0.025), abs=0.12)


def test_a_lead_that_only_the_pick_made_names_nobody() -> None:
    """p below .05 for the pair alone, above it for the best of six."""
    for score in (0.83, 0.8325, 0.835, 0.8375, 0.84, 0.8425, 0.845):
        arms = [LINEAR, elsewhere("best", score), *(elsewhere(f"other{i}", 0.75) for i in range(5))]
        records = make_records(arms=arms, margin=0.001)
        if 0.01 < uncorrected(records, "predictions:best.csv?side=llm", "linear") < 0.05:
            assert decide(records).call == "undecided"
            return
    pytest.fail("no world in between")
