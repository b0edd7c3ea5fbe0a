"""The order of warnings: what limits the verdict most comes first, for a screen shows a few of them only."""

from __future__ import annotations

from collections.abc import Iterable

from tuningfork.verdict.records import Caution

_NOTHING_COMPARED = ("one_side_only", "nothing_to_compare", "score_undefined")
_A_SCORE_MAY_MEAN_NOTHING = ("right_labels_kept",)
_NO_WINNER_CAN_BE_NAMED = (
    *("few_evaluation_rows", "one_row", "one_group", "one_class"),
    *("one_seed", "few_seeds", "identical_seeds", "few_identical_runs"),
)
_ANOTHER_QUESTION_WAS_ANSWERED = (
    "answers_read_otherwise",
    *("arm_failed", "unnamed_labels", "labels_unseen_in_pool", "invalid_answers", "lost_constraint"),
    *("shift_found", "language_mismatch"),
)
_ANOTHER_ARM_MAY_DO_BETTER = (
    *("choice_contradicted", "validation_differs", "recipes_rank_otherwise", "not_ranked"),
    "not_ranked_beforehand",
    *("weak_llm", "arm_not_run", "arm_stopped", "trial_failed", "budget_stopped"),
)
_THE_CLAIM_IS_NARROWER = (
    *("whole_pool", "conditional_on_pool", "few_units", "seed_variance_dominates", "clustered", "identical_runs"),
    *("larger_were_there", "fewer_rows", "fewer_draws", "answers_change", "follows_injections"),
)
_ORDER = (
    *_NOTHING_COMPARED,
    *_A_SCORE_MAY_MEAN_NOTHING,
    *_NO_WINNER_CAN_BE_NAMED,
    *_ANOTHER_QUESTION_WAS_ANSWERED,
    *_ANOTHER_ARM_MAY_DO_BETTER,
    *_THE_CLAIM_IS_NARROWER,
)
_RANK = {code: place for place, code in enumerate(_ORDER)}


def by_weight(cautions: Iterable[Caution]) -> tuple[Caution, ...]:
    """The cautions in that order; those of one code, and codes that are not in it (last), stay as they came."""
    return tuple(sorted(cautions, key=lambda caution: _RANK.get(caution.code, len(_RANK))))
