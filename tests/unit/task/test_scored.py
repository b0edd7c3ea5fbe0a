"""What an evaluation harness says of its own answers: right or wrong, or in degrees."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness_files import LOGS, samples
from tuningfork.errors import InputError
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.scored import NO_ANSWER, Unanswerable, right_or_wrong, score_columns
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import read_table
from tuningfork.task.table import Table

FILE = Path("a.jsonl")


def said(scores: dict[str, list[str | None]], score: str | None = None) -> tuple[str, list[str]]:
    return right_or_wrong(FILE, scores, [4, 5, 6], Pick(score=score))


def table(path: Path, **pick: Any) -> Table:
    return read_table(path, form=TextFormat(pick=Pick(by_score=True, **pick)))


@pytest.mark.parametrize(
    "written", [["1.0", "0.0", "1.0"], ["1", "0", "1"], ["true", "false", "true"], ["C", "I", "C"], ["C", "N", "C"]]
)
def test_right_and_wrong_are_written_in_several_ways(written: list[str | None]) -> None:
    assert said({"acc": written}) == ("acc", ["right", "wrong", "right"])


def test_a_missing_answer_is_neither() -> None:
    assert said({"acc": ["1", NO_ANSWER, "0"]}) == ("acc", ["right", "", "wrong"])


def test_scores_in_degrees_are_passed_over_and_refused_by_name() -> None:
    scores: dict[str, list[str | None]] = {"f1": ["1", "0.4", "0"], "em": ["1", "0", "0"]}
    assert said(scores)[0] == "em"
    with pytest.raises(InputError, match=r"row 5: the score 'f1' is 0\.4 here.*Name another score: 'em'"):
        said(scores, "f1")
    with pytest.raises(InputError, match=r"row 4: the score 'p' is P here.*cannot be compared yet"):
        said({"p": ["P", "C", "I"]}, "p")
    with pytest.raises(InputError, match="no score says of each answer whether it is right: its scores are 'f1'"):
        said({"f1": scores["f1"]})
    with pytest.raises(InputError, match=r"no score says of each answer whether it is right\. Name"):
        said({})
    with pytest.raises(Undecided, match=r"several scores: 'acc', 'em'.*score=acc"):
        said({"acc": ["1", "0", "0"], "em": ["1", "0", "0"]})
    assert set(score_columns(scores)) == {"score.em"}


def test_the_score_of_every_answer_stands_beside_it() -> None:
    found = read_table(samples("riddles"))
    assert found.columns["score.acc"] == ["right"] * 6
    log = read_table(LOGS / "scorers.eval", form=TextFormat(pick=Pick(filter="pattern")))
    assert log.columns["score.match"] == ["wrong"] * 6
    assert found.found.score == "" and found.found.harness == "lm-eval"


def test_repeated_answers_have_one_score_and_none_of_their_own() -> None:
    """lm-eval scores the first of them."""
    assert not any(name.startswith("score.") for name in read_table(samples("parcel_repeats")).columns)
    found = table(samples("parcel_repeats"))
    assert len(found) == 12 and "run" not in found.columns
    assert found.columns["score"].count("wrong") == 2


def test_an_answer_that_cannot_be_told_may_have_a_score() -> None:
    for task in ("parcel_blanks", "parcel_lasts"):
        with pytest.raises(Unanswerable):
            read_table(samples(task))
        with pytest.raises(Unanswerable):
            read_table(samples(task), form=TextFormat(pick=Pick(right_only=True)))
        assert set(table(samples(task), right_only=True).columns) >= {"id", "target"}
        found = table(samples(task))
        assert set(found.columns["score"]) <= {"right", "wrong"}
        assert found.found.format == "lm-eval samples, score 'acc'"
    with pytest.raises(InputError, match="its scores are 'word_perplexity'"):
        table(samples("parcel_stream"))


def test_a_sample_with_several_right_answers_has_a_score(tmp_path: Path) -> None:
    log = json.loads((LOGS / "once.json").read_text(encoding="utf-8"))
    log["samples"][0]["target"] = ["delivery", "parcel"]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log), encoding="utf-8")
    with pytest.raises(Unanswerable, match="2 right answers"):
        read_table(path, form=TextFormat(pick=Pick(right_only=True)))
    assert table(path, right_only=True).columns["target"][0] == '["delivery", "parcel"]'
    assert table(path).columns["score"].count("right") == 8


def test_a_failed_sample_has_no_score() -> None:
    found = table(LOGS / "epochs.eval")
    assert found.columns["score"].count("") == 1
    assert found.columns["no_answer"].count("failed") == 1
    assert found.found.format == "inspect log, score 'pattern'"
