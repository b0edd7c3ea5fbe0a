"""What limits the verdict, as codes for programs and sentences for people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tuningfork.arms.spec import ArmSpec
from tuningfork.guide.from_rows import known_languages
from tuningfork.profile.languages import unknown_languages
from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.study.injections import NOT_INJECTED
from tuningfork.study.past import MORE_ROWS
from tuningfork.study.records import StudyRecords
from tuningfork.task.rows import Evaluation
from tuningfork.task.units import n_units, units_of
from tuningfork.verdict import contradicted, led_astray, numbers, seeds
from tuningfork.verdict.calls import Calls
from tuningfork.verdict.choice import ChosenArms, choice_cautions
from tuningfork.verdict.head_to_head import HeadToHead
from tuningfork.verdict.larger_count import larger_count_cautions
from tuningfork.verdict.names import SIDE_NAMES
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.shifted import shift_cautions
from tuningfork.verdict.shortcuts import shortcut_cautions, shortcut_rows
from tuningfork.verdict.unread import first_answer, why
from tuningfork.verdict.unread import sentence as unread_sentence
from tuningfork.verdict.verdict_json import ArmRow, Caution, NotRead
from tuningfork.verdict.weak_sides import WeakSides, weak_cautions
from tuningfork.verdict.weight import by_weight

_MOST_INVALID = 0.05
_MOST_CHANGED = 0.05
_LARGE_SHARE_OF_POOL = 0.1
_SAME_AS = {"few_evaluation_rows": "few_evaluation_rows", "not_ranked": "not_ranked_beforehand"}
"""Warnings of the verdict that say what a note of the task or the plan has said: by code, the note's code."""

TRIAL_NOTES_THAT_LIMIT_NOTHING = frozenset(
    {"gguf_rewritten", "address_completed", "amounts_of_most_rows", NOT_INJECTED, MORE_ROWS}
)
"""Told with how it was measured: of a rewritten file the arm's name says it already, and the format was checked to
answer alike; an address that was completed leads to the same server; planted instructions decide nothing; and more
rows than at first are no limit; nor is a mean over nearly all rows for a sum over all."""

TASK_NOTES_THAT_LIMIT = frozenset(
    {
        "unnamed_labels",
        "similar_labels",
        "labels_unseen_in_pool",
        "contradicting_duplicates",
        "few_evaluation_rows",
        "many_labels",
        "language_mismatch",
        "rows_not_independent",
        "shared_field",
        "answers_in_one_place",
        "text_says_little",
        "split_column",
        "qualified_rows",
        "void_rows",
        "several_labels_left_out",
        "placeholder_labels",
        "one_scored_label",
        "near_repeats",
        "near_repeats_elsewhere",
        "labels_not_scored",
        "label_shares_differ",
        "one_label_dominates",
        "rare_labels",
        "metric_not_defined",
    }
)
"""Codes of task notes that limit the verdict; the others describe the rows and stand in the plan and the report."""

_CAUTIONS = {
    "seed_variance_dominates": "Training luck moves the score more than the choice of rows: add seeds, not rows.",
    "clustered": "{rows} shared evaluation rows are {draws}, for {alike} are one draw: the intervals are as wide as "
    "the number of draws allows.",
    "few_units": "{draws} are few: below 20 the intervals are very wide. Rows with other texts (or of other groups) "
    "would narrow them.",
    "one_row": "One shared row allows no interval.",
    "one_group": "All shared evaluation rows are one draw ({alike}), which allows no interval.",
    "one_class": "The shared evaluation rows hold one class only.",
    "score_undefined": "The score is not defined on the shared evaluation rows, or not without one of the draws.",
    "no_scale": "No two answers to the shared evaluation rows differ, and the score has no limits: how far apart the "
    "arms may be cannot be said.",
    "not_simulated": "How far intervals of this score can be trusted was not simulated: no winner is named.",
}


def warnings(
    scored: Scored, choice: ChosenArms, calls: Calls, rows: Sequence[ArmRow], weak: WeakSides
) -> tuple[Caution, ...]:
    """Every caution once, what limits the verdict most first.

    Args:
        rows: of all arms that a trial of ended.
        weak: sides on which only small models were measured.
    """
    records = scored.records
    found = [
        *_about_unread(scored),
        *_about_comparison(scored, calls),
        *shift_cautions(scored, calls.duel, rows),
        *shortcut_cautions(scored, calls, shortcut_rows(scored)),
        *_about_choice(scored, choice, calls),
        *_about_models(scored, weak),
        *_about_arms(records, rows),
        *_about_languages(records),
    ]
    told_here = {_SAME_AS.get(caution.code) for caution in found}
    causes = {row.not_read.cause for row in rows if row.not_read}
    found += [caution for caution in _from_notes(records, causes) if caution.code not in told_here]
    return by_weight(dict.fromkeys(found))


def _about_choice(scored: Scored, choice: ChosenArms, calls: Calls) -> Iterator[Caution]:
    """How far validation rows, and the counts that arms are compared at, can be trusted."""
    yield from contradicted.cautions_of(calls.contradicted, choice)
    yield from choice_cautions(choice)
    yield from contradicted.validation_cautions(scored, choice)
    yield from larger_count_cautions(scored, choice, ahead=None if calls.chosen is None else calls.chosen.side)


def _about_languages(records: StudyRecords) -> Iterator[Caution]:
    """Models of this study that do not know the language of most rows."""
    if records.profile is None:
        return
    known = known_languages()
    models = {ArmSpec.parse(arm).model for arm in records.arms}
    languages = records.profile.data.languages.as_record()
    for note in unknown_languages(languages, {model: known[model] for model in sorted(models & known.keys())}):
        yield Caution(code=note.code, message=note.message)


def _about_unread(scored: Scored) -> Iterator[Caution]:
    for arm in scored.arms:
        if (found := scored.unread.get(arm.arm)) is not None:
            told = unread_sentence(arm, found)
            yield Caution(code="answers_not_read", message=f"{told[:1].upper()}{told[1:]}.")


def _about_comparison(scored: Scored, calls: Calls) -> list[Caution]:
    records, duel = scored.records, calls.duel
    if calls.missing:
        names = " and no ".join(SIDE_NAMES[side] for side in calls.missing)
        return [Caution(code="one_side_only", message=f"No {names} arm has finished, so nothing could be compared.")]
    if duel is None and calls.stopped:
        return []
    if duel is None:
        return [
            Caution(
                code="nothing_to_compare",
                message=f"The shared evaluation rows allow no {records.task.metric}: fewer than two rows, or only "
                "one class.",
            )
        ]
    found = [caution for code in duel.difference.cautions for caution in _explained(code, scored, duel)]
    if duel.too_few_rows:
        found.append(
            Caution(
                code="few_evaluation_rows",
                message=f"{numbers.count(duel.n_shared)} shared evaluation rows are too few; {FEWEST_ROWS} at least "
                "are needed for a verdict.",
            )
        )
    return found + [_about_pool(records, arm) for arm in (duel.llm, duel.fine_tuned) if _pool_matters(records, arm)]


def _explained(code: str, scored: Scored, duel: HeadToHead) -> Iterator[Caution]:
    if code in seeds.CODES:
        yield from seeds.seed_cautions(code, scored, duel)
        return
    message = _CAUTIONS.get(code, code.replace("_", " ").capitalize() + ".")
    yield Caution(code=code, message=message.format(**_draws_in_words(scored.task.evaluation, duel.n_shared)))


def _draws_in_words(rows: Evaluation, n: int) -> dict[str, str]:
    """How many draws the first n rows are, and which of them count as one."""
    shared = rows.take(range(n))
    draws, texts = n_units(shared.units), n_units(units_of([shared.texts]))
    kinds = [
        kind for kind, there in (("equal texts", texts < n), ("rows of one group", rows.groups is not None)) if there
    ]
    return {
        "rows": numbers.count(n),
        "draws": f"{numbers.count(draws)} {'draw' if draws == 1 else 'draws'}",
        "alike": " and ".join(kinds) or "equal rows",
    }


def _pool_matters(records: StudyRecords, arm: ScoredArm) -> bool:
    used, pool = arm.n_labels or 0, len(records.task.pool)
    return arm.whole_pool or (pool > 0 and arm.random and used / pool > _LARGE_SHARE_OF_POOL)


def _about_pool(records: StudyRecords, arm: ScoredArm) -> Caution:
    """A prompt is not trained: it chooses its examples among the rows that it was given."""
    name, used, pool = arm.name.short, arm.n_labels or 0, len(records.task.pool)
    did = "chose its examples among" if arm.side == "llm" else "was trained on"
    if not arm.whole_pool:
        message = (
            f"{name} {did} {numbers.count(used)} of {numbers.count(pool)} pool rows, so its samples overlap and the "
            "luck of this pool is not in the interval: the claim is conditional on this pool."
        )
        return Caution(code="conditional_on_pool", message=message)
    runs = ", so its runs differ by initialisation and order only" if arm.random and arm.side != "llm" else ""
    message = (
        f"{name} {did} all {numbers.count(pool)} pool rows{runs}: the claim is about these labels, not about others "
        "drawn like them."
    )
    return Caution(code="whole_pool", message=message)


def _about_models(scored: Scored, weak: WeakSides) -> list[Caution]:
    found = [
        Caution(code="combined_beside", message=f"{arm.arm} combines both sides: it is measured beside the comparison.")
        for arm in scored.read
        if arm.side == "combined"
    ]
    return [*weak_cautions(scored, weak), *found]


def _about_arms(records: StudyRecords, rows: Sequence[ArmRow]) -> list[Caution]:
    found = [
        caution
        for row in rows
        for caution in _about_row(row, records.task.metric, records.task.evaluation.answers.called)
    ]
    if not records.remaining:
        shown = {row.arm for row in rows}
        found += [
            Caution(code="arm_not_run", message=f"{arm} was not run.")
            for arm in records.arms
            if arm not in shown and not ArmSpec.parse(arm).is_check
        ]
    lost = _lost_trials(records, {row.arm for row in rows if row.status == "done"})
    return [*found, *lost, *led_astray.cautions_of(rows)]


def _about_row(row: ArmRow, metric: str, called: str) -> list[Caution]:
    found = []
    if row.status == "failed":
        found.append(Caution(code="arm_failed", message=f"{row.arm} failed: {row.failure}"))
    if row.status == "stopped":
        found.append(Caution(code="arm_stopped", message=f"{row.arm} was stopped before it had an answer."))
    if row.status == "done" and row.score is None:
        found.append(Caution(code="score_undefined", message=f"{metric} is not defined on the rows of {row.arm}."))
    if row.invalid is not None and row.invalid > _MOST_INVALID and not row.is_unread:
        told = f"{100 * row.invalid:.0f} % of the answers of {row.arm} are no {called}; they count as errors."
        found.append(Caution(code="invalid_answers", message=f"{told}{_why_not_read(row.not_read)}"))
    if row.changed_on_repeat is not None and row.changed_on_repeat > _MOST_CHANGED:
        told = f"{100 * row.changed_on_repeat:.0f} % of the answers of {row.arm} changed when asked again."
        found.append(Caution(code="answers_change", message=told))
    return found


def _why_not_read(found: NotRead | None) -> str:
    """Cause, remedy and first answer of some answers that were not read, as sentences; empty where not known."""
    if found is None:
        return ""
    told = why(found)
    return " ".join(["", f"{told[:1].upper()}{told[1:]}.", *filter(None, [first_answer(found)])])


def _lost_trials(records: StudyRecords, finished: set[str]) -> list[Caution]:
    """Trials that failed although their arm has others that finished."""
    lost = [trial for trial in records.trials if trial.plan.arm in finished and trial.status == "failed"]
    found = []
    for arm in dict.fromkeys(trial.plan.arm for trial in lost):
        failures = [trial.failure for trial in lost if trial.plan.arm == arm]
        trials = "1 trial" if len(failures) == 1 else f"{len(failures)} trials"
        found.append(Caution(code="trial_failed", message=f"{arm}: {trials} failed, first with: {failures[0]}"))
    return found


def _from_notes(records: StudyRecords, told_already: Collection[str]) -> list[Caution]:
    """Notes of task, study and trials that a reader of the verdict must know; a trial's under its arm's name."""
    found = [Caution(code=n.code, message=n.message) for n in records.task.notes if n.code in TASK_NOTES_THAT_LIMIT]
    found += [Caution(code=note.code, message=note.message) for note in records.notes]
    told: dict[tuple[str, str], list[str]] = {}
    for trial in records.trials:
        for note in trial.notes:
            if note.code in TRIAL_NOTES_THAT_LIMIT_NOTHING or note.message in told_already:
                continue
            messages = told.setdefault((trial.plan.arm, note.code), [])
            if note.message not in messages:
                messages.append(note.message)
    return found + [_under_arm(arm, code, messages) for (arm, code), messages in told.items()]


def _under_arm(arm: str, code: str, messages: Sequence[str]) -> Caution:
    first = messages[0] if messages[0].startswith(arm) else f"{arm}: {messages[0]}"
    others = f" (and {len(messages) - 1} more of this kind)" if len(messages) > 1 else ""
    return Caution(code=code, message=first + others)
