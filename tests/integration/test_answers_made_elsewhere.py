"""Files of answers as arms of a study: what they tell beside the answers, and rows that they do not answer."""

from __future__ import annotations

import csv
import json
import random
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from study_runs import own_cache
from tuningfork.api import Study, Task, Verdict, report_again
from tuningfork.cli.app import run_app
from tuningfork.errors import InputError
from tuningfork.task.schema import Note

LABELS = ("refund", "delivery", "account")
WORDS = {"refund": "money back", "delivery": "parcel late", "account": "login locked"}
POOL, TEST = 90, 60


def rows(count: int, seed: int) -> list[dict[str, str]]:
    draw = random.Random(seed)
    labels = [draw.choice(LABELS) for _ in range(count)]
    return [
        {"text": f"{WORDS[label]} {draw.randrange(10**6)} in {seed}", "label": label, "id": f"{seed}-{row}"}
        for row, label in enumerate(labels)
    ]


def write(name: str, table: list[dict[str, Any]]) -> str:
    with Path(name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    return name


def answers(table: list[dict[str, str]], accuracy: float, seed: int, **extras: Any) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [
        {
            "id": row["id"],
            "prediction": row["label"]
            if draw.random() < accuracy
            else "account"
            if row["label"] != "account"
            else "refund",
            **{name: value() if callable(value) else value for name, value in extras.items()},
        }
        for row in table
    ]


TRAIN, SCORED, SHIFTED = rows(POOL, 1), rows(TEST, 2), rows(20, 3)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)
    write("train.csv", TRAIN)
    write("test.csv", SCORED)
    write("shifted.csv", SHIFTED)


def study(*arms: str, out: str = "out", **options: Any) -> Study:
    task = Task.from_file("train.csv", test="test.csv", **options)
    return Study(task, ["linear", *arms], out=out, label_counts=(16,), seeds=1)


def row_of(verdict: Verdict, arm: str) -> Any:
    return next(row for row in verdict.record.arms if row.arm == arm)


def codes(notes: tuple[Note, ...]) -> list[str]:
    return [note.code for note in notes]


def test_what_a_file_tells_beside_its_answers_is_used() -> None:
    """Every figure by hand: 200 ms a row or 400, 0.0002 dollars, a probability of 0.8 for the answer."""
    draw = random.Random(9)
    told = answers(
        SCORED,
        0.9,
        4,
        probability=0.8,
        usd=0.0002,
        latency_ms=lambda: draw.choice((200, 400)),
        prompt_tokens=100,
        completion_tokens=5,
    )
    arm = f"predictions:{write('llm.csv', told)}?side=llm"
    plan = study(arm).plan()
    (read,) = plan.read
    assert (read.columns["seconds"], read.columns["usd"]) == ("latency_ms", "usd")
    assert (read.columns["probability"], read.columns["answer"]) == ("probability", "prediction")
    verdict = study(arm).run()
    row, seconds = row_of(verdict, arm), [row["latency_ms"] for row in told]
    right = np.array([t["prediction"] == g["label"] for t, g in zip(told, SCORED, strict=True)])
    assert row.usd_per_1k == pytest.approx(0.2)
    assert row.ms_per_row == pytest.approx(np.mean(seconds))
    assert (row.latency_ms_p50, row.latency_ms_p95) == pytest.approx(tuple(np.percentile(seconds, [50, 95])))
    assert row.ece == pytest.approx(abs(right.mean() - 0.8), abs=1e-6)
    assert row.seconds_train is None
    assert report_again("out").record == verdict.record
    raw = json.loads(Path("out/verdict.json").read_text())
    assert [one["usd_per_1k"] for one in raw["arms"] if one["arm"] == arm] == [pytest.approx(0.2)]


def test_a_probability_for_every_label_is_used() -> None:
    draw = np.random.default_rng(0)
    table = answers(SCORED, 1.0, 4)
    for row in table:
        shares = draw.dirichlet((1, 1, 1))
        row |= {f"p_{label}": f"{share:.6f}" for label, share in zip(LABELS, shares, strict=True)}
    arm = f"predictions:{write('llm.csv', table)}?side=llm"
    confidence = np.array([float(row[f"p_{row['prediction']}"]) for row in table])
    bins = np.clip(np.ceil(confidence * 15).astype(int) - 1, 0, 14)
    expected = np.abs(np.bincount(bins, weights=1 - confidence, minlength=15)).sum() / len(table)
    assert row_of(study(arm).run(), arm).ece == pytest.approx(expected, abs=1e-4)


def test_what_a_file_does_not_tell_is_unknown() -> None:
    """Looking answers up takes microseconds: that is no time of whoever gave them."""
    bare = f"predictions:{write('bare.csv', answers(SCORED, 0.9, 4))}?side=llm"
    part = answers(SCORED, 0.9, 4, seconds=0.2, score="high", cost=3)
    part[0]["seconds"] = ""
    odd = f"predictions:{write('odd.csv', part)}?side=llm"
    for arm in (bare, odd):
        row = row_of(study(arm, out=arm[12:16]).run(), arm)
        assert (row.usd_per_1k, row.ms_per_row, row.seconds_train, row.ece) == (None, None, None, None), arm
    assert row_of(study(odd, out="odd").run(), odd).latency_ms_p50 == pytest.approx(200), "of the rows that tell it"


def test_dollars_that_are_known_decide_which_side_is_cheaper() -> None:
    llm = f"predictions:{write('llm.csv', answers(SCORED, 0.9, 4, usd=0.001))}?side=llm"
    tuned = f"predictions:{write('tuned.csv', answers(SCORED, 0.9, 5, usd=0.0001))}?side=fine-tuned"
    task = Task.from_file("train.csv", test="test.csv", margin=0.3)
    verdict = Study(task, [llm, tuned], out="out").run()
    assert verdict.record.chosen_arm == tuned
    assert verdict.record.call == "same"


def test_two_files_that_answer_the_test_rows_only_are_run_and_that_is_said_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    a = f"predictions:{write('a.csv', answers(SCORED, 0.9, 4))}?side=llm"
    b = f"predictions:{write('b.csv', answers(SCORED, 0.7, 5))}?side=llm"
    arms = [word for arm in ("linear", a, b) for word in ("--arm", arm)]
    limits = ("--label-counts", "16", "--seeds", "1", "--out", "out")
    assert run_app(["plan", "train.csv", "--test", "test.csv", *arms, *limits, "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    (told,) = [note["message"] for note in plan["notes"] if note["code"] == "not_ranked_beforehand"]
    command = f"tuningfork run train.csv --test test.csv {shlex.join(arms)} --validation FILE"
    assert told.endswith(command)
    assert [read["matched"] for read in plan["read"][-2:]] == ["by id", "by id"]
    assert run_app(["run", "train.csv", "--test", "test.csv", *arms, *limits, "--yes", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)
    assert {row["arm"]: row["status"] for row in verdict["arms"]} == {"linear": "done", a: "done", b: "done"}
    assert "not_ranked" in {warning["code"] for warning in verdict["warnings"]}
    assert "best seen of 2 LLM arms" in verdict["reason"]


def test_files_that_answer_validation_rows_too_are_ranked() -> None:
    write("validation.csv", rows(40, 6))
    everything = SCORED + rows(40, 6)
    a = f"predictions:{write('a.csv', answers(everything, 0.6, 4))}?side=llm"
    b = f"predictions:{write('b.csv', answers(everything, 0.95, 5))}?side=llm"
    planned = study(a, b, validation="validation.csv")
    assert "not_ranked_beforehand" not in codes(planned.plan().notes)
    verdict = planned.run()
    assert row_of(verdict, b).validation_score > row_of(verdict, a).validation_score
    half = write("half.csv", answers(SCORED + rows(40, 6)[:20], 0.9, 4))
    partly = study(f"predictions:{half}?side=llm", b, validation="validation.csv", out="partly")
    assert "not_ranked_beforehand" in codes(partly.plan().notes), "rows left out are not chosen by the file"
    assert row_of(partly.run(), f"predictions:{half}?side=llm").validation_score is None


def test_shifted_rows_are_answered_all_or_not_at_all() -> None:
    both = f"predictions:{write('both.csv', answers(SCORED + SHIFTED, 0.9, 4))}?side=llm"
    some = f"predictions:{write('some.csv', answers(SCORED + SHIFTED[:5], 0.9, 4))}?side=llm"
    verdict = study(both, shifted="shifted.csv").run()
    assert row_of(verdict, both).shifted_score is not None
    planned = study(some, shifted="shifted.csv", out="some")
    assert "shifted_not_answered" in codes(planned.plan().notes)
    row = row_of(planned.run(), some)
    assert (row.status, row.shifted_score) == ("done", None)


def test_the_text_is_in_the_column_that_the_task_says() -> None:
    for name, table in (("train.csv", TRAIN), ("test.csv", SCORED)):
        write(name, [{"title": row["text"], "text": "see the title", "label": row["label"]} for row in table])
    titled = zip(SCORED, answers(SCORED, 0.9, 4), strict=True)
    told = [{"text": "see the title", "title": row["text"], "prediction": a["prediction"]} for row, a in titled]
    arm = f"predictions:{write('llm.csv', told)}?side=llm"
    planned = study(arm, text="title")
    assert planned.plan().read[0].columns == {"answer": "prediction", "text": "title"}
    assert row_of(planned.run(), arm).score == pytest.approx(0.9, abs=0.1)


def test_evaluation_rows_without_an_answer_are_told_before_anything_runs() -> None:
    write("llm.csv", answers(SCORED[:50], 0.9, 4))
    with pytest.raises(InputError, match=r"llm\.csv: no answer for row 2-\d+ \('.*'\), nor for 9 more of 60"):
        study("predictions:llm.csv?side=llm").run()
    assert not Path("out").exists()


def test_a_kept_column_of_right_labels_as_the_only_answer_is_told() -> None:
    write("llm.csv", [{"id": row["id"], "label": row["label"]} for row in SCORED])
    verdict = study("predictions:llm.csv?side=llm").run()
    assert verdict.record.warnings[0].code == "right_labels_kept"
    answered = answers(SCORED, 0.8, 4)
    pairs = zip(SCORED, answered, strict=True)
    beside = [{"id": row["id"], "label": row["label"], "gpt": answer["prediction"]} for row, answer in pairs]
    write("llm.csv", beside)
    with pytest.raises(InputError, match=r"'label' .* column 'gpt'.*\?side=llm&column=gpt'"):
        study("predictions:llm.csv?side=llm").plan()
    named = "predictions:llm.csv?side=llm&column=gpt"
    assert row_of(study(named, out="named").run(), named).score < 0.95


def test_what_was_read_rightly_before_keeps_its_key() -> None:
    """The digest that names a trial hangs on the file and the labels' names alone, unless it is read otherwise now."""
    from tuningfork.arms.family import FAMILIES
    from tuningfork.study.question import question_of

    def questions(name: str, table: list[dict[str, Any]]) -> tuple[str, str]:
        plan = study(f"predictions:{write(name, table)}?side=llm").plan()
        arm = plan.arms[-1]
        return arm.question, question_of(FAMILIES.get("predictions"), arm.spec, plan.setting)

    plain = answers(SCORED, 0.9, 4)
    invalid = [row | {"prediction": "dunno"} if place < 5 else row for place, row in enumerate(plain)]
    for name, table in (("plain.csv", plain), ("invalid.csv", invalid)):
        now, before = questions(name, table)
        assert now == before, name
    otherwise = {
        "capitals.csv": [row | {"prediction": row["prediction"].upper()} for row in plain],
        "seconds.csv": answers(SCORED, 0.9, 4, seconds=0.1),
        "column.csv": [{"id": row["id"], "pred": row["prediction"]} for row in plain],
    }
    for name, table in otherwise.items():
        now, before = questions(name, table)
        assert now != before, name


def test_what_was_said_in_full_shows_why_an_answer_is_no_label() -> None:
    """A pipeline that keeps what its model said beside what it took out of it."""
    told = answers(SCORED, 1.0, 4, raw=lambda: "Sure! Here is the label you asked for")
    for place, row in enumerate(told):
        if place % 3:
            row["prediction"], row["raw"] = "", f"I would need more context about ticket {place}"
    arm = f"predictions:{write('llm.csv', told)}?side=llm"
    asked = study(arm)
    assert asked.plan().read[0].columns["raw"] == "raw"
    record = asked.run().record
    row = next(row for row in record.arms if row.arm == arm)
    assert row.not_read is not None and row.not_read.answer == "I would need more context about ticket 1"
    assert record.recommendation == "undecided"
    assert "The first such answer: 'I would need more context about ticket 1'." in record.reason
