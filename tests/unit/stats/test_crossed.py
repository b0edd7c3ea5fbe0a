"""The case table of the comparison, a row a test, and the numbers of its formulas written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from measured_arms import AnyStatistic, compare_answers, compare_rows, interval_of_answers, interval_of_rows
from tuningfork.stats.calls import make_call
from tuningfork.stats.mcnemar import mcnemar_mid_p


def runs(n: int, accuracies: list[float], seed: int = 0) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return (draw.random((n, len(accuracies))) < np.array(accuracies)).astype(float)


def accuracy(gold: np.ndarray, predicted: np.ndarray) -> float:
    return float((gold == predicted).mean())


def macro_f1(gold: np.ndarray, predicted: np.ndarray) -> float:
    kinds = np.unique(gold)
    hits = [2 * ((gold == c) & (predicted == c)).sum() / ((gold == c).sum() + (predicted == c).sum()) for c in kinds]
    return float(np.mean(hits))


def test_the_formulas_written_out() -> None:
    n = 120
    a, b = runs(n, [0.7, 0.72, 0.69], seed=1), runs(n, [0.8, 0.85, 0.75, 0.8], seed=2)
    d = b.mean(axis=1) - a.mean(axis=1)
    w, total = 0.5, n + 1
    centre = d.sum() / total
    rows = ((d @ d + 2 * w) / total - centre**2) / total
    parts = []
    for x in (a, b):
        k = x.shape[1]
        msb = n * x.mean(axis=0).var(ddof=1)
        residual = x - x.mean(axis=1)[:, None] - x.mean(axis=0) + x.mean()
        mse = (residual**2).sum() / ((n - 1) * (k - 1))
        parts.append((max(0, msb - mse) / (n * k), msb / (n * k), k - 1))
    spread = rows**2 / (n - 1) + sum(total**2 / df for _, total, df in parts)
    v, v_call = rows + sum(s for s, _, _ in parts), rows + sum(total for _, total, _ in parts)
    df, df_call = v**2 / spread, v_call**2 / spread
    reach = stats.t.ppf(0.975, df) * np.sqrt(v)

    found = compare_rows(a, b)
    assert found.difference == pytest.approx(b.mean() - a.mean())
    assert (found.variance, found.df) == pytest.approx((v, df))
    assert (found.variance_call, found.df_call) == pytest.approx((v_call, df_call))
    assert found.ci95 == pytest.approx((centre - reach, centre + reach))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(centre) / np.sqrt(v_call), df_call))
    assert found.same_within == pytest.approx(abs(centre) + stats.t.ppf(0.95, df_call) * np.sqrt(v_call))
    assert found.no_worse_bound("a") == pytest.approx(centre + stats.t.ppf(0.95, df_call) * np.sqrt(v_call))
    assert found.seed_excess == pytest.approx(tuple(s for s, _, _ in parts))
    assert found.test == f"crossed rows and seeds, t with {df_call:.0f} degrees of freedom"
    assert (found.cautions, found.winner_allowed) == ((), True)


def test_no_discordant_row_leaves_the_interval_open() -> None:
    same = runs(50, [0.8])
    found = compare_rows(same, same, random_a=False, random_b=False)
    assert found.ci95 == pytest.approx((-0.0547, 0.0547), abs=1e-4)
    assert (found.p_value, found.difference, found.is_better) == (1.0, 0.0, False)


@pytest.mark.parametrize(("discordant", "pseudo_rows"), [(9, 2), (10, 1)])
def test_few_discordant_rows_are_given_two_pseudo_rows_and_more_one(discordant: int, pseudo_rows: int) -> None:
    b = (np.arange(100) < discordant).astype(float)
    found = compare_rows(np.zeros(100), b, random_a=False, random_b=False)
    assert found.centre == pytest.approx(discordant / (100 + pseudo_rows))


def test_one_seed_of_a_random_recipe_names_no_winner() -> None:
    found = compare_rows(runs(300, [0.5]), runs(300, [0.9], seed=1), random_a=False)
    assert found.ci95[0] > 0.3
    assert found.p_value is not None and found.p_value < 1e-6
    assert "one_seed" in found.cautions and not found.winner_allowed and not found.is_better
    assert found.test == "exact McNemar mid-p, for these trained models only"
    assert make_call(found, margin=0.03, cheaper="b") == "undecided"


def test_two_seeds_warn_and_name_no_winner() -> None:
    found = compare_rows(runs(300, [0.5]), runs(300, [0.9, 0.9], seed=1), random_a=False)
    assert found.ci95[0] > 0
    assert found.cautions == ("few_seeds",) and not found.is_better


def test_three_seeds_may_win() -> None:
    found = compare_rows(runs(300, [0.5]), runs(300, [0.9, 0.9, 0.9], seed=1), random_a=False)
    assert found.is_better and found.cautions == ()


def test_equal_runs_on_the_whole_pool_are_one_deterministic_run() -> None:
    a, b = runs(300, [0.6]), runs(300, [0.8], seed=1)
    repeated = compare_rows(a, np.repeat(b, 4, axis=1), random_a=False, random_b=False)
    once = compare_rows(a, b, random_a=False, random_b=False)
    assert repeated.cautions == ("whole_pool",)
    assert repeated.is_better and repeated.ci95 == once.ci95 and repeated.test == "exact McNemar mid-p"


def test_a_recipe_whose_runs_differ_is_random_whatever_was_said() -> None:
    a, b = runs(300, [0.6]), runs(300, [0.8, 0.7], seed=1)
    said, found = (compare_rows(a, b, random_a=False, random_b=random) for random in (False, True))
    assert said == found


def test_equal_seeds_below_the_pool_are_one_seed_and_a_warning() -> None:
    a, b = runs(300, [0.6]), runs(300, [0.8], seed=1)
    found = compare_rows(a, np.repeat(b, 5, axis=1), random_a=False)
    assert found.cautions == ("identical_seeds",) and not found.is_better
    assert found.ci95 == compare_rows(a, b, random_a=False).ci95


def redrawn(k: int, accuracy: float = 0.8) -> np.ndarray:
    """Runs on k samples drawn afresh, all with the same scores."""
    return np.repeat(runs(300, [accuracy], seed=1), k, axis=1)


@pytest.mark.parametrize(
    ("k", "wins", "caution"), [(3, False, "few_"), (4, False, "few_"), (5, True, ""), (20, True, "")]
)
def test_equal_runs_that_were_redrawn_may_win_from_five_on(k: int, wins: bool, caution: str) -> None:
    a = runs(300, [0.6])
    found = compare_rows(a, redrawn(k), random_a=False, redrawn_b=True)
    once = compare_rows(a, redrawn(1), random_a=False, random_b=False)
    assert (found.is_better, found.cautions) == (wins, (f"{caution}identical_runs",))
    assert make_call(found, margin=0.03, cheaper=None) == ("better" if wins else "undecided")
    # They are k columns without a spread: the rows' variance, n - 1 degrees of freedom, p by t and not by McNemar.
    assert (found.seeds, found.seed_excess, found.seed_variances) == ((1, k), (0.0, 0.0), (0.0, 0.0))
    assert (found.variance, found.df, found.df_call) == (once.variance_rows, 299, 299)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.centre) / np.sqrt(found.variance), 299))
    assert found.ci95 == once.ci95
    assert found.test == "crossed rows and seeds, t with 299 degrees of freedom"


def test_one_flipped_row_no_longer_decides_whether_there_is_a_winner() -> None:
    a, b = runs(300, [0.5]), redrawn(5)
    flipped = b.copy()
    flipped[0, 0] = 1 - flipped[0, 0]
    calls = [
        make_call(compare_rows(a, x, random_a=False, redrawn_b=True), margin=0.03, cheaper=None) for x in (b, flipped)
    ]
    assert calls == ["better", "better"]


def test_an_arm_that_spreads_is_judged_by_its_spread_beside_one_that_does_not() -> None:
    a = runs(300, [0.5, 0.6, 0.4, 0.55])
    found = compare_rows(a, redrawn(5), redrawn_a=True, redrawn_b=True)
    assert found.seed_variances[0] > 0 and found.seed_variances[1] == 0
    assert found.is_better and found.cautions[0] == "identical_runs"
    assert not compare_rows(a, redrawn(3), redrawn_b=True).winner_allowed


@pytest.mark.parametrize(("k", "wins"), [(3, False), (5, True)])
def test_runs_that_pair_and_always_differ_alike_show_no_spread_either(k: int, wins: bool) -> None:
    """Each arm's runs differ, but b is right on the same hundred rows more whatever the sample."""
    a = runs(300, [0.5] * k)
    a[:100] = 0
    b = a.copy()
    b[:100] = 1
    found = compare_rows(a, b, same_samples=True, redrawn_a=True, redrawn_b=True)
    assert found.variance == found.variance_call == found.variance_rows
    assert found.winner_allowed == found.is_better == wins
    assert found.cautions == (("" if wins else "few_") + "identical_runs",)


def test_both_arms_equal_on_shared_samples_that_were_redrawn() -> None:
    a, b = np.repeat(runs(300, [0.6]), 5, axis=1), redrawn(5)
    found = compare_rows(a, b, same_samples=True, redrawn_a=True, redrawn_b=True)
    assert found.is_better and found.cautions == ("identical_runs",)
    half_known = compare_rows(a, b, same_samples=True, redrawn_b=True)
    assert not half_known.is_better and set(half_known.cautions) == {"identical_runs", "identical_seeds"}


def test_no_rounding_is_taken_for_a_spread_of_equal_runs() -> None:
    thirds = np.repeat(np.random.default_rng(0).choice([0.1, 1 / 3, 0.7], (90, 1)), 3, axis=1)
    found = compare_rows(np.zeros(90), thirds, random_a=False, redrawn_b=True)
    assert found.seed_variances == (0.0, 0.0) and found.df == 89


def test_an_arms_own_interval_from_equal_runs_that_were_redrawn() -> None:
    found, once = interval_of_rows(redrawn(5), redrawn=True), interval_of_rows(redrawn(1), random=False)
    assert (found.seeds, found.cautions) == (5, ("identical_runs",))
    assert (found.ci95, found.variance, found.variance_rows) == (once.ci95, once.variance, once.variance)
    assert interval_of_rows(redrawn(3), redrawn=True).cautions == ("few_identical_runs",)
    assert interval_of_rows(redrawn(3)).seeds == 1


def test_seeds_that_differ_more_than_rows_explain_say_so() -> None:
    found = compare_rows(runs(400, [0.7]), runs(400, [0.5, 0.9, 0.6, 0.95, 0.7], seed=1), random_a=False)
    assert found.variance_seeds > found.variance_rows
    assert "seed_variance_dominates" in found.cautions


def test_same_samples_take_what_the_seeds_share_out() -> None:
    luck = np.array([0.0, 0.1, -0.1, 0.05, -0.05])
    a, b = runs(400, list(0.7 + luck)), runs(400, list(0.75 + luck), seed=1)
    paired, independent = compare_rows(a, b, same_samples=True), compare_rows(a, b)
    assert paired.difference == independent.difference
    assert paired.variance_seeds < independent.variance_seeds / 3
    assert paired.seed_variances[0] == 0.0


def test_deterministic_arms_are_judged_by_mcnemar() -> None:
    a, b = runs(200, [0.7]), runs(200, [0.75], seed=1)
    found = compare_rows(a, b, random_a=False, random_b=False)
    only_a, only_b = int(((a == 1) & (b == 0)).sum()), int(((a == 0) & (b == 1)).sum())
    assert found.p_value == pytest.approx(mcnemar_mid_p(only_a, only_b))
    assert found.discordant == only_a + only_b


def test_graded_row_scores_of_deterministic_arms_are_judged_by_t() -> None:
    draw = np.random.default_rng(0)
    found = compare_rows(draw.random((80, 1)), draw.random((80, 1)), random_a=False, random_b=False)
    assert found.test == "rows, t with 79 degrees of freedom"


def test_groups_widen_the_interval_to_what_groups_can_say() -> None:
    a, b = (np.repeat(runs(40, [accuracy], seed), 5, axis=0) for seed, accuracy in ((0, 0.6), (1, 0.75)))
    groups = [row // 5 for row in range(200)]
    grouped = compare_rows(a, b, random_a=False, random_b=False, units=groups)
    few = compare_rows(a[::5], b[::5], random_a=False, random_b=False)
    assert "clustered" in grouped.cautions and grouped.df == 39
    assert grouped.test == "rows, rows in units, t with 39 degrees of freedom"
    assert np.diff(grouped.ci95) == pytest.approx(np.diff(few.ci95), rel=0.1)


def test_no_discordant_row_in_ten_groups_is_ten_draws() -> None:
    same = np.ones((200, 1))
    found = compare_rows(same, same, units=[row // 20 for row in range(200)])
    alone = compare_rows(np.ones((10, 1)), np.ones((10, 1)))
    assert found.ci95 == pytest.approx(alone.ci95)


def test_a_group_that_is_won_as_a_whole_is_one_draw() -> None:
    won = np.arange(20) == 3
    grouped = compare_rows(
        np.zeros(200), np.repeat(won, 10), random_a=False, random_b=False, units=[row // 10 for row in range(200)]
    )
    alone = compare_rows(np.zeros(20), won, random_a=False, random_b=False)
    assert grouped.centre == pytest.approx(alone.centre)
    assert grouped.ci95 == pytest.approx(alone.ci95, abs=0.003)


@pytest.mark.parametrize("groups", [None, ["x"]])
def test_one_row_says_nothing(groups: list[str] | None) -> None:
    found = compare_rows([[1.0]], [[0.0]], random_a=False, random_b=False, units=groups)
    assert (found.p_value, found.ci95, found.difference) == (None, (-1.0, 1.0), -1.0)
    assert found.cautions == ("one_row",) and not found.is_better
    assert make_call(found, margin=0.5, cheaper="a") == "undecided"


@pytest.mark.parametrize(("units", "said"), [(19, True), (20, False)])
def test_few_units_are_said(units: int, said: bool) -> None:
    names = np.arange(200) % units
    found = compare_rows(runs(200, [0.6]), runs(200, [0.7], 1), random_a=False, random_b=False, units=names)
    assert found.cautions == (("clustered", "few_units") if said else ("clustered",))
    assert interval_of_rows(runs(200, [0.6]), random=False, units=names).cautions == found.cautions


def test_few_rows_that_stand_alone_are_not_few_units() -> None:
    assert (
        compare_rows(runs(9, [0.5]), runs(9, [0.6], 1), random_a=False, random_b=False, units=range(9)).cautions == ()
    )


def test_units_may_be_numbers_in_an_array_or_names() -> None:
    a, b, numbers = runs(60, [0.6]), runs(60, [0.7], 1), np.arange(60) // 2
    by_array = compare_rows(a, b, units=numbers)
    assert by_array == compare_rows(a, b, units=[f"text {number}" for number in numbers])


def test_one_group_says_nothing() -> None:
    found = compare_rows(runs(50, [0.2]), runs(50, [0.9]), units=["g"] * 50)
    assert found.p_value is None and "one_group" in found.cautions


@pytest.mark.parametrize(
    ("a", "b", "options", "problem"),
    [
        (np.ones((4, 1)), np.ones((5, 1)), {}, "same rows"),
        (np.ones((4, 2)), np.ones((4, 3)), {"same_samples": True}, "same samples"),
        (np.full((4, 1), 1.2), np.ones((4, 1)), {}, "from 0 to 1"),
        (np.full((4, 1), np.nan), np.ones((4, 1)), {}, "from 0 to 1"),
        (np.ones((4, 0)), np.ones((4, 1)), {}, "a column a run"),
        (np.ones((4, 1)), np.ones((4, 1)), {"units": ["x"]}, "one a row"),
    ],
)
def test_refuses_scores_that_do_not_fit(a: np.ndarray, b: np.ndarray, options: dict, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        compare_rows(a, b, **options)


def predictions(gold: np.ndarray, accuracies: list[float], seed: int) -> np.ndarray:
    right = runs(len(gold), accuracies, seed).astype(bool)
    wrong = np.random.default_rng(seed + 100).integers(-1, 3, right.shape)
    return np.where(right, gold[:, None], wrong)


@pytest.fixture
def gold() -> np.ndarray:
    return np.random.default_rng(9).choice(3, size=300, p=[0.6, 0.3, 0.1])


def test_a_mean_over_rows_is_compared_alike_by_both_doors(gold: np.ndarray) -> None:
    a, b = predictions(gold, [0.6, 0.62, 0.6], 0), predictions(gold, [0.7, 0.72, 0.75], 1)
    by_statistic = compare_answers(gold, a, b, metric=AnyStatistic(accuracy))
    by_rows = compare_rows(a == gold[:, None], b == gold[:, None])
    assert by_statistic.difference == by_statistic.centre == pytest.approx(by_rows.difference)
    assert by_statistic.variance_seeds == pytest.approx(by_rows.variance_seeds)
    assert by_statistic.variance == pytest.approx(by_rows.variance, rel=0.05)


def test_macro_f1_differs_by_the_displayed_scores(gold: np.ndarray) -> None:
    a, b = predictions(gold, [0.6, 0.62, 0.6], 0), predictions(gold, [0.8, 0.82, 0.85], 1)
    found = compare_answers(gold, a, b)
    shown = np.mean([macro_f1(gold, run) for run in b.T]) - np.mean([macro_f1(gold, run) for run in a.T])
    assert found.difference == found.centre == pytest.approx(shown)
    assert found.is_better
    assert found.test.startswith("jackknife over crossed rows and seeds, t with")


def test_macro_f1_of_equal_predictions_leaves_the_interval_open(gold: np.ndarray) -> None:
    same = predictions(gold, [0.8], 0)
    found = compare_answers(gold, same, same, random_a=False, random_b=False)
    assert found.p_value == 1.0 and found.ci95[0] < -0.005 and found.ci95[1] > 0.005


def test_macro_f1_of_one_class_is_no_number() -> None:
    gold = np.zeros(60, dtype=int)
    found = compare_answers(gold, gold, 1 - gold)
    assert found.p_value is None and "one_class" in found.cautions and found.ci95 == (-1.0, 1.0)
    alone = interval_of_answers(gold, gold)
    assert alone.score is None and alone.ci95 is None and "one_class" in alone.cautions


@pytest.mark.parametrize(("k", "wins"), [(3, False), (5, True)])
def test_macro_f1_of_equal_predictions_that_were_redrawn(gold: np.ndarray, k: int, wins: bool) -> None:
    a, b = predictions(gold, [0.6], 0), np.repeat(predictions(gold, [0.85], 1), k, axis=1)
    options = {"random_a": False}
    found = compare_answers(gold, a, b, redrawn_b=True, **options)
    assert found.is_better == wins and found.cautions == (("" if wins else "few_") + "identical_runs",)
    assert found.seeds == (1, k) and found.seed_variances == (0.0, 0.0) and found.df == 299
    unknown = compare_answers(gold, a, b, **options)
    assert not unknown.is_better and unknown.cautions == ("identical_seeds",)
    assert interval_of_answers(gold, b, redrawn=True).seeds == k


@pytest.mark.parametrize(("k", "wins"), [(2, False), (3, True), (5, True)])
def test_other_wrong_answers_with_equal_scores_are_other_runs(gold: np.ndarray, k: int, wins: bool) -> None:
    """The runs err on the same rows, each with a wrong label of its own: they are right alike and answer otherwise."""
    a, b = predictions(gold, [0.6], 0), np.repeat(predictions(gold, [0.85], 1), k, axis=1)
    wrong = b[:, 0] != gold
    b[wrong] = (gold[wrong, None] + 1 + np.arange(k) % 2) % 3
    by_labels = compare_answers(gold, a, b, metric=AnyStatistic(accuracy), random_a=False)
    assert (by_labels.is_better, by_labels.cautions) == (wins, () if wins else ("few_seeds",))
    hits_a, hits_b = ((x == gold[:, None]).astype(float) for x in (a, b))
    by_hits = compare_rows(hits_a, hits_b, random_a=False, differ_b=True)
    assert (by_hits.is_better, by_hits.cautions) == (by_labels.is_better, by_labels.cautions)
    assert interval_of_rows(hits_b, differ=True).seeds == k


def test_one_run_has_the_agresti_coull_interval() -> None:
    right, n = 180, 200
    found = interval_of_rows(np.array([1.0] * right + [0.0] * (n - right)), random=False)
    p = (right + 2) / (n + 4)
    reach = stats.t.ppf(0.975, n - 1) * np.sqrt(p * (1 - p) / (n + 4))
    assert found.score == 0.9
    assert found.ci95 == pytest.approx((p - reach, p + reach))
    assert (found.n, found.seeds, found.cautions) == (n, 1, ())


def test_a_perfect_score_keeps_an_interval_within_its_range() -> None:
    for found in (
        interval_of_rows(np.ones((40, 1))),
        interval_of_answers(np.arange(40) % 4, np.arange(40) % 4),
    ):
        assert found.score == 1.0 and found.ci95 is not None
        assert 0.8 < found.ci95[0] < 0.97 and found.ci95[1] == 1.0
        assert found.cautions == ("one_seed",)


def test_seeds_widen_an_arms_own_interval() -> None:
    steady, shaky = (interval_of_rows(runs(300, accuracies)) for accuracies in ([0.7] * 5, [0.5, 0.9, 0.6, 0.8, 0.7]))
    assert steady.ci95 is not None and shaky.ci95 is not None
    assert np.diff(shaky.ci95) > 2 * np.diff(steady.ci95)


def test_one_row_has_a_score_and_no_interval() -> None:
    found = interval_of_rows([[1.0]], random=False)
    assert (found.score, found.ci95, found.df, found.cautions) == (1.0, None, None, ("one_row",))
