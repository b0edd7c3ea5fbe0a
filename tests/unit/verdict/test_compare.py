"""`compare`: predictions made anywhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.stats
from sklearn.metrics import f1_score

from tuningfork.errors import InputError, UnknownName
from tuningfork.verdict.compare import compare


def planted(n: int, only_a: int, only_b: int, both: int) -> tuple[list[str], list[str], list[str]]:
    """Gold, a and b with so many rows that only a, only b, and both have right."""
    gold = ["yes", "no"] * (n // 2)
    wrong = ["no" if label == "yes" else "yes" for label in gold]
    a = [*gold[: both + only_a], *wrong[both + only_a :]]
    b = [*gold[:both], *wrong[both : both + only_a], *gold[both + only_a : both + only_a + only_b]]
    return gold, a, [*b, *wrong[len(b) :]]


def test_counts_scores_and_the_exact_test() -> None:
    found = compare(*planted(200, only_a=10, only_b=30, both=120))
    assert (found.score_a, found.score_b, found.difference) == (0.65, 0.75, pytest.approx(0.10))
    assert found.discordant == 40
    exact = scipy.stats.binom(40, 0.5)
    assert found.p_value == pytest.approx(2 * exact.cdf(10) - exact.pmf(10))
    assert found.call == "b"
    assert found.ci95[0] < 0.10 < found.ci95[1]
    assert found.rows_needed is None


def test_flips_and_churn_are_those_counted_by_hand() -> None:
    """Rows that both have wrong in different ways are changed and no flip."""
    gold = ["x", "y", "z", "x", "y", "z", "x", "y", "z", "x"]
    a = ["x", "y", "x", "y", "y", "x", "x", "y", "z", "x"]
    b = ["x", "z", "y", "x", "y", "x", "x", "y", "z", "x"]
    found = compare(gold, a, b)
    assert (found.gained, found.lost, found.discordant, found.changed) == (1, 1, 2, 0.3)


def test_flips_of_several_runs_are_means_over_pairs_of_runs() -> None:
    rng = np.random.default_rng(5)
    gold = rng.integers(0, 3, 300)
    a, b = (np.where(rng.random((300, 3)) < share, gold[:, None], rng.integers(0, 3, (300, 3))) for share in (0.5, 0.8))
    pairs = [(one, other) for one in a.T for other in b.T]
    found = compare(gold, a, b, runs=True)
    assert found.changed == pytest.approx(np.mean([(one != other).mean() for one, other in pairs]))
    gains = [((one != gold) & (other == gold)).sum() for one, other in pairs]
    losses = [((one == gold) & (other != gold)).sum() for one, other in pairs]
    assert (found.gained, found.lost) == (round(np.mean(gains)), round(np.mean(losses)))


def test_no_worse_is_shown_by_the_one_sided_bound_before_the_same_is() -> None:
    """b is a little ahead: shown to be no worse by 4 points with rows that do not show the two to be the same."""
    found = compare(*planted(400, only_a=16, only_b=22, both=300), margin=0.03)
    assert (found.call, found.b_is, found.a_is) == ("undecided", "no_worse", "undecided")
    assert found.b_behind_at_most < 0.03 < found.same_within
    assert found.a_behind_at_most > 0.03
    assert "b is no worse by the margin of 3 points; whether it is better is not shown." in found.summary()
    gold, a, b = planted(400, only_a=16, only_b=22, both=300)
    back = compare(gold, b, a, margin=0.03)
    assert (back.a_is, back.b_is) == ("no_worse", "undecided")


def test_a_bound_of_no_worse_is_that_of_a_one_sided_t_test() -> None:
    """Without pseudo-rows the bound would be that of a paired one-sided t-test; they move it by less than a point."""
    gold, a, b = planted(1000, only_a=60, only_b=40, both=800)
    d = np.array([float(y == g) - float(x == g) for x, y, g in zip(a, b, gold, strict=True)])
    bound = scipy.stats.ttest_1samp(d, 0.0).confidence_interval(0.90).low
    assert compare(gold, a, b).b_behind_at_most == pytest.approx(-bound, abs=0.002)


def test_both_directions_speak_of_one_winner_or_of_the_same() -> None:
    better = compare(*planted(200, only_a=10, only_b=30, both=120))
    assert (better.a_is, better.b_is) == ("worse", "better")
    gold, a, _ = planted(1000, only_a=0, only_b=0, both=900)
    same = compare(gold, a, a)
    assert (same.a_is, same.b_is) == ("same", "same")


def test_rows_that_cannot_tell_are_called_so() -> None:
    easy = compare(*planted(200, only_a=2, only_b=3, both=195))
    assert easy.test_set == "too_easy"
    assert easy.call == "same"
    assert "The rows are easy for both: 5 of them tell the two apart." in easy.summary()
    small = compare(*planted(100, only_a=12, only_b=15, both=60))
    assert small.test_set == "too_small"
    assert "The rows are too few to show a difference of 3 points." in small.summary()
    assert compare(*planted(200, only_a=10, only_b=30, both=120)).test_set is None


def test_each_side_has_its_own_interval() -> None:
    found = compare(*planted(200, only_a=10, only_b=30, both=120))
    alone = scipy.stats.norm.interval(0.95, 0.65, np.sqrt(0.65 * 0.35 / 204))
    assert found.ci95_a == pytest.approx(alone, abs=0.006)
    assert found.ci95_b is not None
    assert found.ci95_b[0] < 0.75 < found.ci95_b[1]


def test_swapping_the_two_mirrors_everything() -> None:
    gold, a, b = planted(200, only_a=10, only_b=30, both=120)
    there, back = compare(gold, a, b), compare(gold, b, a)
    assert back.difference == pytest.approx(-there.difference)
    assert back.ci95 == pytest.approx((-there.ci95[1], -there.ci95[0]))
    assert back.p_value == pytest.approx(there.p_value)
    assert (there.call, back.call) == ("b", "a")


def test_equal_predictions_are_the_same_only_with_rows_enough() -> None:
    gold, a, _ = planted(1000, only_a=0, only_b=0, both=900)
    assert compare(gold, a, a).call == "same"
    few = compare(gold[:40], a[:40], a[:40])
    assert (few.call, few.p_value) == ("undecided", 1.0)
    assert few.ci95[1] - few.ci95[0] > 0.05


def test_undecided_tells_how_many_rows_would_settle_it() -> None:
    found = compare(*planted(200, only_a=12, only_b=16, both=140))
    assert found.call == "undecided"
    assert found.rows_needed is not None
    assert found.rows_needed > 200
    assert "more rows would probably settle it" in str(found)


def test_macro_f1_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    gold = rng.integers(0, 4, 300)
    a, b = (np.where(rng.random(300) < share, gold, rng.integers(0, 4, 300)) for share in (0.5, 0.7))
    found = compare(gold, a, b, metric="macro_f1")
    assert found.score_a == pytest.approx(f1_score(gold, a, average="macro"))
    assert found.score_b == pytest.approx(f1_score(gold, b, average="macro"))
    assert found.call == "b"


def test_no_answer_and_unknown_labels_are_wrong() -> None:
    found = compare(["x", "y", "x", "y"], [None, "y", float("nan"), "z"], ["x", "y", "x", "y"])
    assert (found.score_a, found.score_b) == (0.25, 1.0)


@pytest.mark.parametrize("nothing", [None, np.nan, np.float32("nan"), pd.NA, pd.NaT, np.datetime64("NaT")], ids=repr)
def test_nothing_of_any_kind_is_a_wrong_answer_and_no_gold_label(nothing: object) -> None:
    gold = ["x", "y", "x", "y"]
    assert compare(gold, ["x", nothing, "x", nothing], gold).score_a == 0.5
    with pytest.raises(InputError, match="row 3: a gold label is missing"):
        compare(["x", "y", nothing, "y"], gold, gold)


def test_a_blank_gold_label_is_missing_as_in_files() -> None:
    with pytest.raises(InputError, match="row 2: a gold label is missing"):
        compare(["x", " "], ["x", "x"], ["x", "x"])


def test_runs_of_a_random_recipe_are_judged_as_one() -> None:
    """Two runs allow no winner, five do; and one column is one run of something random."""
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 2, 300)
    good = np.where(rng.random((300, 5)) < 0.9, gold[:, None], 1 - gold[:, None])
    poor = np.where(rng.random(300) < 0.6, gold, 1 - gold)
    assert compare(gold, poor, good, runs=True).call == "b"
    assert compare(gold, poor, good[:, :2], runs=True).call == "undecided"
    assert compare(gold, poor, good[:, :1], runs=True).call == "undecided"
    assert compare(gold, poor, good[:, 0]).call == "b"
    assert compare(gold, poor, good[:, 0], runs=True) == compare(gold, poor, good[:, 0])
    assert compare(gold, poor, good.tolist(), runs=True) == compare(gold, poor, good, runs=True)


def test_runs_with_equal_hits_are_several_where_their_answers_differ() -> None:
    """Five runs that miss the same rows in different ways are five runs; five equal files may be one run copied."""
    gold = np.tile(["x", "y", "z"], 100)
    poor = np.where(np.arange(300) % 10 < 4, "none", gold)
    copied = np.repeat(np.where(np.arange(300) % 10 == 9, "w", gold)[:, None], 5, axis=1)
    varied = copied.copy()
    varied[9::10] = [["w", "v", "u", "t", "s"]] * 30
    assert compare(gold, poor, copied, runs=True).call == "undecided"
    assert "identical_seeds" in compare(gold, poor, copied, runs=True).cautions
    found = compare(gold, poor, varied, runs=True)
    assert (found.call, found.score_b) == ("b", 0.9)
    assert "identical_runs" in found.cautions
    assert compare(gold, poor, varied[:, :4], runs=True).call == "undecided"


def test_lists_arrays_and_columns_are_the_same_to_it() -> None:
    gold, a, b = planted(100, only_a=5, only_b=15, both=60)
    expected = compare(gold, a, b)
    assert compare(np.array(gold), np.array(a), np.array(b)) == expected
    assert compare(pl.Series(gold), pl.Series(a), pl.Series(b)) == expected
    assert compare(iter(gold), iter(a), iter(b)) == expected


def test_groups_that_move_together_widen_the_interval() -> None:
    gold, a, b = planted(200, only_a=0, only_b=40, both=120)
    groups = [row // 20 for row in range(200)]
    assert np.ptp(compare(gold, a, b, groups=groups).ci95) > 2 * np.ptp(compare(gold, a, b).ci95)


def test_the_summary_says_who_is_better_and_by_how_much() -> None:
    text = compare(*planted(200, only_a=10, only_b=30, both=120)).summary()
    assert text.startswith("b is better. a 0.65, b 0.75 (accuracy): b minus a 10 points [")
    assert "p = 0.00" in text
    assert text.endswith("b answers 20 % of the rows otherwise: 30 right that a has wrong, 10 wrong that a has right.")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"gold": [], "a": [], "b": []}, "no rows"),
        ({"gold": ["x", "y"], "a": ["x"], "b": ["x", "y"]}, "a has 1 rows and gold has 2"),
        ({"gold": ["x", "y"], "a": ["x", "y"], "b": ["x"]}, "b has 1 rows and gold has 2"),
        ({"gold": ["x", None], "a": ["x", "y"], "b": ["x", "y"]}, "row 2: a gold label is missing"),
        ({"gold": ["x", ["y"]], "a": ["x", "y"], "b": ["x", "y"]}, "row 2: a gold label is one value"),
        ({"gold": ["x", "y"], "a": [["x", "y"], ["x"]], "b": ["x", "y"], "runs": True}, "same number of predictions"),
        (
            {"gold": ["x", "y"], "a": ["x", "y"], "b": ["x", ["y", "x"]]},
            r"row 2: b has 2 values .*runs=True.*label_set",
        ),
        ({"gold": ["x", "y", "x"], "a": [["x", "y", "x"]] * 2, "b": ["x"] * 3, "runs": True}, "it is one row a run"),
        ({"gold": ["x", "y"], "a": [{"x": 1}, "y"], "b": ["x", "y"]}, "a: a prediction is not a label"),
        ({"gold": [0, 1], "a": ["0", "1"], "b": [0, 1]}, "a has labels like '0' and gold has labels like 0"),
        ({"gold": "xy", "a": "xy", "b": "xx"}, "not as one string"),
        ({"gold": ["x", "y"], "a": ["x", "y"], "b": ["x", "y"], "groups": [1]}, "groups has 1 rows"),
        ({"gold": ["x", "y"], "a": ["x", "y"], "b": ["x", "y"], "margin": 3}, "3 points are 0.03"),
        ({"gold": ["x", "x"], "a": ["x", "x"], "b": ["x", "x"], "metric": "macro_f1"}, "one label only"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_place(arguments: dict, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        compare(**arguments)


def test_an_unknown_metric_is_named_with_near_ones() -> None:
    with pytest.raises(UnknownName, match="accuracy"):
        compare(["x"], ["x"], ["x"], metric="acuracy")


def test_strings_that_are_labels_but_for_their_writing_are_labels() -> None:
    gold = ["refund_request", "delivery", "account", "delivery"] * 5
    written = ["Refund request", "DELIVERY", "account\u200b", " delivery"] * 5
    found = compare(gold, written, ["delivery"] * 20)
    assert (found.score_a, found.score_b) == (1.0, 0.5)
    codes = compare(["0", "1"] * 10, ["0.0", "1.0"] * 10, ["0", "0"] * 10)
    assert (codes.score_a, codes.score_b) == (1.0, 0.5)
    assert compare([0, 1] * 10, np.array([0.0, 1.0] * 10), [0, 0] * 10).score_a == 1.0


@pytest.mark.parametrize(
    ("a", "complaint"),
    [
        ([None] * 20, "a has no prediction: all are missing"),
        ([float("nan"), ""] * 10, "a has no prediction: all are missing"),
        (["0", "1"] * 10, "0 of 20 predictions of a are labels of gold: most are '0', '1', and gold has 'x', 'y'"),
    ],
)
def test_predictions_that_are_never_labels_are_refused(a: list[object], complaint: str) -> None:
    gold = ["x", "y"] * 10
    with pytest.raises(InputError, match=complaint):
        compare(gold, a, gold)
    with pytest.raises(InputError, match=complaint.replace("a has", "b has").replace("of a are", "of b are")):
        compare(gold, gold, a)


def test_runs_that_are_never_labels_are_refused() -> None:
    gold = ["x", "y"] * 10
    with pytest.raises(InputError, match="0 of 40 predictions of a are labels of gold"):
        compare(gold, [["0", "1"]] * 20, gold, runs=True)


def test_a_label_that_these_rows_lack_is_an_honest_error() -> None:
    gold = ["x", "y"] * 10
    other = ["x", "y", "z", "y"] * 5
    assert compare(gold, ["z"] * 20, other).score_a == 0.0
    assert compare(["x"] * 20, ["z"] * 20, ["x"] * 20).score_a == 0.0
