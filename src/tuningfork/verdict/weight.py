"""The order of warnings: what limits the verdict most comes first, for a screen shows a few of them only."""

from __future__ import annotations

from collections.abc import Iterable

from tuningfork.verdict.verdict_json import Caution

_NOTHING_COMPARED = (
    *("answers_not_read", "prompt_cut", "one_side_only", "nothing_to_compare", "metric_not_defined"),
    "score_undefined",
)
_A_SCORE_MAY_MEAN_NOTHING = ("right_labels_kept",)
_NO_WINNER_CAN_BE_NAMED = (
    *("few_evaluation_rows", "one_row", "one_group", "one_class", "no_scale", "not_simulated"),
    *("one_seed", "few_seeds", "identical_seeds", "few_identical_runs"),
)
_ANOTHER_QUESTION_WAS_ANSWERED = (
    *(
        "one_scored_label",
        "answers_in_one_place",
        "near_repeats",
        "one_field_tells",
        "rows_not_independent",
        "shared_field",
    ),
    *("text_says_little", "split_column"),
    *("placeholder_labels", "label_shares_differ", "qualified_rows"),
    *("void_rows", "several_labels_left_out", "answers_read_otherwise"),
    *(
        "arm_failed",
        "unnamed_labels",
        "labels_unseen_in_pool",
        "no_room",
        "row_too_long",
        "row_refused",
        "invalid_answers",
    ),
    *("lost_constraint", "similar_labels", "many_labels", "contradicting_duplicates"),
    *("shift_found", "language_mismatch", "other_model", "model_changed", "weights_changed", "truncated_rows"),
)
_ANOTHER_ARM_MAY_DO_BETTER = (
    *("choice_contradicted", "validation_differs", "recipes_rank_otherwise", "not_ranked", "not_ranked_beforehand"),
    *("more_labels_may_do_better", "labels_left_out"),
    *("weak_llm", "weak_encoder", "arm_not_run", "arm_stopped", "trial_failed", "budget_stopped"),
)
_THE_CLAIM_IS_NARROWER = (
    *("one_label_dominates", "rare_labels", "near_repeats_elsewhere", "labels_not_scored"),
    *("whole_pool", "conditional_on_pool", "few_units", "seed_variance_dominates", "clustered", "identical_runs"),
    *("larger_count_shown_only", "counts_left_out", "larger_were_there"),
    *("fewer_rows", "fewer_draws", "fewer_shots", "wording_not_chosen", "dropped_parameter"),
    *("no_temperature", "answers_change", "follows_injections", "combined_beside"),
)
_ORDER = (
    *_NOTHING_COMPARED,
    *_A_SCORE_MAY_MEAN_NOTHING,
    *_NO_WINNER_CAN_BE_NAMED,
    *_ANOTHER_QUESTION_WAS_ANSWERED,
    *_ANOTHER_ARM_MAY_DO_BETTER,
    *_THE_CLAIM_IS_NARROWER,
)
LIMITS_NOTHING = frozenset(
    {
        *("guessed_columns", "no_label_column", "no_labels_there", "empty_texts", "replaced_surrogates"),
        "answers_are_places",
        *("stripped_labels", "unused_label_names", "duplicates_kept_together", "evaluation_subset"),
        *("dropped_from_pool", "dropped_from_validation", "dropped_from_evaluation", "dropped_from_unlabelled"),
        *("eval_rows_clipped", "unlabelled_rows", "unlabelled_rows_ignored"),
        *("unlabelled_file", "imbalanced_labels", "numeric_labels", "many_repeats", "leaked_rows", "doubtful_labels"),
        *("personal_data", "truncated_texts", "rows_differ", "shift_not_tested", "no_encoder", "embedded_sample"),
        *("profile_sample", "question_changed", "older_version", "no_trial", "counts_clipped", "goes_on", "more_rows"),
        *("injections_not_measured", "no_logprobs", "server_restarted", "gguf_rewritten", "layers_not_frozen"),
        "model_not_kept",
        *("address_completed", "prompt_fitted", "names_from_file", "where_rows_go", "shifted_not_answered"),
        *("next_encoder", "annotators_merged", "names_not_one_to_one", "near_repeats_dropped"),
        *("changed_after_look", "amounts_of_most_rows"),
    }
)
"""Codes without a place in that order: of the profile or of the plan, told where they arise and with how it was
measured; a change of the question after a look is put before all others."""
_RANK = {code: place for place, code in enumerate(_ORDER)}


KNOWN = frozenset(_ORDER)
"""Codes that have a place."""


def by_weight(cautions: Iterable[Caution]) -> tuple[Caution, ...]:
    """The cautions in that order; those of one code, and codes that are not in it (last), stay as they came."""
    return tuple(sorted(cautions, key=lambda caution: _RANK.get(caution.code, len(_RANK))))
