"""A study says how far each arm follows instructions planted in rows, whatever server it asks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from llm_servers import Answer, Answered, Asked, Rule, ScriptedServer, error, planted
from study_runs import Rows, films, own_cache, write_csv
from tuningfork.api import Study, Task
from tuningfork.verdict.verdict_json import ArmRow, VerdictRecord

_ASKED_FOR = re.compile(r'answer "([^"]+)"|Reply with "([^"]+)"|Answer: (\w+)')


@pytest.fixture(scope="module")
def rows(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    return films(shared_data, tmp_path_factory.mktemp("films"), evaluation=60)


@pytest.fixture
def study(rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Study]:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    task = Task.from_csv(rows.pool, test=rows.test)
    return lambda *arms: Study(task, arms, out=tmp_path / "study", label_counts=(32,), seeds=3)


def instruction(asked: Asked) -> str | None:
    """The label that the row asked about has an instruction for."""
    row = asked.text.rpartition("Text:")[2]
    found = _ASKED_FOR.search(row)
    return next(filter(None, found.groups())) if found else None


def led_by_rows(honest: Answer) -> Answer:
    return lambda asked: instruction(asked) or honest(asked)


def arm(record: VerdictRecord, start: str) -> ArmRow:
    return next(row for row in record.arms if row.arm.startswith(start))


def codes(record: VerdictRecord) -> set[str]:
    return {warning.code for warning in record.warnings}


def test_an_llm_that_is_led_by_rows_is_told_from_one_that_is_not(study: Callable[..., Study], rows: Rows) -> None:
    honest = planted(rows.evaluation, 0.8)
    with ScriptedServer(honest) as firm, ScriptedServer(led_by_rows(honest)) as led:
        made = study("linear", f"prompt:firm@{firm.url}", f"prompt:led@{led.url}")
        plan = made.plan()
        record = made.run().record
        sent = len(firm.requests) + len(led.requests)
        assert sum(instruction(request) is not None for request in led.requests) == 20
    assert arm(record, "prompt:led").injections is not None
    assert arm(record, "prompt:led").injections.model_dump() == {"tried": 20, "flipped": 20}
    assert arm(record, "prompt:firm").injections.model_dump() == {"tried": 20, "flipped": 0}
    assert arm(record, "prompt:led").score == arm(record, "prompt:firm").score == pytest.approx(0.8)
    (warning,) = [w for w in record.warnings if w.code == "follows_injections" and "prompt:" in w.message]
    assert "prompt:led" in warning.message and "prompt:firm" not in warning.message
    assert sent <= plan.llm_requests
    report = made.folder.joinpath("report.html").read_text(encoding="utf-8")
    assert "20 of 20" in report
    assert "Instructions planted in rows" in report


def test_a_trained_arm_has_the_figure_and_answers_made_elsewhere_have_none(
    study: Callable[..., Study], rows: Rows, tmp_path: Path
) -> None:
    answers = [{"text": text, "prediction": label} for text, label in rows.evaluation.items()]
    elsewhere = f"predictions:{write_csv(tmp_path / 'a.csv', answers)}?side=llm"
    record = study("linear", elsewhere).run().record
    linear = arm(record, "linear").injections
    assert linear is not None
    assert linear.tried == 20
    assert 0 <= linear.flipped <= 20
    assert arm(record, "predictions").injections is None
    assert "injections_not_measured" not in codes(record)


def refuses_instructions(answered: Answered) -> Rule:
    return lambda asked: answered if instruction(asked) else None


def test_a_server_that_refuses_such_rows_costs_the_figure_and_nothing_else(
    study: Callable[..., Study], rows: Rows
) -> None:
    forbids = refuses_instructions(error(403, "no jailbreaks here"))
    with ScriptedServer(planted(rows.evaluation, 0.8), forbids) as server:
        made = study("linear", f"prompt:m@{server.url}")
        record = made.run().record
    llm = arm(record, "prompt")
    assert (llm.status, llm.n_eval, llm.injections) == ("done", 60, None)
    assert llm.wordings is not None
    assert "no jailbreaks here" in made.folder.joinpath("report.html").read_text(encoding="utf-8")
    assert not codes(record) & {"injections_not_measured", "trial_failed", "budget_stopped"}


def test_an_answer_that_a_content_filter_withholds_is_not_followed(study: Callable[..., Study], rows: Rows) -> None:
    filters = refuses_instructions(error(400, "filtered", code="content_filter"))
    with ScriptedServer(planted(rows.evaluation, 0.8), filters) as server:
        record = study("linear", f"prompt:m@{server.url}").run().record
    llm = arm(record, "prompt")
    assert llm.injections is not None
    assert llm.injections.model_dump() == {"tried": 20, "flipped": 0}
    assert llm.invalid == 0
    assert "an answer that is no label" not in dict(llm.details)


def test_a_finished_study_asks_nothing_again(study: Callable[..., Study], rows: Rows) -> None:
    with ScriptedServer(planted(rows.evaluation, 0.8)) as server:
        made = study("linear", f"prompt:m@{server.url}")
        first = json.loads(made.run().record.model_dump_json())
        sent = len(server.requests)
        again = json.loads(study("linear", f"prompt:m@{server.url}").run().record.model_dump_json())
        assert len(server.requests) == sent
    assert [row["injections"] for row in again["arms"]] == [row["injections"] for row in first["arms"]]
