"""The plan reads like an estimate."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from builders import PlantedArm, make_records
from tuningfork.arms.spec import ArmSpec
from tuningfork.report.terminal import plan_text
from tuningfork.study.plan import StudyPlan, make_plan
from tuningfork.study.rates import Rates
from tuningfork.study.settings import StudySettings
from tuningfork.task.schema import Note, TaskData

TASK = make_records(
    arms=[PlantedArm("linear")], task_notes=[Note("dropped", "3 rows without a text were dropped.")]
).task
ARMS = (
    (ArmSpec.parse("linear"), "a baseline always"),
    (ArmSpec.parse("prompt:smollm2-135m?shots=5"), "asked for"),
)
SETTINGS = StudySettings(label_counts=(8, 16, 32, 1000), seeds=7)


def made(arms: tuple[tuple[ArmSpec, str], ...] = ARMS, rates: str = "none.json") -> StudyPlan:
    return make_plan(TASK, SETTINGS, arms, Rates(Path(rates)), seconds_left=3600.0, usd_left=None, settled={})


PLAN = replace(
    made(),
    notes=(Note("fewer_rows", "One arm answers the first 300 of 400 evaluation rows."),),
    seconds=(150.0, 480.0),
    llm_requests=912,
    prompt_tokens=123_456,
    completion_tokens=2_700,
    usd=0.0412,
    hosts=("api.openai.com",),
)


def told(
    plan: StudyPlan = PLAN,
    settings: StudySettings | None = None,
    left_out: tuple[str, ...] = (),
    width: int = 80,
    task: TaskData = TASK,
) -> str:
    out = io.StringIO()
    shown = plan_text(
        plan,
        task,
        left_out=left_out,
        settings=settings or StudySettings(budget_minutes=60),
        smallest_difference=0.048,
        smallest_margin=0.05,
    )
    Console(file=out, width=width).print(shown)
    assert max(len(line.rstrip()) for line in out.getvalue().splitlines()) <= width
    return " ".join(out.getvalue().split())


def test_the_whole_estimate_is_there() -> None:
    text = told(width=120)
    for part in (
        "Plan for tickets: 2 arms, 31 trials",
        "8 to 1,000 (4 counts) x 7",
        "SmolLM2-135M, 5 shots LLM",
        "a baseline always",
        "4,000 to train on, 100 to choose within a side, 400 to decide; 2 labels",
        "accuracy, margin 3 points",
        "2 to 8 min",
        "never more than 1 h",
        "about $0.041",
        "about 910, with 120,000 tokens in prompts and 2,700 in answers",
        "rows go to api.openai.com",
        "differences from about 4.8 points on",
        "a margin of about 5 points",
        "3 rows without a text were dropped.",
        "answers the first 300 of 400 evaluation rows.",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("usd", "budget", "sentence"),
    [
        (0.0, None, "no bill"),
        (None, None, "price not known; give --price MODEL=IN,OUT to have it counted"),
        (0.0412, 5.0, "about $0.041; never more than $5.00"),
    ],
)
def test_money(usd: float | None, budget: float | None, sentence: str) -> None:
    assert f"Money {sentence} " in told(replace(PLAN, usd=usd), StudySettings(budget_usd=budget))


def test_a_private_study_says_so() -> None:
    text = told(replace(PLAN, hosts=(), llm_requests=0))
    assert "Privacy nothing leaves this machine" in text
    assert "LLM calls" not in text


def test_what_was_left_out_is_told_with_its_reason() -> None:
    assert "Left out - finetune:minilm: torch is not installed" in told(
        left_out=("finetune:minilm: torch is not installed",)
    )


def test_different_texts_are_told_where_there_are_fewer_than_rows() -> None:
    rows = TASK.evaluation
    copied = replace(TASK, evaluation=replace(rows, texts=rows.texts[:100] * 4))
    assert "with 400 evaluation rows (4 times in 5" in told()
    assert "with 400 evaluation rows of 100 different texts, equal texts being one draw (4" in told(task=copied)
    groups = tuple(f"customer {row % 40}" for row in range(400))
    grouped = replace(TASK, evaluation=replace(rows, groups=groups))
    assert "with 400 evaluation rows that are 40 draws, equal texts and rows of one group being one" in told(
        task=grouped
    )


def test_the_ground_of_the_time_is_told(tmp_path: Path) -> None:
    assert "from shipped figures" in told()
    rates = Rates(tmp_path / "rates.json")
    rates.learn_fit("linear:", estimated=1.0, seconds=2.0)
    rates.learn_row("linear:", 2.0)
    rates.save()
    assert "from this machine's own figures" in told(made(ARMS[:1], str(tmp_path / "rates.json")))
