"""The public objects on real rows: tasks, studies, verdicts; and studies of every kind of rows."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tuningfork as tf
from llm_servers import Asked, ScriptedServer, planted
from study_runs import Rows, films, own_cache, read_csv, verdict_of, without_timings, write_csv
from tuningfork.api import report_again
from tuningfork.errors import InputError, UnknownName
from tuningfork.study.ledger import Ledger
from tuningfork.verdict.verdict_json import VerdictRecord

SMALL: dict[str, Any] = {"label_counts": (8, 32), "seeds": 3}


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return films(shared_data, tmp_path_factory.mktemp("films"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    monkeypatch.chdir(tmp_path)


def answers_file(rows: Rows, path: Path, *, wrong: int) -> Path:
    """Answers made elsewhere, wrong on that many of the evaluation rows."""
    other = {"positive": "negative", "negative": "positive"}
    gold = rows.evaluation.items()
    return write_csv(path, [{"text": t, "label": other[y] if i < wrong else y} for i, (t, y) in enumerate(gold)])


# Tasks ----------------------------------------------------------------------------------------------------------


def test_a_task_from_a_file_from_rows_and_from_yaml_is_the_same_task(rows: Rows, tmp_path: Path) -> None:
    table = read_csv(rows.pool)
    from_file = tf.Task.from_csv(rows.pool, text="text", label="label", eval_rows=50).prepare()
    from_rows = tf.Task.from_rows([r["text"] for r in table], [r["label"] for r in table], eval_rows=50).prepare()
    file = tmp_path / "task.yaml"
    file.write_text(f"data: {rows.pool}\neval_rows: 50\n")
    from_yaml = tf.Task.from_yaml(file).prepare()
    for data in (from_rows, from_yaml):
        assert data.evaluation.texts == from_file.evaluation.texts
        assert data.pool.texts == from_file.pool.texts
    assert from_yaml.fingerprint == from_file.fingerprint


def test_options_are_checked_by_name_and_value(rows: Rows) -> None:
    task = tf.Task.from_csv(rows.pool)
    assert task.with_options(margin=0.05).spec.margin == 0.05
    assert task.spec.margin is None, "the metric's own"
    with pytest.raises(UnknownName, match="did you mean 'margin'"):
        task.with_options(margn=0.05)
    with pytest.raises(InputError, match="margin=7"):
        task.with_options(margin=7)
    with pytest.raises(UnknownName, match="seeds"):
        tf.Study(task, ["linear"], seed=3)
    with pytest.raises(InputError, match="2 texts and 1 labels"):
        tf.Task.from_rows(["a", "b"], ["x"])


# Studies --------------------------------------------------------------------------------------------------------


def test_the_three_lines_of_the_readme(rows: Rows) -> None:
    task = tf.Task.from_csv(rows.pool, text="text", label="label", test=rows.test)
    verdict = tf.Study(task, arms=["linear", "head:wordllama"], **SMALL).run()
    assert verdict.folder == Path("studies") / "pool"
    assert verdict.recommendation == "undecided"
    assert verdict.chosen_arm is None
    assert verdict.reason.startswith("Undecided")
    assert verdict.report.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert verdict.to_dict() == verdict_of(verdict.folder)
    assert verdict.reason.split(". ")[0][:30] in str(verdict)
    assert tf.load(verdict.folder).record == verdict.record
    with pytest.raises(InputError, match="tuningfork run"):
        tf.load("nowhere")


def test_run_twice_is_run_once(rows: Rows) -> None:
    said: list[str] = []

    class Listener:
        def announce(self, message: str) -> None:
            said.append(message)

        def position(self, position: object) -> None: ...
        def trial_ended(self, result: object) -> None: ...
        def records(self, records: object) -> None: ...

    study = tf.Study(tf.Task.from_csv(rows.pool, test=rows.test), ["linear"], out="twice", **SMALL)
    first = study.run(Listener())
    assert said == []
    assert study.run(Listener()).record == first.record
    assert said == ["Nothing is left to run: all 6 trials have ended."]


def test_an_arm_that_joins_later_is_ranked_beside_those_that_were_there(rows: Rows) -> None:
    """Alone on its side an arm predicts no validation row; with a rival it must."""
    task = tf.Task.from_csv(rows.pool, test=rows.test)
    alone = tf.Study(task, ["linear"], out="grows", **SMALL).run()
    assert alone.record.labels_for_choice == 0
    both = tf.Study(task, ["linear", "head:wordllama"], out="grows", **SMALL).run()
    assert [arm.arm for arm in both.record.arms] == ["linear", "head:wordllama"]
    assert all(arm.validation_score is not None for arm in both.record.arms)
    assert both.record.labels_for_choice == 40
    assert both.record.arms[0].score == alone.record.arms[0].score
    one = tf.Study(task, ["linear"], out="grows", **SMALL).run()
    assert [arm.arm for arm in one.record.arms] == ["linear"]


def test_a_prompt_that_gets_a_rival_asks_only_what_it_has_not_asked(rows: Rows) -> None:
    task = tf.Task.from_csv(rows.pool, test=rows.test)
    with ScriptedServer(planted(rows.gold, 0.9)) as server:
        zero, shots = f"prompt:m@{server.url}", f"prompt:m@{server.url}?shots=2&wording=1"
        tf.Study(task, [zero], out="rivals", **SMALL).run()
        assert len(server.requests) == 60 + 80 + 20
        both = tf.Study(task, [zero, shots], out="rivals", **SMALL).run()
        bodies = [json.dumps(request.body, sort_keys=True) for request in server.requests]
    assert len(bodies) == len(set(bodies))
    assert all(arm.validation_score is not None for arm in both.record.arms)


def test_more_counts_and_seeds_join_what_is_there(rows: Rows) -> None:
    task = tf.Task.from_csv(rows.pool, test=rows.test)
    tf.Study(task, ["linear"], out="more", label_counts=(8,), seeds=3).run()
    more = tf.Study(task, ["linear"], out="more", label_counts=(8, 64), seeds=4).run()
    assert {(p.n_labels, p.seed) for p in more.record.curve} == {(n, s) for n in (8, 64) for s in range(4)}
    assert more.record.arms[0].n_labels == 64


def test_a_machine_that_has_become_slower_changes_nothing_that_is_finished(rows: Rows, tmp_path: Path) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95)) as server:
        arms = ["linear", f"prompt:m@{server.url}?shots=2"]
        study = tf.Study(tf.Task.from_csv(rows.pool, test=rows.test), arms, out="slower", budget_minutes=5, **SMALL)
        first, asked = study.run(), len(server.requests)
        speeds = {"fit": 1000.0, "row": 1000.0}
        (tmp_path / "cache" / "rates.json").write_text(json.dumps({"linear:": speeds, "prompt:m": speeds}))
        assert study.run().record == first.record
        (tmp_path / "cache" / "rates.json").unlink()
        assert study.run().record == first.record
        assert len(server.requests) == asked


def test_the_same_study_gives_the_same_predictions(rows: Rows) -> None:
    task = tf.Task.from_csv(rows.pool, test=rows.test)
    arms = ["linear", "head:wordllama"]
    verdicts = [tf.Study(task, arms, out=name, **SMALL).run() for name in ("one", "two")]
    found = []
    for verdict in verdicts:
        with Ledger(verdict.folder, writable=False) as ledger:
            found.append({key: trial.evaluation for key, trial in ledger.trials().items()})
    assert found[0].keys() == found[1].keys()
    for key, prediction in found[0].items():
        again = found[1][key]
        assert prediction is not None and again is not None
        assert prediction.probabilities is not None and again.probabilities is not None
        assert np.array_equal(prediction.labels, again.labels)
        assert np.array_equal(prediction.probabilities, again.probabilities)
    scores = [[(a.arm, a.score, a.ci95, a.ece) for a in verdict.record.arms] for verdict in verdicts]
    assert scores[0] == scores[1]


def test_a_study_of_rows_in_memory_keeps_them(rows: Rows) -> None:
    table = read_csv(rows.pool)
    odd = ["a text\nof two lines", "with \u2028 and \x85 in it", '"quoted", and so on', "  blanks around  "]
    texts, labels = [r["text"] for r in table] + odd, [r["label"] for r in table] + [None, *["positive"] * 3]
    task = tf.Task.from_rows(texts, labels, name="in memory", eval_rows=60)
    verdict = tf.Study(task, ["linear"], out="memory", **SMALL).run()
    assert verdict.record.task == "in memory"
    html = verdict.report.read_text(encoding="utf-8")
    assert report_again("memory").record == verdict.record
    assert verdict.report.read_text(encoding="utf-8") == html
    again = tf.Study(tf.Task.from_yaml("memory/task.yaml"), ["linear"], out="again", **SMALL).run()
    assert [a.score for a in again.record.arms] == [a.score for a in verdict.record.arms]


def test_a_report_on_rows_that_have_changed_is_refused(rows: Rows, tmp_path: Path) -> None:
    pool = write_csv(tmp_path / "mine.csv", read_csv(rows.pool))
    verdict = tf.Study(tf.Task.from_csv(pool, test=rows.test), ["linear"], out="changed", **SMALL).run()
    write_csv(pool, read_csv(rows.pool)[:-20])
    with pytest.raises(InputError, match=r"mine\.csv: .*changed"):
        report_again("changed")
    pool.unlink()
    with pytest.raises(InputError, match=r"mine\.csv"):
        report_again("changed")
    assert tf.load("changed").record == verdict.record


def test_bad_rows_leave_no_folder_behind(tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("text,label\na,x\nb,x\nc,x\n")
    with pytest.raises(InputError, match="only one class"):
        tf.Study(tf.Task.from_csv("one.csv"), ["linear"], out="bad").run()
    assert not (tmp_path / "bad").exists()


# While it runs --------------------------------------------------------------------------------------------------


def test_a_provisional_verdict_with_both_sides_comes_early(rows: Rows) -> None:
    """Within 30 seconds, long before a slow LLM is through: it is slow for 25 rows, and then rests until then."""
    given: list[tuple[int, VerdictRecord]] = []
    came = threading.Event()

    def waits_for_it(asked: Asked) -> None:
        if asked.number < 25:
            time.sleep(0.6)
        else:
            came.wait(30)

    def note(record: VerdictRecord) -> None:
        given.append((len(server.requests), record))
        if record.provisional and record.comparison is not None:
            came.set()

    with ScriptedServer(planted(rows.evaluation, 0.95), waits_for_it) as server:
        study = tf.Study(
            tf.Task.from_csv(rows.pool, test=rows.test), ["linear", f"prompt:m@{server.url}"], out="early", **SMALL
        )
        last = study.run(on_verdict=note)
    early = [(asked, record) for asked, record in given if record.provisional and record.comparison is not None]
    assert came.is_set()
    assert early[0][0] < given[-1][0] / 3
    comparison = early[0][1].comparison
    assert comparison is not None and 25 <= comparison.n_shared < 60
    assert given[-1][1] == last.record
    assert not last.record.provisional


def test_a_study_runs_in_a_thread_and_inside_an_event_loop(rows: Rows) -> None:
    """Notebooks and services do both."""
    import asyncio

    found: list[str] = []

    def run() -> None:
        async def inside() -> None:
            with ScriptedServer(planted(rows.evaluation, 0.95)) as server:
                study = tf.Study(
                    tf.Task.from_csv(rows.pool, test=rows.test),
                    ["linear", f"prompt:m@{server.url}"],
                    out="loop",
                    **SMALL,
                )
                found.append(study.run().recommendation)

        asyncio.run(inside())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert found == ["prompt"]


# Rows of every kind ---------------------------------------------------------------------------------------------


def duel(rows: Rows, llm_wrong: int, fine_tuned_wrong: int, **options: Any) -> tf.Verdict:
    """A study of two files of answers."""
    llm = answers_file(rows, Path("llm.csv").absolute(), wrong=llm_wrong)
    tuned = answers_file(rows, Path("tuned.csv").absolute(), wrong=fine_tuned_wrong)
    arms = [f"predictions:{llm}?side=llm", f"predictions:{tuned}?side=fine-tuned"]
    return tf.Study(tf.Task.from_csv(rows.pool, test=rows.test, **options), arms, out="duel").run()


def test_answers_made_elsewhere_are_judged_as_the_comparison_judges_them(rows: Rows) -> None:
    verdict = duel(rows, 30, 5)
    gold = list(rows.evaluation.values())
    llm, tuned = ([row["label"] for row in read_csv(Path(name))] for name in ("llm.csv", "tuned.csv"))
    same = tf.compare(gold, llm, tuned)
    row = verdict.record.comparison
    assert row is not None
    assert (verdict.recommendation, verdict.record.call) == ("fine-tune", "better")
    assert (row.difference, row.ci95, row.p_value) == (
        pytest.approx(same.difference),
        pytest.approx(same.ci95),
        pytest.approx(same.p_value),
    )
    assert all(arm.n_labels is None for arm in verdict.record.arms)


def test_new_answers_in_the_same_file_are_new_answers(rows: Rows) -> None:
    assert duel(rows, 30, 5).recommendation == "fine-tune"
    changed = duel(rows, 5, 30)
    assert changed.recommendation == "prompt"
    assert [arm.score for arm in changed.record.arms] == [pytest.approx(55 / 60), pytest.approx(0.5)]
    assert [arm.seeds for arm in changed.record.arms] == [1, 1]
    assert report_again("duel").record == changed.record


def test_macro_f1_decides_where_it_is_asked_for(rows: Rows) -> None:
    from sklearn.metrics import f1_score

    verdict = duel(rows, 30, 5, metric="macro_f1")
    gold = list(rows.evaluation.values())
    for arm, name in zip(verdict.record.arms, ("llm.csv", "tuned.csv"), strict=True):
        expected = f1_score(gold, [row["label"] for row in read_csv(Path(name))], average="macro")
        assert arm.score == arm.macro_f1 == pytest.approx(expected)
        assert arm.accuracy != arm.score
    assert verdict.record.metric == "macro_f1"
    assert verdict.recommendation == "fine-tune"


def test_groups_stay_together_and_make_intervals_wider(rows: Rows, tmp_path: Path) -> None:
    """Rows of one group answered alike are fewer pieces of evidence than rows."""
    alone = duel(rows, 20, 10).record.comparison

    def grouped(name: str, path: Path) -> Path:
        table = read_csv(path)
        return write_csv(tmp_path / f"{name}.csv", [{**row, "film": f"{name}{i // 10}"} for i, row in enumerate(table)])

    whole = replace(rows, pool=grouped("pools", rows.pool), test=grouped("tests", rows.test))
    Path("duel").rename("alone")
    row = duel(whole, 20, 10, group="film").record.comparison
    assert alone is not None and row is not None
    assert row.difference == pytest.approx(alone.difference)
    assert row.ci95[1] - row.ci95[0] > alone.ci95[1] - alone.ci95[0]
    data = tf.Task.from_csv(whole.pool, group="film").prepare()
    roles = [set(part.groups or ()) for part in (data.pool, data.validation, data.evaluation)]
    assert all(roles)
    assert sum(map(len, roles)) == len(set.union(*roles))


def test_shifted_rows_are_scored_beside_the_others(rows: Rows, tmp_path: Path, shared_data: Path) -> None:
    shifted = write_csv(tmp_path / "shifted.csv", read_csv(shared_data / "sst2" / "validation.csv")[:40])
    task = tf.Task.from_csv(rows.pool, test=rows.test, shifted=shifted)
    verdict = tf.Study(task, ["linear"], out="shifted", **SMALL).run()
    (linear,) = verdict.record.arms
    assert linear.shifted_score is not None
    assert 0 < linear.shifted_score < 1
    with Ledger(verdict.folder, writable=False) as ledger:
        by_level = {t.plan.level: t.shifted for t in ledger.trials().values()}
    assert by_level[max(by_level)] is not None
    assert {None if shifted is None else len(shifted) for shifted in by_level.values()} == {None, 40}, (
        "only where the arm is compared"
    )


def test_validation_rows_rank_and_are_predicted_only_where_a_side_has_two_arms(
    rows: Rows, tmp_path: Path, shared_data: Path
) -> None:
    validation = write_csv(tmp_path / "validation.csv", read_csv(shared_data / "sst2" / "validation.csv")[:50])
    task = tf.Task.from_csv(rows.pool, test=rows.test, validation=validation)
    llm = f"predictions:{answers_file(rows, tmp_path / 'llm.csv', wrong=5)}?side=llm"
    verdict = tf.Study(task, ["linear", "head:wordllama", llm], out="ranked", **SMALL).run()
    assert verdict.record.labels_for_choice == 50
    ranks = {arm.arm: arm.validation_score for arm in verdict.record.arms}
    assert ranks.pop(llm) is None
    assert all(score is not None for score in ranks.values())
    comparison = verdict.record.comparison
    assert comparison is not None
    assert comparison.fine_tuned_arm == max(ranks, key=lambda arm: ranks[arm] or 0.0)
    with Ledger(verdict.folder, writable=False) as ledger:
        assert {t.plan.arm for t in ledger.trials().values() if t.validation is not None} == {
            "linear",
            "head:wordllama",
        }


def test_a_verdict_without_timings_is_a_pure_function_of_the_ledger(rows: Rows) -> None:
    verdict = tf.Study(tf.Task.from_csv(rows.pool, test=rows.test), ["linear"], out="pure", **SMALL).run()
    again = report_again("pure")
    assert without_timings(json.loads(json.dumps(again.to_dict()))) == without_timings(verdict.to_dict())
