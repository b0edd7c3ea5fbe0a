"""Results of promptfoo, read as tables: which answer each test got, from which column of the matrix."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness_files import HARNESSES, IDS, RIGHT
from tuningfork.errors import InputError, UnknownName
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.scored import Unanswerable
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import read_table
from tuningfork.task.table import Table

MODELS, MATRIX, REPEATS = (HARNESSES / "promptfoo" / name for name in ("models.json", "matrix.json", "repeats.jsonl"))
CAREFUL = tuple("refund" if key == "p-07" else label for key, label in zip(IDS, RIGHT, strict=True))
Record = dict[str, Any]


def table(path: Path, **pick: Any) -> Table:
    return read_table(path, form=TextFormat(pick=Pick(**pick)))


def changed(path: Path, change: Callable[[Record], Any]) -> Path:
    """The models' results, each changed."""
    document = json.loads(MODELS.read_text(encoding="utf-8"))
    for result in document["results"]["results"]:
        change(result)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_of_several_systems_one_is_named() -> None:
    with pytest.raises(Undecided, match=r"several systems: 'careful', 'hasty'.*\?system=careful'"):
        table(MODELS)
    found = table(MODELS, system="careful")
    assert tuple(found.columns["id"]) == IDS  # the rows' own, for they have one
    assert found.columns["test"][:2] == ["0", "1"]
    assert tuple(found.columns["target"]) == RIGHT
    assert tuple(found.columns["prediction"]) == CAREFUL
    assert found.columns["text"][2] == "Do your lockers have a roof?"
    assert found.columns["vars.customer"][:3] == ["anna", "anna", "bo"]
    assert found.columns["score.pass"].count("wrong") == found.columns["score.exact"].count("wrong") == 1
    assert found.found.format == "promptfoo, system 'careful'"
    assert found.found.left_out == {"of other systems": 12}
    with pytest.raises(UnknownName, match="did you mean 'hasty'"):
        table(MODELS, system="hast")
    with pytest.raises(UnknownName, match="no task"):
        table(MODELS, task="parcels")


def test_columns_of_a_matrix_are_called_by_provider_and_prompt() -> None:
    with pytest.raises(Undecided) as refused:
        table(MATRIX)
    for name in ("careful, prompt 1", "careful, prompt 2", "hasty, prompt 1", "hasty, prompt 2"):
        assert repr(name) in str(refused.value)
    assert tuple(table(MATRIX, system="careful, prompt 1").columns["prediction"]) == CAREFUL[:6]


def test_one_provider_with_several_prompts_is_called_by_them(tmp_path: Path) -> None:
    def renamed(result: Record) -> None:
        result["prompt"]["label"] = result["provider"]["id"]
        result["provider"]["id"] = "one"

    path = changed(tmp_path / "a.json", renamed)
    assert tuple(table(path, system="prompt 1").columns["prediction"]) == CAREFUL


def test_what_a_request_took_is_told_and_not_what_nobody_told(tmp_path: Path) -> None:
    found = table(MODELS, system="careful")
    assert set(found.columns["prompt_tokens"]) == {"18"} and set(found.columns["completion_tokens"]) == {"2"}
    assert all(float(usd) > 0 for usd in found.columns["usd"])
    assert all(float(seconds) >= 0 for seconds in found.columns["seconds"])
    free = table(changed(tmp_path / "a.json", lambda result: result.update(cost=0)), system="careful")
    assert set(free.columns["usd"]) == {""}
    cached = changed(tmp_path / "b.json", lambda result: result["response"].update(cached=True))
    assert not {"seconds", "usd"} & set(table(cached, system="careful").columns)


def test_repeats_are_runs_and_a_failed_request_is_a_missing_answer() -> None:
    found = table(REPEATS)
    assert len(found) == 24
    assert sorted(found.columns["run"]) == ["1"] * 12 + ["2"] * 12
    failed = [place for place, why in enumerate(found.columns["no_answer"]) if why]
    assert [(found.columns["id"][at], found.columns["run"][at]) for at in failed] == [("p-05", "2")]
    assert [found.columns["prediction"][at] for at in failed] == [""]
    assert len(table(REPEATS, run="1")) == len(table(REPEATS, right_only=True)) == 12
    scored = table(REPEATS, by_score=True, score="pass")
    assert [scored.columns["score"][at] for at in failed] == [""]


def test_what_is_right_is_an_assertion_or_the_variable_expected(tmp_path: Path) -> None:
    def without(result: Record) -> None:
        result["testCase"]["assert"] = [{"type": "llm-rubric", "value": "is polite"}]
        result["gradingResult"]["componentResults"] = []

    path = changed(tmp_path / "a.json", without)
    with pytest.raises(Unanswerable, match="no assertion"):
        table(path, right_only=True)
    assert "target" not in table(path, system="careful").columns
    assert set(table(path, right_only=True, by_score=True).columns["target"]) == {""}
    path = changed(tmp_path / "b.json", lambda one: (without(one), one["vars"].update(expected=one["vars"]["label"])))
    assert tuple(table(path, right_only=True).columns["target"]) == RIGHT


def test_an_answer_may_be_empty_or_no_text(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.json", lambda result: result["response"].update(output=""))
    assert set(table(path, system="careful").columns["prediction"]) == {"[no response]"}
    path = changed(tmp_path / "b.json", lambda result: result["response"].update(output={"label": "refund"}))
    assert set(table(path, system="careful").columns["prediction"]) == {'{"label": "refund"}'}


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", '{"evalId": "x", "results": {"results": []}}', "holds no result"),
        ("a.json", MODELS.read_text(encoding="utf-8")[:4000], "is no valid JSON"),
        ("a.jsonl", REPEATS.read_text(encoding="utf-8")[:-40], "row 24.*is no valid JSON"),
        ("a.json", '{"evalId": "x", "results": {"results": [{"vars": {}}]}}', "row 1, column 'promptIdx'"),
    ],
)
def test_a_broken_file_is_refused_where_it_is_broken(tmp_path: Path, name: str, content: str, says: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        table(tmp_path / name)
