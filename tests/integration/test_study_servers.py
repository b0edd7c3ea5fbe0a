"""Studies on servers of every habit give the verdicts they must."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from llm_servers import Rule, ScriptedServer, in_prose, planted, refuses
from study_runs import Rows, exchanges, films, own_cache, write_csv
from tuningfork.api import Study, Task, Verdict
from tuningfork.arms.results import NO_LABEL
from tuningfork.models.llm.gguf_format import fastest_format
from tuningfork.models.llm.server_process import KEY_VARIABLE
from tuningfork.models.store import ModelStore
from tuningfork.study.ledger import Ledger

RunStudy = Callable[..., Verdict]


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return films(shared_data, tmp_path_factory.mktemp("films"), evaluation=120)


@pytest.fixture
def run(rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStudy:
    """Runs a study of these arms in a folder of its own."""
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))

    def run_study(*arms: str, out: str = "study", eval_rows: int = 120, seeds: int = 3) -> Verdict:
        task = Task.from_csv(rows.pool, test=rows.test, eval_rows=eval_rows)
        return Study(task, arms, out=tmp_path / out, label_counts=(8, 32), seeds=seeds).run()

    return run_study


def strong_file(rows: Rows, folder: Path, wrong: int) -> str:
    """A fine-tuned arm made elsewhere, wrong on the first few evaluation rows."""
    other = {"positive": "negative", "negative": "positive"}
    answers = [
        {"text": text, "prediction": other[label] if place < wrong else label}
        for place, (text, label) in enumerate(rows.evaluation.items())
    ]
    return f"predictions:{write_csv(folder / 'strong.csv', answers)}?side=fine-tuned"


def warning_codes(verdict: Verdict) -> set[str]:
    return {warning.code for warning in verdict.record.warnings}


def test_an_llm_that_is_right_on_95_percent_wins_over_a_weak_arm(run: RunStudy, rows: Rows) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.95)) as server:
        verdict = run("linear", f"prompt:m@{server.url}")
    record = verdict.record
    assert (record.recommendation, record.call) == ("prompt", "better")
    assert record.chosen_arm == f"prompt:m@{server.url}"
    (llm,) = [arm for arm in record.arms if arm.side == "llm"]
    assert llm.score == pytest.approx(0.95)
    assert record.comparison is not None
    assert record.comparison.ci95[1] < 0


def test_an_llm_that_is_right_on_55_percent_loses_to_a_strong_fine_tuned_arm(
    run: RunStudy, rows: Rows, tmp_path: Path
) -> None:
    strong = strong_file(rows, tmp_path, wrong=10)
    with ScriptedServer(planted(rows.evaluation, 0.55)) as server:
        record = run(strong, f"prompt:m@{server.url}").record
    assert (record.recommendation, record.call, record.chosen_arm) == ("fine-tune", "better", strong)
    assert record.comparison is not None
    assert record.comparison.difference == pytest.approx(110 / 120 - 0.55)


@pytest.mark.parametrize("parameter", ["temperature", "max_tokens", "logprobs", "response_format"])
def test_a_refused_parameter_changes_nothing_but_itself(run: RunStudy, rows: Rows, parameter: str) -> None:
    """It is refused once, left out from then on, and the verdict is that of a server which takes everything."""
    with ScriptedServer(planted(rows.evaluation, 0.95), refuses(parameter)) as server:
        verdict = run("linear", f"prompt:m@{server.url}", eval_rows=60)
        refused = [request for request in server.requests if parameter in request.body]
    assert verdict.recommendation == "prompt"
    assert len(refused) == 1
    (llm,) = [arm for arm in verdict.record.arms if arm.side == "llm"]
    assert llm.invalid == 0
    assert llm.score is not None and llm.score > 0.85
    assert (llm.ece is None) == (parameter == "logprobs")
    assert (llm.changed_on_repeat is not None) == (parameter == "temperature")
    assert all(parameter not in request for request, _ in exchanges(verdict.folder))


@pytest.mark.parametrize("habits", [(), (refuses("response_format"),)], ids=["ignores", "refuses"])
def test_long_prose_is_never_turned_into_a_label(run: RunStudy, rows: Rows, habits: tuple[Rule, ...]) -> None:
    """A server that keeps no constraint and tells stories: no labels, counted and shown, and nobody wins over them."""
    with ScriptedServer(in_prose(planted(rows.evaluation, 0.95)), *habits, obedient=False) as server:
        verdict = run("linear", f"prompt:m@{server.url}", eval_rows=60)
    (llm,) = [arm for arm in verdict.record.arms if arm.side == "llm"]
    assert (llm.score, llm.invalid) == (0, 1)
    assert verdict.recommendation == "undecided"
    assert llm.not_read is not None and llm.not_read.mostly
    assert "prose that does not come down to one label" in llm.not_read.cause
    assert "difficult one" in dict(llm.details)["an answer that is no label"]
    with Ledger(verdict.folder, writable=False) as ledger:
        answers = [r.evaluation for r in ledger.trials().values() if r.side == "llm" and r.evaluation is not None]
    assert {int(label) for answer in answers for label in answer.labels} == {NO_LABEL}


def test_a_short_sentence_that_names_one_label_is_an_answer(run: RunStudy, rows: Rows) -> None:
    brief = in_prose(planted(rows.evaluation, 0.95), "The label is **{}**.")
    with ScriptedServer(brief, refuses("response_format"), obedient=False) as server:
        verdict = run("linear", f"prompt:m@{server.url}")
    (llm,) = [arm for arm in verdict.record.arms if arm.side == "llm"]
    assert (llm.score, llm.invalid) == (pytest.approx(0.95), 0)
    assert verdict.recommendation == "prompt"


def test_a_server_that_is_not_there_fails_its_arm_and_the_verdict_says_so(run: RunStudy) -> None:
    verdict = run("linear", "prompt:m@http://127.0.0.1:9/v1", eval_rows=60)
    (llm,) = [arm for arm in verdict.record.arms if arm.side == "llm"]
    assert llm.status == "failed"
    assert llm.failure is not None and "running" in llm.failure
    assert verdict.recommendation == "undecided"
    assert "one_side_only" in warning_codes(verdict)
    assert verdict.record.if_you_must_choose is not None
    assert verdict.record.if_you_must_choose.arm == "linear"


def test_a_failed_arm_is_tried_again_by_the_next_run(run: RunStudy, rows: Rows) -> None:
    """One study, whose server comes back."""
    outage = [True]

    def down(asked: object) -> object:
        from llm_servers import error

        return error(401, "the key has run out") if outage[0] else None

    with ScriptedServer(planted(rows.evaluation, 0.95), down) as server:  # type: ignore[arg-type]
        arm = f"prompt:m@{server.url}"
        first = run("linear", arm, eval_rows=60)
        outage[0] = False
        second = run("linear", arm, eval_rows=60)
    assert {a.arm: a.status for a in first.record.arms} == {"linear": "done", arm: "failed"}
    assert {a.arm: a.status for a in second.record.arms} == {"linear": "done", arm: "done"}
    assert second.recommendation == "prompt"


@contextmanager
def own_llama_server(key: str) -> Iterator[str]:
    """The stand-alone llama.cpp server with the small starter model and a key; gives its address."""
    store = ModelStore()
    gguf = fastest_format(store.locate("smollm2-135m", "llm"), store.cache).path
    command = [
        sys.executable,
        "-m",
        "tuningfork.models.llm.server_process",
        str(gguf),
        "--context-tokens",
        "1024",
        "--threads",
        "1",
    ]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, env={**os.environ, KEY_VARIABLE: key}, stdin=subprocess.DEVNULL, stdout=pipe, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()


@pytest.mark.slow
def test_a_second_real_server_with_a_key_gives_the_verdict_of_the_built_in_one(
    run: RunStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILM_SERVER_KEY", "key-of-ours")
    built_in = run("linear", "prompt:smollm2-135m", out="built-in", eval_rows=50)
    with own_llama_server("key-of-ours") as url:
        arm = f"prompt:smollm2-135m@{url}?key_env=FILM_SERVER_KEY&server=llama.cpp"
        other = run("linear", arm, out="other", eval_rows=50)
        monkeypatch.setenv("FILM_SERVER_KEY", "another-key")
        locked_out = run("linear", arm, out="locked-out", eval_rows=50)

    assert (built_in.recommendation, built_in.record.call) == (other.recommendation, other.record.call)
    ours, theirs = answers_by_prompt(built_in.folder), answers_by_prompt(other.folder)
    assert len(ours) == len(theirs) == 50 + 2 * 40 + 20
    # A foreign server keeps whatever prompt came before, which moves probabilities in the third decimal: an answer that
    # hung in the balance may be another one, and then the label that is planted in its row is, too.
    shared = ours.keys() & theirs.keys()
    assert len(shared) >= len(ours) - 4
    assert sum(ours[prompt] == theirs[prompt] for prompt in shared) >= 0.96 * len(shared)

    assert b"key-of-ours" not in b"".join(path.read_bytes() for path in other.folder.iterdir() if path.is_file())
    (refused,) = [row for row in locked_out.record.arms if row.side == "llm"]
    assert refused.status == "failed"
    assert refused.failure is not None and "FILM_SERVER_KEY" in refused.failure
    assert "another-key" not in refused.failure


def answers_by_prompt(study: Path) -> dict[str, str]:
    """What the model said, by the messages it was sent."""
    return {
        json.dumps(request["messages"]): response["choices"][0]["message"]["content"]
        for request, response in exchanges(study)
    }
