"""Break-even labels in words: never a lone dash where something is known, never a fact that is not settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.verdict.explain import break_even_sentence
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.label_counts import place_of, reasons, with_bounds_of_version_1
from tuningfork.verdict.verdict_json import BreakEven, Call

RESULTS = Path(__file__).resolve().parents[3] / "docs" / "results"


def found(**told: object) -> BreakEven:
    nothing: dict[str, object] = dict.fromkeys(
        ("arm", "llm_arm", "mean", "mean_ci95", "reliable", "reliable_ci95", "reason")
    )
    return BreakEven.model_validate({**nothing, "extrapolated": False, **told})


ABOVE = found(mean_bound="above", mean_bound_at=6717, mean_tried=(8, 6717), reason="reliable: too few seeds")
BELOW = found(mean_bound="at_or_below", mean_bound_at=8, mean_tried=(8, 128), reason="reliable: too few seeds")
OPEN = found(mean=4928, mean_ci95=(611.5, None), mean_tried=(77, 9774), reason="reliable: too few seeds")
CLOSED = found(mean=79, mean_ci95=(63, 99), reliable=140, reliable_ci95=(100, 200), mean_tried=(8, 512))
PERHAPS_ABOVE = found(mean_bound="above", mean_bound_at=64, mean_ci95=(20, None), mean_tried=(8, 64))
SURELY_ABOVE = PERHAPS_ABOVE.model_copy(update={"mean_ci95": (64.0, None)})
SURELY_BELOW = found(mean_bound="at_or_below", mean_bound_at=8, mean_ci95=(None, 8.0), mean_tried=(8, 64))
BARE = found(mean=79, mean_tried=(8, 512), reason="mean: one seed a count; reliable: too few seeds")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (ABOVE, "above 6,717"),
        (BELOW, "at or below 8"),
        (OPEN, "4,900 [610, above 9,774]"),
        (CLOSED, "79 [63, 99]"),
        (found(mean=30, mean_ci95=(None, None), mean_tried=(8, 64)), "30 [below 8, above 64]"),
        (PERHAPS_ABOVE, "above 64 [20, above 64]"),
        (SURELY_ABOVE, "above 64"),
        (SURELY_BELOW, "at or below 8"),
        (found(), "–"),
    ],
)
def test_what_is_known_is_told(told: BreakEven, expected: str) -> None:
    assert place_of(told, "mean").told == expected


@pytest.mark.parametrize(
    ("told", "call", "settled"),
    [
        (CLOSED, "better", True),
        (CLOSED, "cheaper_will_do", True),
        (CLOSED, "undecided", False),
        (OPEN, "better", False),
        (BARE, "better", False),
        (ABOVE, "better", True),
        (ABOVE, "cheaper_will_do", False),
        (BELOW, "undecided", False),
        (PERHAPS_ABOVE, "better", False),
        (SURELY_ABOVE, "better", True),
        (SURELY_BELOW, "cheaper_will_do", True),
        (SURELY_BELOW, "undecided", False),
        (found(), "better", False),
    ],
)
def test_a_fact_needs_a_closed_interval_and_a_call(told: BreakEven, call: Call, settled: bool) -> None:
    assert place_of(told, "mean").is_settled(call) is settled
    assert ("Fine-tuning matches the LLM in the mean" in break_even_sentence(told, call)) is settled


def test_the_sentence_tells_bounds_and_open_ends() -> None:
    assert break_even_sentence(OPEN, "undecided") == (
        "Fine-tuning may match the LLM in the mean from about 4,900 labels [610, above 9,774], which is not settled; "
        "the reliable break-even is not known (too few seeds)."
    )
    assert "at or below 8 labels, the fewest tried" in break_even_sentence(BELOW, "better")
    assert "only above 6,717 labels, the most tried, if at all" in break_even_sentence(ABOVE, "better")
    assert "from about 79 labels (one seed a count)" in break_even_sentence(BARE, "better")
    assert break_even_sentence(found(reason="no score"), "undecided") == "Break-even labels are not known (no score)."
    both = found(
        **dict.fromkeys(("mean_bound", "reliable_bound"), "above"),
        **dict.fromkeys(("mean_bound_at", "reliable_bound_at"), 512),
    )
    assert break_even_sentence(both, "better").endswith("; for 95 % of training samples likewise.")


def test_each_kind_has_its_own_reason() -> None:
    told = "mean: one label count tried, 128; a crossing needs two; reliable: at most 5 seeds"
    assert reasons(told) == {"mean": "one label count tried, 128; a crossing needs two", "reliable": "at most 5 seeds"}
    assert reasons("reliable: at most 5 seeds") == {"mean": None, "reliable": "at most 5 seeds"}
    assert reasons("no score") == {"mean": "no score", "reliable": "no score"}
    assert reasons(None) == {"mean": None, "reliable": None}


_NOT_BY_308 = "reliable: not reached by 308 labels, the largest count tried with 10 seeds or more"
BANKING77 = found(
    mean=4928.0,
    mean_ci95=(611.54, 9774.0),
    reason=f"mean: may as well lie above 9774 labels, where nothing was tried; {_NOT_BY_308}",
)
SST2 = found(reason=f"mean: not reached by 6717 labels, the largest count tried; {_NOT_BY_308}")
CLINC150 = found(mean=1163.6, mean_ci95=(860.9, 1889.5), reason=_NOT_BY_308)


@pytest.mark.parametrize(
    ("old", "mean"),
    [(BANKING77, "4,900 [610, above 9,774]"), (CLINC150, "1,200 [860, 1,900]"), (SST2, "above 6,717")],
)
def test_verdicts_of_version_1_tell_their_bounds(old: BreakEven, mean: str) -> None:
    """Three break-evens as version 1 wrote them for public sets."""
    read = with_bounds_of_version_1(old, [77, 154, 308, 9774])
    assert (place_of(read, "mean").told, place_of(read, "reliable").told) == (mean, "above 308")


@pytest.mark.parametrize("study", sorted(path.parent.name for path in RESULTS.glob("*/verdict.json")))
def test_no_committed_verdict_has_a_dash_without_a_reason(study: str) -> None:
    read = read_verdict(RESULTS / study / "verdict.json").break_even_labels
    for place in (place_of(read, "mean"), place_of(read, "reliable")):
        assert place.known or place.reason
    assert read.mean_tried is not None


def test_bounds_of_version_1_come_from_its_words() -> None:
    old = found(
        mean=30,
        mean_ci95=(8, 64),
        reliable=40,
        reliable_ci95=(10, 64),
        reason="mean: may as well lie below 8 or above 64 labels, where nothing was tried; "
        "reliable: may as well lie above 64 labels, where nothing was tried",
    )
    new = with_bounds_of_version_1(old, [8, 16, 64])
    assert (new.mean_ci95, new.reliable_ci95) == ((None, None), (10, None))
    assert place_of(new, "reliable").told == "40 [10, above 64]"
    assert with_bounds_of_version_1(new, []) == new
    below = with_bounds_of_version_1(found(reason="mean: at or below 8 labels, the smallest count tried"), [8, 32])
    assert (below.mean_bound, below.mean_bound_at, below.mean_tried) == ("at_or_below", 8, (8, 32))
    assert below.reliable_bound is None
    unknown = found(reason="one side has no finished arm")
    assert place_of(with_bounds_of_version_1(unknown, []), "mean").known is False
