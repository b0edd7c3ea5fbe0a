"""What the plots say, and what they are made of."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import PlantedArm, make_records
from report_cases import LINEAR, MANY_SEEDS, MINILM, NEAREST, REMOTE, records_for
from tuningfork.answers.category import Categories
from tuningfork.arms.results import Prediction
from tuningfork.metrics.calibration import expected_calibration_error
from tuningfork.report.figure import Figure
from tuningfork.report.plots.break_even import break_even_line
from tuningfork.report.plots.cost import cost_plots, pareto_front
from tuningfork.report.plots.curve_data import CurveData, curve_data
from tuningfork.report.plots.difference import difference_line
from tuningfork.report.plots.learning_curve import learning_curve
from tuningfork.report.plots.reliability import reliability_plot
from tuningfork.study.records import StudyRecords
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import BreakEven, VerdictRecord

NOTHING = BreakEven(
    arm=None,
    llm_arm=None,
    mean=None,
    mean_ci95=None,
    reliable=None,
    reliable_ci95=None,
    extrapolated=False,
    reason=None,
)


def curve_of(records: StudyRecords, record: VerdictRecord | None = None) -> tuple[CurveData, Figure]:
    data = curve_data(record or decide(records), records)
    assert data is not None
    return data, learning_curve(data, metric="accuracy")


def prompt_at(accuracy: float) -> PlantedArm:
    return PlantedArm("prompt:openai/m", accuracy={0: accuracy}, deterministic=True, n_labels={0: 0})


@pytest.mark.parametrize(
    ("accuracy", "title"),
    [
        (0.7, r"Fine-tuning passes the prompt at about \d+ labels"),
        (0.89, r"Fine-tuning may pass the prompt anywhere from \d+ to above 512 labels; not settled"),
        (0.97, "The prompt stays ahead up to 512 labels"),
        (0.4, "Fine-tuning is ahead from 32 labels on, the fewest tried"),
    ],
)
def test_the_curve_says_what_is_seen(accuracy: float, title: str) -> None:
    _, figure = curve_of(make_records(arms=[MANY_SEEDS, prompt_at(accuracy)]))
    assert re.fullmatch(title, figure.title)


def test_a_crossing_beyond_the_data_is_dashed_and_said() -> None:
    records = make_records(arms=[MANY_SEEDS, prompt_at(0.97)])
    record = decide(records)
    beyond = record.break_even_labels.model_copy(
        update={"mean": 1500.0, "mean_ci95": (900.0, 4100.0), "extrapolated": True}
    )
    _, figure = curve_of(records, record.model_copy(update={"break_even_labels": beyond}))
    assert figure.title == "Fine-tuning may pass the prompt at about 1,500 labels, beyond what was measured"
    assert 'class="beyond tuned"' in str(figure.wide)
    assert "dashed: beyond the data" in figure.note


@pytest.mark.parametrize(
    ("accuracy", "title"),
    [
        (0.94, "In the means, the prompt stays ahead up to 512 labels; not settled"),
        (0.55, "In the means, fine-tuning is ahead from 32 labels on, the fewest tried; not settled"),
    ],
)
def test_who_is_ahead_is_hedged_where_the_verdict_is_undecided(accuracy: float, title: str) -> None:
    records = make_records(arms=[MANY_SEEDS, prompt_at(accuracy)], rows=100)
    _, figure = curve_of(records, decide(records).model_copy(update={"call": "undecided"}))
    assert figure.title == title


def test_a_crossing_in_an_undecided_study_is_hedged_though_its_interval_is_closed() -> None:
    records = make_records(arms=[MANY_SEEDS, prompt_at(0.7)])
    _, figure = curve_of(records, decide(records).model_copy(update={"call": "undecided"}))
    assert re.fullmatch(r"Fine-tuning may pass the prompt anywhere from \d+ to \d+ labels; not settled", figure.title)


def test_an_interval_that_leaves_the_counts_ends_in_an_arrow() -> None:
    _, figure = curve_of(make_records(arms=[MANY_SEEDS, prompt_at(0.89)]))
    for drawing in (figure.wide, figure.narrow):
        assert str(drawing).count("range open-end") == 1
        assert ", above 512]" in str(drawing)
    _, closed = curve_of(make_records(arms=[MANY_SEEDS, prompt_at(0.7)]))
    assert "open-end" not in str(closed.wide)


def test_every_seed_is_a_dot_and_every_count_has_a_mean() -> None:
    records = records_for("full")
    data, figure = curve_of(records)
    seeds = sum(len(scores) for curve in data.curves for scores in curve.scores.values())
    assert seeds == sum(trial.status == "done" and trial.side == "fine-tuned" for trial in records.trials)
    for drawing in (figure.wide, figure.narrow):
        assert len(re.findall(r'class="mark tuned dot', str(drawing))) == seeds
        assert len(re.findall(r'class="mark tuned mean"', str(drawing))) == 5
    assert len(figure.table.rows) == sum(len(curve.scores) for curve in data.curves) + len(data.levels)


def test_draws_of_fixed_shots_are_a_level_though_their_counts_differ() -> None:
    shots = PlantedArm("prompt:openai/m?shots=5", accuracy={5: 0.7}, seeds=3, n_labels={5: 9})
    data, _ = curve_of(make_records(arms=[LINEAR, shots]))
    assert [level.side for level in data.levels] == ["llm"]


def test_a_prompt_with_several_counts_has_a_curve() -> None:
    data, _ = curve_of(make_records(arms=[LINEAR, NEAREST]))
    assert {curve.side for curve in data.curves} == {"llm", "fine-tuned"}


def test_without_a_known_label_count_there_is_no_curve() -> None:
    records = make_records(arms=[PlantedArm("predictions:a.csv", accuracy={0: 0.8}, n_labels={0: None}), REMOTE])
    assert curve_data(decide(records), records) is None


costs = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=8)


@given(costs)
def test_the_front_is_what_nothing_beats(points: list[tuple[int, int]]) -> None:
    def beaten(point: tuple[int, int]) -> bool:
        return any(o[0] <= point[0] and o[1] >= point[1] and o != point for o in points)

    front = {points[i] for i in pareto_front([(float(c), float(s)) for c, s in points])}
    assert front == {point for point in points if not beaten(point)}


def test_cost_is_in_dollars_only_where_that_leaves_no_arm_out() -> None:
    (by_time,) = cost_plots(decide(make_records(arms=[MINILM, REMOTE])))
    (in_dollars,) = cost_plots(decide(make_records(arms=[MINILM, REMOTE], usd_per_hour=0.5)))
    assert (by_time.table.head[1], in_dollars.table.head[1]) == ("ms a row", "$ / 1,000")
    assert len(by_time.table.rows) == len(in_dollars.table.rows) == 2


def test_the_cheapest_and_the_best_are_those_of_arms_with_a_price_where_others_have_none() -> None:
    """A trained arm without a bill is neither dearer nor worse than the LLMs that have one."""
    answers = [
        PlantedArm(
            f"predictions:{name}.csv?side=llm&model={name}",
            accuracy={0: accuracy},
            side="llm",
            deterministic=True,
            usd=usd,
        )
        for name, accuracy, usd in (("Large", 0.9, 0.003), ("Small", 0.8, 0.0002))
    ]
    figure, *others = cost_plots(decide(make_records(arms=[LINEAR, *answers])))
    assert others == [], "one arm with a time is no plot"
    assert figure.title == "Of the arms whose price is known, Large has the highest accuracy, Small is the cheapest"
    assert "Left out: TF-IDF and a linear classifier (no bill for each call)." in figure.note
    dollars, time = cost_plots(decide(make_records(arms=[LINEAR, MINILM, *answers])))
    assert dollars.title == figure.title
    assert time.title.startswith("Of the arms whose time is known, MiniLM has the highest accuracy, TF-IDF")
    assert "Left out: Large, Small (not timed here)." in time.note


def test_a_curve_beside_answers_made_elsewhere_speaks_of_an_llm_and_not_of_a_prompt() -> None:
    elsewhere = PlantedArm("predictions:a.csv?side=llm", accuracy={0: 0.9}, side="llm", deterministic=True)
    _, figure = curve_of(make_records(arms=[PlantedArm("linear", accuracy={32: 0.5, 128: 0.6}), elsewhere]))
    assert figure.title == "The LLM stays ahead up to 128 labels"


def test_one_arm_has_no_cost_plot() -> None:
    assert cost_plots(decide(make_records(arms=[MINILM]))) == ()


def test_break_even_is_drawn_where_it_is_known() -> None:
    assert break_even_line(NOTHING, pool=100) is None
    drawn = break_even_line(NOTHING.model_copy(update={"mean": 64.0, "reliable": 170.0}), pool=4000)
    assert "mean 64; reliable 170; your pool has 4,000 labels" in str(drawn)


@pytest.mark.parametrize(("bound", "arrow_at"), [("above", 252.0), ("at_or_below", 8.0)])
def test_a_break_even_beyond_the_counts_is_an_arrow_from_the_last_one(bound: str, arrow_at: float) -> None:
    drawn = str(break_even_line(NOTHING.model_copy(update={"mean_bound": bound, "mean_bound_at": 512.0}), pool=512))
    assert f"mean {'above' if bound == 'above' else 'at or below'} 512; your pool has 512 labels" in drawn
    (head,) = re.findall(r'points="([^"]+)" class="interval tuned open-end"', drawn)
    assert float(head.split()[1].split(",")[0]) == arrow_at
    assert "circle" not in drawn


def test_a_bound_that_is_not_sure_shows_how_far_its_interval_reaches_back() -> None:
    bound = NOTHING.model_copy(update={"mean_bound": "above", "mean_bound_at": 512.0, "mean_tried": (8, 512)})
    perhaps, surely = (
        str(break_even_line(bound.model_copy(update={"mean_ci95": (low, None)}), pool=512)) for low in (60.0, 512.0)
    )
    assert perhaps.count("interval tuned thin") == 1
    assert "mean above 512 [60, above 512]" in perhaps
    assert "interval tuned thin" not in surely


def test_an_open_end_of_the_line_is_an_arrow_and_a_closed_one_is_not() -> None:
    open_above = NOTHING.model_copy(update={"mean": 64.0, "mean_ci95": (20.0, None), "mean_tried": (8, 512)})
    drawn = str(break_even_line(open_above, pool=512))
    assert "mean 64 [20, above 512]" in drawn
    assert drawn.count("open-end") == 1
    assert "open-end" not in str(break_even_line(open_above.model_copy(update={"mean_ci95": (20.0, 90.0)}), pool=512))


def positions(drawing: str, class_: str) -> list[float]:
    return [float(x) for x in re.findall(rf'x1="([\d.]+)"[^>]*class="{class_}', drawing)]


@pytest.mark.parametrize("accuracy", [0.6, 0.84, 0.97])
def test_the_difference_lies_on_its_side_of_zero(accuracy: float) -> None:
    record = decide(make_records(arms=[MINILM, prompt_at(accuracy)]))
    compared = record.comparison
    assert compared is not None
    drawing = str(difference_line(compared, record.margin, record.unit))
    (zero,) = positions(drawing, "zero")
    low, high = positions(drawing, "cap")
    assert (low < zero, high > zero) == (compared.ci95[0] < 0, compared.ci95[1] > 0)
    ahead, behind = ("circle", "rect") if compared.difference > 0 else ("rect", "circle")
    assert f"<{ahead}" in drawing
    assert not re.search(rf'<{behind}[^>]*class="mark', drawing)


def test_the_diagram_has_the_bins_of_the_calibration_error() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 3, 500).astype(np.int32)
    matrix = rng.dirichlet(np.ones(3), 500).astype(np.float32)
    answers = Prediction(Categories(matrix.argmax(axis=1)), matrix)
    figure = reliability_plot("r", "An arm", "llm", gold, answers)
    assert figure is not None
    rows = [(int(n), float(sure), float(right)) for n, sure, right in figure.table.rows]
    error = sum(n * abs(sure - right) for n, sure, right in rows) / 500
    assert error == pytest.approx(expected_calibration_error(gold, answers.labels, matrix), abs=0.006)


def test_rows_without_probabilities_are_no_part_of_the_diagram() -> None:
    gold = np.zeros(4, np.int32)
    matrix = np.full((4, 2), np.nan, np.float32)
    assert reliability_plot("r", "An arm", "llm", gold, Prediction(Categories(gold), matrix)) is None
    assert reliability_plot("r", "An arm", "llm", gold, Prediction(Categories(gold))) is None
