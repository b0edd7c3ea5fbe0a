"""The verdict in sentences: the reason, what to choose today, and where the sides break even."""

from __future__ import annotations

from collections.abc import Sequence

from tuningfork.arms.results import Side
from tuningfork.arms.spec import ArmSpec
from tuningfork.stats.crossed import ScoreInterval
from tuningfork.study.deciding import FEWEST_ROWS
from tuningfork.verdict import numbers
from tuningfork.verdict.calls import Calls
from tuningfork.verdict.choice import ChosenArms
from tuningfork.verdict.contradicted import Contradiction
from tuningfork.verdict.head_to_head import HeadToHead
from tuningfork.verdict.label_counts import Place, place_of
from tuningfork.verdict.names import SIDE_NAMES
from tuningfork.verdict.outlook import Outlook
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.twins import beside_twins
from tuningfork.verdict.unread import first_answer
from tuningfork.verdict.unread import sentence as unread_sentence
from tuningfork.verdict.verdict_json import BreakEven, Call, MustChoose

_FIRST_NAMED: tuple[Side, ...] = ("fine-tuned", "llm", "combined")
_LUCK_UNSEEN = frozenset({"one_seed", "identical_seeds"})


def reason(scored: Scored, choice: ChosenArms, calls: Calls, outlook: Outlook) -> str:
    """The verdict as a sentence, with its numbers in it."""
    if calls.stopped:
        return _without_answers(scored, choice, calls)
    if calls.duel is None:
        told = _without_comparison(scored, choice, calls)
    else:
        told = _of_duel(scored, calls, calls.duel, outlook)
    return beside_twins(told, calls.twins, calls.duel, _best_at_hand(scored, choice))


def _of_duel(scored: Scored, calls: Calls, duel: HeadToHead, outlook: Outlook) -> str:
    if duel.call == "undecided":
        choose = _must_choose_sentence(duel, calls.contradicted)
        sentences = [_undecided(duel), _picked(duel), choose, outlook.settles]
    else:
        sentences = [_decided(scored, duel, calls.contradicted), _picked(duel)]
    return " ".join(sentence for sentence in (*sentences, outlook.weak.sentence) if sentence)


def _without_comparison(scored: Scored, choice: ChosenArms, calls: Calls) -> str:
    """The reason where nothing could be compared, and the score of the arm to name, if any finished."""
    if calls.missing:
        lacking = f"no {' and no '.join(SIDE_NAMES[side] for side in calls.missing)} arm has finished"
    else:
        lacking = "the shared evaluation rows allow no score"
    told = f"Undecided: {lacking}, so there is nothing to compare."
    best = _best_at_hand(scored, choice)
    score = None if best is None else scored.interval(best)
    return told if best is None or score is None else f"{told} {best.name.short} scores {_score(score)}."


def _without_answers(scored: Scored, choice: ChosenArms, calls: Calls) -> str:
    """The reason where what an arm said could not be read: what was said, why, and what to do; and the score of the arm
    whose answers were read, if any."""
    sentences = [f"Undecided: {'; '.join(unread_sentence(arm, found) for arm, found in calls.stopped)}."]
    sentences += [told for _, found in calls.stopped if (told := first_answer(found))]
    read = _best_at_hand(scored, choice)
    score = None if read is None else scored.interval(read)
    if read is not None and score is not None:
        sentences.append(f"{read.name.short}, the arm whose answers were read, scores {_score(score)}.")
    return " ".join(sentences)


def must_choose(scored: Scored, choice: ChosenArms, calls: Calls) -> MustChoose | None:
    """What to take today where the verdict names no arm; one whose answers were not read is no choice, for nothing is
    known of it."""
    if calls.chosen is not None:
        return None
    if calls.duel is not None:
        return _must_choose_of(calls.duel)
    best = _best_at_hand(scored, choice)
    if best is None:
        return None
    ranked = best.arm in choice.validation_scores
    why = "the best of its side on validation rows" if ranked else "the arm that has finished"
    if any(arm.arm in scored.unread for arm in choice.best.values()):
        why = "the arm whose answers were read"
    return MustChoose(arm=best.arm, why=why, worst_loss=None, expected_loss=None)


def _best_at_hand(scored: Scored, choice: ChosenArms) -> ScoredArm | None:
    """The arm to name where nothing could be compared."""
    read = {side: arm for side, arm in choice.best.items() if arm.arm not in scored.unread}
    return next((read[side] for side in _FIRST_NAMED if side in read), None)


def _must_choose_of(duel: HeadToHead) -> MustChoose:
    """What to do if one must choose today, and what that can cost; unknown where training luck was not seen."""
    chosen = duel.arm(duel.must_choose.arm)
    seen = not _LUCK_UNSEEN.intersection(duel.difference.cautions)
    return MustChoose(
        arm=chosen.arm,
        why=_why(duel, chosen),
        worst_loss=duel.must_choose.worst_loss if seen else None,
        expected_loss=duel.must_choose.expected_loss if seen else None,
    )


def _must_choose_sentence(duel: HeadToHead, contradicted: Sequence[Contradiction]) -> str:
    """'If you must choose today: MiniLM, ahead by 1.2 points and cheaper. If that is wrong it costs …'"""
    choice = _must_choose_of(duel)
    chosen = duel.arm(duel.must_choose.arm)
    but = _but_led_by_another(chosen, contradicted, "; but")
    opening = f"If you must choose today: {chosen.name.short}, {choice.why}{but}"
    if choice.worst_loss is None:
        return f"{opening}; what it can cost is not known, for training luck was not seen."
    if choice.worst_loss == 0:
        return f"{opening}; in 95 % of such cases that costs nothing."
    average = "" if choice.expected_loss is None else f", {duel.told(choice.expected_loss).split()[0]} on average"
    return f"{opening}. If that is wrong it costs at most {duel.told(choice.worst_loss)} (95 %){average}."


def break_even_sentence(found: BreakEven, call: Call) -> str:
    """Where the fine-tuned arm matches the LLM arm; what neither its interval nor the call settles is hedged."""
    mean, reliable = place_of(found, "mean"), place_of(found, "reliable")
    if not mean.known and not reliable.known and mean.reason == reliable.reason:
        return f"Break-even labels are not known{_because(mean.reason)}."
    return f"{_mean_clause(mean, call)}; {_reliable_clause(reliable, mean, call)}."


def _mean_clause(mean: Place, call: Call) -> str:
    if not mean.known:
        return f"The break-even in the mean is not known{_because(mean.reason)}"
    settled = mean.is_settled(call)
    opening = f"Fine-tuning {'matches' if settled else 'may match'} the LLM in the mean {_place(mean, settled)}"
    return opening if settled else f"{opening}, which is not settled"


def _reliable_clause(reliable: Place, mean: Place, call: Call) -> str:
    if not reliable.known:
        return f"the reliable break-even is not known{_because(reliable.reason)}"
    if reliable.at is None and reliable.told == mean.told:
        return "for 95 % of training samples likewise"
    settled = reliable.is_settled(call)
    return f"for 95 % of training samples {'' if settled else 'perhaps '}{_place(reliable, settled)}"


def _place(place: Place, settled: bool) -> str:
    """'from about 79 labels [63, 99]', 'at or below 8 labels, the fewest tried'."""
    interval = f" {place.interval}" if place.interval else ""
    if place.at is not None:
        return f"from about {place.value} labels{interval or _because(place.reason)}"
    only = place.tried is not None and place.tried[0] == place.tried[1]
    end = "the only count" if only else "the most" if place.bound == "above" else "the fewest"
    told = f"{place.value} labels{interval}, {end} tried{' with seeds enough' if place.kind == 'reliable' else ''}"
    return f"only {told}, if at all" if place.bound == "above" and settled else told


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _decided(scored: Scored, duel: HeadToHead, contradicted: Sequence[Contradiction]) -> str:
    chosen = duel.chosen
    assert chosen is not None, "a call that is made has an arm"
    loser = duel.other(chosen)
    digits = max(numbers.score_digits(score.ci95) for score in duel.scores)
    own, other = (
        numbers.score(score.score, score.ci95, digits=digits) for score in (duel.score_of(chosen), duel.score_of(loser))
    )
    rivals = sum(arm.side == loser.side for arm in scored.arms)
    rival = f"{_role(loser, rivals)} ({loser.name.short})"
    verb = "It scores" if scored.metric.name == "accuracy" else f"Its {scored.metric.display_name} is"
    margin = duel.told(duel.margin)
    opening = f"{chosen.name.order}{_but_led_by_another(chosen, contradicted, ', though')}."
    evidence = f"{verb} {own}; {rival} {other}: {_gap(duel, chosen)}{_p_value(duel)}, on {_rows(duel)}."
    if duel.call == "better":
        return f"{opening} {evidence}"
    thrift = f"it is cheaper ({duel.cheaper.why})" if duel.cheaper_arm is chosen else "it is ahead"
    if duel.call == "same":
        within = duel.told(duel.difference.same_within)
        return (
            f"{opening} The two are the same within {within}, inside your margin of {margin}, and {thrift}. {evidence}"
        )
    return f"{opening} It is no worse by your margin of {margin}, and {thrift}. {evidence}"


def _picked(duel: HeadToHead) -> str | None:
    """'Not ranked beforehand: answers in b.csv is the best seen of 3 LLM arms; …', or nothing."""
    told = [
        f"{arm.name.short} is the best seen of {seen} {SIDE_NAMES[arm.side]} arms"
        for arm, seen in zip((duel.llm, duel.fine_tuned), duel.best_of, strict=True)
        if seen > 1
    ]
    if not told:
        return None
    return f"Not ranked beforehand: {' and '.join(told)}; p and intervals are corrected for that."


def _but_led_by_another(chosen: ScoredArm, contradicted: Sequence[Contradiction], conjunction: str) -> str:
    """', though MiniLM is 4 points [2, 6] ahead of it on the evaluation rows', where another of its side is."""
    for found in contradicted:
        if found.chosen is chosen:
            return f"{conjunction} {found.rival.name.short} is {found.told} ahead of it on the evaluation rows"
    return ""


def _undecided(duel: HeadToHead) -> str:
    first = duel.ahead
    second = duel.other(first)
    digits = max(numbers.score_digits(score.ci95) for score in duel.scores)
    scores = [f"{numbers.score(duel.score_of(arm).score, digits=digits)} ({arm.name.short})" for arm in (first, second)]
    numbers_told = f"{scores[0]} against {scores[1]}: {_gap(duel, first, apart=False)} on {_rows(duel)}"
    within = f"the same within {duel.told(duel.difference.same_within)}"
    if duel.too_few_rows:
        return f"Undecided: fewer than {FEWEST_ROWS} shared evaluation rows. {numbers_told}; {within}."
    return f"Undecided. {numbers_told}; {within}."


def _role(arm: ScoredArm, rivals: int) -> str:
    """Answers made elsewhere may be those of an LLM that nobody prompted, such as a decision model."""
    which = "the best" if rivals > 1 else "the"
    llm = "LLM" if ArmSpec.parse(arm.arm).family == "predictions" else "prompt"
    return f"{which} {llm if arm.side == 'llm' else 'trained model'}"


def _why(duel: HeadToHead, chosen: ScoredArm) -> str:
    """'ahead by 1.2 points and cheaper', 'level and cheaper', 'ahead by 1.2 points, though dearer'."""
    ahead_by = duel.difference.difference * (1 if chosen is duel.fine_tuned else -1)
    lead = duel.told(ahead_by)
    position = "level" if lead.startswith("0 ") else f"ahead by {lead}"
    cheaper = duel.cheaper_arm
    if cheaper is None:
        return position
    return f"{position} and cheaper" if cheaper is chosen else f"{position}, though dearer"


def _gap(duel: HeadToHead, chosen: ScoredArm, *, apart: bool = True) -> str:
    """'18 points apart [14, 22]', seen from the chosen arm."""
    difference, (low, high) = duel.difference.difference, duel.difference.ci95
    if chosen is duel.llm:
        difference, low, high = -difference, -high, -low
    told = numbers.gap(difference, (low, high), duel.unit)
    return told.replace(" [", " apart [", 1) if apart else told


def _p_value(duel: HeadToHead) -> str:
    told = numbers.p_value(duel.difference.p_value)
    return "" if told is None else f", {told}"


def _rows(duel: HeadToHead) -> str:
    return f"{numbers.count(duel.n_shared)} shared rows"


def _score(score: ScoreInterval) -> str:
    return numbers.score(score.score, score.ci95)
