"""A trial answers one question: what changes it runs again, in its own folder as in a fresh one, and nothing else does.

The server here knows the answer to a row only where the names of the labels stand in the prompt.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub_server import HubServer, running
from llm_servers import Asked, ScriptedServer, planted
from study_runs import own_cache
from tuningfork.api import Study, Task, Verdict, report_again
from tuningfork.arms.linear import LinearFamily
from tuningfork.arms.prompt.family import PromptFamily
from tuningfork.errors import InputError
from tuningfork.study.ledger import Ledger
from tuningfork.study.plan import StudyPlan

NAMES = {"0": "billing", "1": "access", "2": "shipping"}
THINGS = {"0": ("invoice", "refund"), "1": ("login", "password"), "2": ("parcel", "courier")}
ROWS, EVALUATION_ROWS = 160, 40


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def gold(tmp_path: Path) -> dict[str, str]:
    """Text -> label; the rows are in rows.csv too."""
    draw = random.Random(1)
    found = {}
    for number in range(ROWS):
        label = draw.choice(sorted(THINGS))
        found[f"the {draw.choice(THINGS[label])} of order {number} is wrong"] = label
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *found.items()])
    return found


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "names.csv"
    path.write_text("label,name\n" + "".join(f"{label},{name}\n" for label, name in NAMES.items()))
    return path


def right_if_told(gold: dict[str, str]) -> Callable[[Asked], str]:
    """Right where the prompt has the names, else always the first label."""
    by_name = planted({text: NAMES[label] for text, label in gold.items()}, 1.0)

    def answer(asked: Asked) -> str:
        told = json.dumps(asked.body["messages"])
        return by_name(asked) if NAMES["1"] in told else "0"

    return answer


def study(*arms: str, out: str = "study", budget_minutes: float = 60.0, **options: Any) -> Study:
    task = Task.from_csv("rows.csv", eval_rows=EVALUATION_ROWS, **options)
    return Study(task, arms, out=out, label_counts=(8, 32), seeds=3, budget_minutes=budget_minutes)


def score(verdict: Verdict, side: str) -> float | None:
    (row,) = [row for row in verdict.record.arms if row.side == side]
    return row.score


def codes(verdict: Verdict) -> set[str]:
    return {warning.code for warning in verdict.record.warnings}


def ended_at(folder: str, arm: str) -> dict[str, float]:
    """When each trial of an arm ended, by key: a trial that runs again has another time or key."""
    with Ledger(Path(folder), writable=False) as ledger:
        rows = ledger._rows("SELECT key, ended FROM trials WHERE arm = ?", arm)
    return dict(rows)


def planned_by_arm(plan: StudyPlan) -> dict[str, int]:
    return {arm.spec.text: sum(trial.arm is arm for trial in plan.trials) for arm in plan.arms}


# What an LLM is shown --------------------------------------------------------------------------------------------


def test_label_names_added_to_a_study_do_what_they_do_in_a_fresh_one(gold: dict[str, str], names: Path) -> None:
    with ScriptedServer(right_if_told(gold)) as server:
        arm = f"prompt:m@{server.url}"
        deaf = "linear?names=no"
        first = study(deaf, "linear", arm).run()
        assert "unnamed_labels" in codes(first)
        before, linear = len(server.requests), ended_at("study", deaf)
        named = study(deaf, "linear", arm, label_names=names)
        assert planned_by_arm(named.plan()) == {deaf: 0, "linear": len(linear), arm: 1}
        (changed,) = [note.message for note in named.plan().notes if note.code == "question_changed"]
        assert f"{len(linear)} trials of linear and 1 of {arm} hung on has changed" in changed
        second = named.run()
        assert len(server.requests) == 2 * before
        assert ended_at("study", deaf) == linear, "it never saw the names"
        fresh = study(deaf, "linear", arm, out="fresh", label_names=names).run()
    assert score(first, "llm") < 0.6
    assert score(second, "llm") == score(fresh, "llm") == 1.0
    assert "unnamed_labels" not in codes(second) | codes(fresh)
    assert second.record.recommendation == fresh.record.recommendation
    assert report_again("study").record.arms == second.record.arms


def test_names_taken_away_again_cost_no_request(gold: dict[str, str], names: Path) -> None:
    with ScriptedServer(right_if_told(gold)) as server:
        arm = f"prompt:m@{server.url}"
        first = study("linear", arm).run()
        study("linear", arm, label_names=names).run()
        asked = len(server.requests)
        again = study("linear", arm).run()
        assert len(server.requests) == asked
    assert score(again, "llm") == score(first, "llm")
    assert report_again("study").record.arms == again.record.arms


def test_one_name_that_changes_asks_only_what_it_changes(gold: dict[str, str], names: Path) -> None:
    """With another name every prompt is another; the same name written again is the same."""
    with ScriptedServer(right_if_told(gold)) as server:
        arm = f"prompt:m@{server.url}"
        study("linear", arm, label_names=names).run()
        asked = len(server.requests)
        names.write_text(names.read_text() + "\n")
        assert study("linear", arm, label_names=names).plan().trials == ()
        names.write_text(names.read_text().replace("shipping", "delivery"))
        study("linear", arm, label_names=names).run()
        assert len(server.requests) == 2 * asked


def test_a_description_is_part_of_the_question(gold: dict[str, str]) -> None:
    told = f"Sort by desk: {', '.join(NAMES.values())}."
    with ScriptedServer(
        lambda asked: gold_of(asked, gold) if "Sort by desk" in json.dumps(asked.body) else "0"
    ) as server:
        arm = f"prompt:m@{server.url}"
        first = study("linear", arm).run()
        before, linear = len(server.requests), ended_at("study", "linear")
        second = study("linear", arm, description=told).run()
        assert len(server.requests) == 2 * before
        assert ended_at("study", "linear") == linear
    assert score(first, "llm") < 0.6
    assert score(second, "llm") == 1.0


def gold_of(asked: Asked, gold: dict[str, str]) -> str:
    return planted(gold, 1.0)(asked)


def test_what_no_answer_hangs_on_runs_nothing_again(gold: dict[str, str]) -> None:
    with ScriptedServer(planted(gold, 0.9)) as server:
        arm = f"prompt:m@{server.url}"
        study("linear", arm).run()
        asked = len(server.requests)
        for settings in ({"prices": ("m=1,2",)}, {"usd_per_hour": 2.0}, {"mirror": False}, {"budget_minutes": 30.0}):
            other = Study(
                Task.from_csv("rows.csv", eval_rows=EVALUATION_ROWS, metric="macro_f1", margin=0.05),
                ("linear", arm),
                out="study",
                label_counts=(8, 32),
                seeds=3,
                **settings,
            )
            assert other.plan().trials == (), settings
        assert len(server.requests) == asked


# Recipes and weights ---------------------------------------------------------------------------------------------


def test_another_recipe_of_a_trained_arm_trains_it_again(gold: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(planted(gold, 0.9)) as server:
        arm = f"prompt:m@{server.url}"
        study("linear", arm).run()
        asked = len(server.requests)
        monkeypatch.setattr(LinearFamily, "recipe_version", LinearFamily.recipe_version + 1)
        again = study("linear", arm)
        assert planned_by_arm(again.plan()) == {"linear": 6, arm: 0}
        again.run()
        assert len(server.requests) == asked
        assert study("linear", arm).plan().trials == ()


def test_another_way_to_ask_reads_the_same_answers_from_the_journal(
    gold: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(planted(gold, 0.9)) as server:
        arm = f"prompt:m@{server.url}"
        study("linear", arm).run()
        asked = len(server.requests)
        monkeypatch.setattr(PromptFamily, "recipe_version", PromptFamily.recipe_version + 1)
        assert planned_by_arm(study("linear", arm).plan()) == {"linear": 0, arm: 1}
        study("linear", arm).run()
        assert len(server.requests) == asked


def test_an_encoder_that_changed_under_its_name_is_another_one(
    gold: dict[str, str], store: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(store.locate("minilm-int8"), folder)
    arm = f"head:{folder}"
    study("linear", arm).run()
    assert study("linear", arm).plan().trials == ()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "changed": True}))
    assert planned_by_arm(study("linear", arm).plan()) == {"linear": 0, arm: 6}


def test_answers_made_elsewhere_hang_on_their_file(gold: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in gold.items()))
    arm = f"predictions:{file}?side=llm"
    first = study("linear", arm).run()
    file.write_text("text,label\n" + "".join(f"{text},0\n" for text in gold))
    second = study("linear", arm).run()
    assert score(first, "llm") == 1.0
    assert score(second, "llm") < 0.6


# Reading ---------------------------------------------------------------------------------------------------------


def test_a_report_under_other_names_than_were_shown_is_refused(gold: dict[str, str], names: Path) -> None:
    with ScriptedServer(right_if_told(gold)) as server:
        study("linear", f"prompt:m@{server.url}", label_names=names).run()
    names.write_text(names.read_text().replace("billing", "money"))
    with pytest.raises(
        InputError, match=r"names\.csv: the names of the labels have changed since the study.*old names"
    ):
        report_again("study")


def test_trials_say_what_was_random_in_them(gold: dict[str, str]) -> None:
    """Samples of a pool differ from seed to seed; a sample that is the whole pool does not."""
    Study(Task.from_csv("rows.csv", eval_rows=EVALUATION_ROWS), ("linear",), out="study", seeds=3).run()
    with Ledger(Path("study"), writable=False) as ledger:
        by_level: dict[int, list[str | None]] = {}
        for result in ledger.trials().values():
            by_level.setdefault(result.plan.level, []).append(result.draw)
    assert all(None not in draws for draws in by_level.values())
    assert all(len(set(draws)) == len(draws) for draws in by_level.values())
    assert len(by_level[max(by_level)]) == 1, "the whole pool is run once"


def test_a_local_llm_that_changed_at_its_path_is_another_one(gold: dict[str, str], store: Any, tmp_path: Path) -> None:
    """The trial would run again, and the journal has nothing of this model's; no model is started to know it."""
    file = tmp_path / "m.gguf"
    shutil.copyfile(store.locate("smollm2-135m"), file)
    llm = study("linear", f"prompt:{file}")

    def keys() -> dict[str, str]:
        return {trial.plan.arm: trial.key for trial in llm.plan().trials if trial.plan.seed == 0}

    before = keys()
    assert keys() == before
    with file.open("r+b") as weights:
        weights.seek(-1, 2)
        last = weights.read(1)
        weights.seek(-1, 2)
        weights.write(bytes([last[0] ^ 1]))
    after = keys()
    assert after["linear"] == before["linear"]
    assert after[f"prompt:{file}"] != before[f"prompt:{file}"]


def test_a_model_that_is_fetched_in_a_run_is_not_another_one_in_the_next(
    gold: dict[str, str], store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its digest is not known when the study is planned; its trials are kept under the name that they have from then
    on."""
    source = store.locate("minilm-int8")
    names = ("config.json", "tokenizer.json", "1_Pooling/config.json")
    files = {"onnx/model.onnx": (source / "model.onnx").read_bytes()} | {n: (source / n).read_bytes() for n in names}
    monkeypatch.setenv("TUNINGFORK_CACHE", str(tmp_path / "own"))
    monkeypatch.setenv("TUNINGFORK_MIRROR", "0")
    arm = "head:hf:someone/small"
    with running(HubServer({"someone/small": files})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        assert planned_by_arm(study("linear", arm).plan()) == {"linear": 6, arm: 6}
        assert hub.requests == []
        verdict = study("linear", arm).run()
    assert [row.status for row in verdict.record.arms] == ["done", "done"]
    assert study("linear", arm).plan().trials == ()
    assert len(ended_at("study", arm)) == 6
    assert report_again("study").record.arms == verdict.record.arms
