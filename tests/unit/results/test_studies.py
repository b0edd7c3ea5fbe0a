"""The real studies: what each is given, how they are run and gone on with, and what of them is published."""

from __future__ import annotations

import csv
import json
import random
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from builders import PlantedArm, make_records
from script_modules import scripts
from tuningfork.task.content import normalised
from tuningfork.verdict.decide import decide
from tuningfork.verdict.files import read_verdict
from tuningfork.verdict.published import published

WORDS = {
    "calm": ["still", "water", "mirror", "quiet", "sail", "gentle", "slow"],
    "storm": ["gale", "wave", "thunder", "broken", "mast", "roar"],
}


LLM = PlantedArm("prompt:openai/m", accuracy={0: 0.75}, deterministic=True)


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    names = ("studies.listing", "studies.rows", "studies.pages", "studies.running", "run_studies")
    with scripts(*names) as found:
        yield {module.__name__.rpartition(".")[2]: module for module in found}


def rows(many: int, seed: int) -> list[dict[str, str]]:
    rng = random.Random(seed)
    labels = [rng.choice(sorted(WORDS)) for _ in range(many)]
    return [
        {"id": f"{seed}-{place}", "text": f"{' '.join(rng.choices(WORDS[label], k=5))} {place}", "label": label}
        for place, label in enumerate(labels)
    ]


def written(path: Path, records: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Public data sets of another world: one task with the answers of three models, one of them nearly always right."""
    folder, test = tmp_path / "data" / "frontier", rows(280, seed=1)
    written(folder / "ibc_train.csv", rows(60, seed=2))
    written(folder / "ibc_test.csv", test)
    for place, (name, wrong) in enumerate((("gpt-5.6-sol", 0.02), ("claude-haiku-4.5", 0.2), ("jev", 0.3))):
        rng = random.Random(place)
        told = [{**row, "label": rng.choice(sorted(WORDS)) if rng.random() < wrong else row["label"]} for row in test]
        answers = [{"id": row["id"], "prediction": row["label"], "usd": "0.001"} for row in told]
        written(folder / f"ibc_{name}.csv", answers)
    return tmp_path / "data"


def test_rows_that_rank_are_drawn_by_text_and_not_by_place(modules: dict[str, ModuleType]) -> None:
    test = rows(60, seed=3)
    test += [{**test[0], "id": "twin", "text": test[0]["text"].upper(), "label": "storm"}]
    for wanted in (10, 25, 40):
        ranking, rest = modules["rows"].set_aside(test, wanted)
        assert len(ranking) <= wanted < len(ranking) + 2
        assert len(ranking) + len(rest) == len(test)
        assert not {normalised(row["text"]) for row in ranking} & {normalised(row["text"]) for row in rest}
        turned, _ = modules["rows"].set_aside(test[::-1], wanted)
        assert {row["id"] for row in turned} == {row["id"] for row in ranking}


def test_nine_studies_the_ones_against_large_models_first(modules: dict[str, ModuleType]) -> None:
    cases = modules["listing"].CASES
    assert [case.name for case in cases][:4] == ["ibc", "flute", "mrf", "sst2"]
    assert len(cases) == 9
    assert sum(case.minutes for case in cases) <= 290
    for case in cases:
        arms = case.arms(["linear"])
        assert any(arm.startswith(("prompt:", "predictions:")) for arm in arms), case.name
        assert not any("/" in arm for arm in arms), "specs without a folder, for they are published"


def test_the_rows_are_laid_out_under_plain_names(
    shared_data: Path, modules: dict[str, ModuleType], tmp_path: Path
) -> None:
    for case in modules["listing"].CASES:
        told = modules["rows"].lay_out(case, shared_data, tmp_path / case.name)
        assert all((tmp_path / case.name / name).is_file() for name in told if name.endswith(".csv"))
        assert ("--validation" in told) == bool(case.set_aside or case.validation)
        assert ("--shifted" in told) == (case.name == "imdb_counterfactual")


def run(modules: dict[str, ModuleType], data: Path, *arguments: str) -> int:
    folders = ["--data", str(data), "--folder", str(data.parent / "build"), "--results", str(data.parent / "docs")]
    code: int = modules["run_studies"].main([*arguments, *folders])
    return code


def test_a_study_is_run_once_and_published_without_a_row(
    modules: dict[str, ModuleType], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the real command."""
    arguments = ("ibc", "--minutes", "0.25", "--arm", "head:wordllama")
    assert run(modules, data, *arguments) == 0
    study, shown = data.parent / "build" / "ibc", data.parent / "docs" / "ibc"
    record = read_verdict(shown / "verdict.json")
    assert record.task == "ibc"
    assert record.comparison is not None
    assert record.comparison.llm_arm.startswith("predictions:gpt-5.6-sol.csv"), "200 rows ranked the models"
    assert record.comparison.n_shared == 80
    assert "GPT-5.6 Sol" in record.reason
    assert [row.usd_per_1k for row in record.arms if row.side == "llm"] == [pytest.approx(1.0)] * 3
    told = "".join(path.read_text("utf-8") for path in shown.glob("*.json"))
    assert not [row["text"] for row in rows(280, seed=1) if row["text"] in told]
    assert str(data.parent) not in told
    assert published(record) == record

    before = (study / "study" / "ledger.sqlite").stat().st_mtime_ns
    assert run(modules, data, *arguments, "--no-publish") == 0
    assert (study / "study" / "ledger.sqlite").stat().st_mtime_ns == before
    assert len(json.loads((shown / "made.json").read_text("utf-8"))["sittings"]) == 1
    capsys.readouterr()
    assert run(modules, data, "--list") == 0
    states = dict(line.split(" minutes  ") for line in capsys.readouterr().out.splitlines())
    assert [state for name, state in states.items() if name.startswith("ibc ")] == ["finished"]

    assert run(modules, data, "ibc", "--minutes", "0.5", "--arm", "head:wordllama", "--arm", "linear") == 0
    assert len(json.loads((shown / "made.json").read_text("utf-8"))["sittings"]) == 2, "another command goes on with it"
    assert {row.arm for row in read_verdict(shown / "verdict.json").arms} > {"linear", "head:wordllama"}


def test_a_study_that_fails_is_told_and_tried_again(modules: dict[str, ModuleType], data: Path) -> None:
    written(data / "frontier" / "ibc_jev.csv", [{"id": "1-0", "prediction": "calm"}])
    assert run(modules, data, "ibc", "--minutes", "0.2", "--arm", "head:wordllama") == 1
    made = modules["running"].made_in(data.parent / "build" / "ibc")
    assert not made.finished
    assert [sitting.code for sitting in made.sittings] == [2]
    assert not (data.parent / "docs").exists(), "nothing to publish"


def test_a_stop_from_outside_is_heeded_though_the_shell_ignores_interrupts(
    modules: dict[str, ModuleType], data: Path
) -> None:
    """What a shell starts in the background ignores interrupts, and so did the study."""
    written(data / "frontier" / "ibc_train.csv", rows(20_000, seed=2))
    folder = data.parent / "build"
    script = Path(modules["run_studies"].__file__ or "")
    told = ["ibc", "--data", data, "--folder", folder, "--results", data.parent / "docs", "--arm", "linear"]
    command = shlex.join([sys.executable, str(script), *map(str, told)])
    with subprocess.Popen(["sh", "-c", f"trap '' INT; exec {command}"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("Plan for ibc" in line for line in process.stderr)
        process.terminate()
        told_last = process.stderr.read()
    assert process.returncode == 130
    assert "the same command goes on" in told_last.lower()
    made = modules["running"].made_in(folder / "ibc")
    assert [sitting.code for sitting in made.sittings] == [130]
    assert not made.finished


def test_a_name_that_is_none_is_refused(modules: dict[str, ModuleType], capsys: pytest.CaptureFixture[str]) -> None:
    assert modules["run_studies"].main(["ibcc"]) == 2
    assert "did you mean 'ibc'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("accuracy", "told"),
    [
        ({8: 0.5, 32: 0.7, 128: 0.85, 512: 0.95}, r"in the mean [\d,]+ \[[\d,]+, [\d,]+\]; reliably .*\[.*\]"),
        ({8: 0.2, 32: 0.25, 128: 0.3}, r"in the mean above 128 \[all of it\]; reliably .*\[.*\]"),
        ({8: 0.95, 32: 0.97, 128: 0.98}, r"in the mean at or below 8 \[all of it\]; reliably .*\[.*\]"),
    ],
)
def test_every_break_even_has_its_interval(
    modules: dict[str, ModuleType], accuracy: dict[int, float], told: str
) -> None:
    trained = PlantedArm("linear", accuracy=accuracy, seeds=12, spread=0.01)
    shown = modules["pages"].break_even(decide(make_records(arms=[trained, LLM])))
    assert re.fullmatch(told, shown), shown


def test_the_table_shows_both_sides_on_the_rows_that_both_answered(modules: dict[str, ModuleType]) -> None:
    arms = [
        PlantedArm("linear", accuracy={128: 0.8}),
        PlantedArm("prompt:openai/m", accuracy={0: 0.75}, deterministic=True),
    ]
    record: Any = decide(make_records(arms=arms))
    case = modules["listing"].CASES[0]
    study = modules["pages"].Published(case=case, record=record, made=None, has_picture=False)
    *_, line = modules["pages"].overview([study]).splitlines()
    pair = record.comparison
    assert f"| m, zero-shot {pair.score_llm:.3f} | TF-IDF and a linear classifier {pair.score_fine_tuned:.3f} |" in line
    assert f"{100 * pair.difference:+.1f} [" in line
    assert f"| {record.recommendation} |" in line


def test_every_trained_arm_stands_beside_the_large_model_at_its_own_labels(modules: dict[str, ModuleType]) -> None:
    pages, (case, *_) = modules["pages"], modules["listing"].CASES
    arms = [PlantedArm("linear", accuracy={128: 0.6}), PlantedArm("head:minilm", accuracy={512: 0.9}), LLM]
    record: Any = decide(make_records(arms=arms))
    scores = {row.arm: row.score for row in record.arms}
    local = next(case for case in modules["listing"].CASES if not case.answers)
    both = [pages.Published(case=one, record=record, made=None, has_picture=False) for one in (case, local)]
    head, _, *lines = pages.trained_beside_large(both).splitlines()
    assert [name.strip() for name in head.split("|")[1:-1]] == ["rows", "LLM", "`linear`", "`head:minilm`", "verdict"]
    (line,) = lines
    assert f"m, zero-shot {scores[LLM.arm]:.3f}" in line
    assert f"| {100 * (scores['linear'] - scores[LLM.arm]):+.1f} (128) |" in line
    assert f"| {100 * (scores['head:minilm'] - scores[LLM.arm]):+.1f} (512) |" in line
