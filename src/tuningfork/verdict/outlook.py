"""What would change the verdict, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tuningfork.arms.results import Side
from tuningfork.arms.spec import ArmSpec
from tuningfork.stats.repetitions import LEAST_IDENTICAL_RUNS
from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.task.wording import listed
from tuningfork.verdict import numbers
from tuningfork.verdict.break_even import break_even_labels
from tuningfork.verdict.calls import Calls
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.head_to_head import HeadToHead
from tuningfork.verdict.label_counts import Place, place_of
from tuningfork.verdict.remedies import five_runs
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.seeds import arms_with_equal_answers
from tuningfork.verdict.unread import remedy_of
from tuningfork.verdict.verdict_json import ArmRow, BreakEven
from tuningfork.verdict.weak_sides import WeakSides, encoder_to_add, weak_sides

_LARGER_LLM = "--arm prompt:PROVIDER/MODEL"
_EXAMPLES: dict[Side, str] = {
    "llm": "--arm 'prompt:smollm2-135m?shots=5'",
    "fine-tuned": "--arm linear",
    "combined": "--arm 'predictions:FILE?side=combined'",
}
_AN_ARM: dict[Side, str] = {"llm": "an LLM arm", "fine-tuned": "a fine-tuned arm", "combined": "a combined arm"}
_FEWEST_SEEDS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outlook:
    """What would change the verdict.

    Attributes:
        weak: sides on which only small models were measured.
        settles: what would settle an undecided verdict, as a sentence; None where it is decided, or trials are to run.
        flips: the margin and the number of labels at which it changes, a sentence each.
        next_step: the one thing to do now; None where nothing is left to do.
    """

    break_even: BreakEven
    weak: WeakSides
    settles: str | None
    flips: tuple[str, ...]
    next_step: str | None


def look_ahead(scored: Scored, choice: ChosenArms, calls: Calls, rows: Sequence[ArmRow]) -> Outlook:
    """From the comparisons to what lies beyond them.

    Args:
        rows: of all arms that a trial of ended.
    """
    break_even = break_even_labels(scored, choice, calls)
    weak = weak_sides(scored)
    return Outlook(
        break_even=break_even,
        weak=weak,
        settles=None if scored.records.remaining else _settles(calls.duel, rows_at_hand=len(scored.task.evaluation)),
        flips=_flips(calls.duel, break_even),
        next_step=_next_step(scored, calls, rows, weak),
    )


def _settles(duel: HeadToHead | None, *, rows_at_hand: int) -> str | None:
    """What would settle an undecided comparison, as a sentence; None where it is decided.

    Args:
        rows_at_hand: evaluation rows of the study, answered by both arms or not.
    """
    if duel is None or duel.call != "undecided":
        return None
    if duel.too_few_rows:
        lacking = FEWEST_ROWS - duel.n_shared
        return f"A verdict needs at least {FEWEST_ROWS} shared evaluation rows: label {lacking} more."
    if duel.difference.p_value is None:
        return "The shared evaluation rows are all of one group or of one class: label rows of others."
    if not duel.difference.winner_allowed:
        return _seeds_first(duel)
    return _rows_or_seeds(duel, rows_at_hand)


def _seeds_first(duel: HeadToHead) -> str:
    """What lets a winner be named at all."""
    lacking = [arm for arm in (duel.fine_tuned, duel.llm) if arm.random and len(arm.trials) < _FEWEST_SEEDS]
    if not lacking and "few_identical_runs" in duel.difference.cautions:
        few = [arm for arm in arms_with_equal_answers(duel) if len(arm.trials) < LEAST_IDENTICAL_RUNS]
        remedies = dict.fromkeys(five_runs(arm.arm) for arm in few or [duel.fine_tuned])
        return (
            f"No winner can be named from fewer than {LEAST_IDENTICAL_RUNS} runs that come out equal: run "
            f"{LEAST_IDENTICAL_RUNS} ({' '.join(remedies)})."
        )
    if not lacking:
        return (
            "No winner can be named while all seeds of an arm give the same answers and it is not known that their "
            "samples differed: run it again (another --out folder)."
        )
    name, remedy = lacking[0].name.short, "run 5 (--seeds 5)"
    if lacking[0] is duel.llm:
        remedy = "leave it more time (--budget-minutes)"
    return f"No winner can be named with fewer than {_FEWEST_SEEDS} seeds of {name}: {remedy}."


def _rows_or_seeds(duel: HeadToHead, rows_at_hand: int) -> str:
    rows, seeds, margin = duel.rows_needed, duel.seeds_needed, duel.told(duel.margin)
    if seeds is not None and (rows is None or duel.difference.variance_seeds > duel.difference.variance_rows):
        luck = "rows alone would not" if rows is None else "more of the doubt is training luck than luck of the rows"
        return f"About {seeds} seeds of each trained arm would probably settle it at your margin of {margin}; {luck}."
    if rows is not None and rows > duel.n_shared:
        more = numbers.about(rows - duel.n_shared)
        spare = rows_at_hand - duel.n_shared
        kept = f" ({numbers.count(spare)} are there that one of the arms did not answer)" if spare > 0 else ""
        return f"About {more} more labelled evaluation rows would probably settle it at your margin of {margin}{kept}."
    return f"Neither rows nor seeds alone settle it at your margin of {margin}: take more of both, or a wider margin."


def _next_step(scored: Scored, calls: Calls, rows: Sequence[ArmRow], weak: WeakSides) -> str | None:
    records, duel = scored.records, calls.duel
    if records.remaining:
        count = len(records.remaining)
        return f"Let the study go on: {count} trial{'s are' if count > 1 else ' is'} still to run."
    if calls.missing:
        return _complete([arm for arm in records.arms if not ArmSpec.parse(arm).is_check], rows, calls.missing)
    if calls.stopped:
        remedies = dict.fromkeys(remedy_of(found) for _, found in calls.stopped)
        return f"{_capitalised('; '.join(remedies))}."
    if duel is None:
        return "Read in the table of arms why there is no score, mend that, and run the study again."
    if duel.call == "undecided":
        return _settles(duel, rows_at_hand=len(records.task.evaluation))
    encoder = encoder_to_add(scored)
    wanted = ["LLM"] * weak.llm + ["encoder"] * (weak.encoder and encoder is not None)
    arms = [_LARGER_LLM] * weak.llm + [f"--arm {encoder}"] * (weak.encoder and encoder is not None)
    return f"Measure a larger {' and a larger '.join(wanted)} too: {' '.join(arms)}" if wanted else None


def _complete(arms: Sequence[str], rows: Sequence[ArmRow], missing: Sequence[Side]) -> str:
    """How a side gets its finished arm: one that was given has to get through, and only where none was, one is asked
    for."""
    given = {arm: side for arm in arms if (side := _side_of(arm, rows)) in missing}
    failed = [row.arm for row in rows if row.arm in given and row.status == "failed"]
    wanted = [side for side in missing if side not in given.values()]
    steps = []
    if failed:
        steps.append(f"mend what made {_named(failed)} fail")
    if waiting := [arm for arm in given if arm not in failed]:
        steps.append(f"leave {_named(waiting)} more time or money (--budget-minutes, --budget-usd)")
    if wanted:
        steps.append(f"give the study {' and '.join(f'{_AN_ARM[side]} ({_EXAMPLES[side]})' for side in wanted)}")
    return f"{_capitalised(', '.join(steps))} and run it again."


def _side_of(arm: str, rows: Sequence[ArmRow]) -> Side:
    """Of an arm that ran, as it said; else as its spec says."""
    spec = ArmSpec.parse(arm)
    told = next((row.side for row in rows if row.arm == arm), None)
    by_option = next((side for side in _AN_ARM if side == spec.options.get("side")), None)
    return told or by_option or ("llm" if spec.family == "prompt" else "fine-tuned")


def _named(arms: Sequence[str]) -> str:
    return listed(arms, most=2)


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]


def _flips(duel: HeadToHead | None, break_even: BreakEven) -> tuple[str, ...]:
    """What would change the verdict: the margin and the number of labels, each with the value at which it flips."""
    if duel is None or duel.difference.p_value is None:
        return ()
    return tuple(told for told in (_margin_flip(duel), _labels_flip(duel, break_even)) if told)


def _margin_flip(duel: HeadToHead) -> str:
    if duel.call == "better":
        return "Margin: none changes it, for the difference itself is shown."
    within = duel.told(duel.difference.same_within)
    if duel.call == "same":
        return f"Margin: below {within} the two are no longer shown to be the same."
    if duel.call == "cheaper_will_do":
        if (bound := _no_worse_within(duel)) == 0:
            return "Margin: none changes it, for the cheaper arm is shown to be no worse at all."
        return f"Margin: below {duel.told(bound)} the cheaper arm is no longer shown to be good enough."
    return _flip_of_undecided(duel)


def _flip_of_undecided(duel: HeadToHead) -> str:
    if duel.too_few_rows:
        return f"Rows: from {FEWEST_ROWS} shared evaluation rows on, a verdict is possible."
    if not duel.difference.winner_allowed:
        if "few_identical_runs" in duel.difference.cautions:
            return "Seeds: from 5 runs on that come out equal, a verdict is possible."
        return f"Seeds: from {_FEWEST_SEEDS} different seeds of each random arm on, a verdict is possible."
    if duel.cheaper_arm is not None and (enough := _no_worse_within(duel)) < duel.difference.same_within:
        return f"Margin: from {duel.told(enough)} on, {duel.cheaper_arm.name.short} will do, being cheaper."
    return f"Margin: from {duel.told(duel.difference.same_within)} on, the two count as the same."


def _no_worse_within(duel: HeadToHead) -> float:
    """The smallest margin at which the cheaper arm is shown to be good enough."""
    return max(0.0, duel.difference.no_worse_bound(duel.cheaper.which or "b"))


def _labels_flip(duel: HeadToHead, break_even: BreakEven) -> str | None:
    """At how many labels the other side is ahead; hedged where the crossing is not settled."""
    if duel.call == "undecided":
        return None
    mean, tuned = place_of(break_even, "mean"), duel.fine_tuned.name.short
    if mean.at is not None and mean.is_settled(duel.call):
        return f"Labels: below about {mean.told} the LLM is ahead in the mean; above, {tuned}."
    if mean.at is not None:
        return f"Labels: LLM and {tuned} may change places {_anywhere(mean)}; that is not settled."
    return _no_labels_flip(duel, mean) if duel.call == "better" else None


def _no_labels_flip(duel: HeadToHead, mean: Place) -> str | None:
    """How far the counts go at which the better arm stays ahead."""
    tuned, labels = duel.fine_tuned.name.short, duel.fine_tuned.n_labels
    if duel.chosen is duel.llm and labels is not None:
        return f"Labels: up to {numbers.count(labels)} the LLM stays ahead in the mean; more were not measured."
    if duel.chosen is duel.fine_tuned and mean.bound == "at_or_below" and mean.bound_at is not None:
        told = f"Labels: down to {numbers.count(mean.bound_at)} {tuned} stays ahead in the mean"
        return f"{told}; fewer were not tried." if mean.is_settled(duel.call) else f"{told}, which is not settled."
    return None


def _anywhere(place: Place) -> str:
    """'anywhere from 130 to above 3,056', or 'at about 440' where there is no interval."""
    return f"at about {place.value}" if place.ends is None else f"anywhere from {place.ends[0]} to {place.ends[1]}"
