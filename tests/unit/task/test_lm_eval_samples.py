"""Samples files of lm-evaluation-harness, read as tables: which label each row answers, and beside what."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness_files import IDS, PACKED, RIGHT, SUMMARY, samples
from tuningfork.errors import InputError, UnknownName
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import column_names, read_table
from tuningfork.task.table import Table

Record = dict[str, Any]
CAREFUL = tuple("refund" if key == "p-07" else label for key, label in zip(IDS, RIGHT, strict=True))


def table(path: Path, **pick: Any) -> Table:
    return read_table(path, form=TextFormat(pick=Pick(**pick)))


def records(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def written(path: Path, rows: list[Record]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def changed(path: Path, to: Path, change: Callable[[Record], Any]) -> Path:
    rows = records(path)
    for row in rows:
        change(row)
    return written(to, rows)


def test_a_choice_is_the_text_of_the_likeliest_one() -> None:
    found = table(samples("parcel_topics"))
    assert tuple(found.columns["target"]) == RIGHT
    assert tuple(found.columns["prediction"]) == CAREFUL
    assert tuple(found.columns["id"]) == IDS  # the rows' own, for they have one
    assert found.columns["doc_id"][:2] == ["0", "1"]
    assert found.columns["text"][2] == "Do your lockers have a roof?"
    assert found.columns["doc.customer"][:3] == ["anna", "anna", "bo"]
    assert set(found.columns["task"]) == {"parcel_topics"}
    assert "run" not in found.columns
    assert found.found.format == "lm-eval samples"


def test_probabilities_are_those_of_the_log_likelihoods() -> None:
    found = table(samples("parcel_topics"))
    first = [float(found.columns[f"p_{label}"][0]) for label in ("delivery", "refund", "other")]
    # exp(-0.319), exp(-3.2) and exp(-3.1), divided by their sum, by hand
    assert first == pytest.approx([0.89441, 0.05016, 0.05543], abs=5e-5)


def test_choices_that_each_row_has_of_its_own_are_letters() -> None:
    found = table(samples("riddles"))
    assert found.columns["target"] == ["B", "A", "C", "B", "A", "C"]
    assert found.columns["prediction"] == found.columns["target"]
    assert found.columns["text"][0] == "Which of these rolls?"
    assert "by letter" in found.found.format


def test_of_several_filters_one_is_named() -> None:
    path = samples("parcel_replies", "hasty")
    with pytest.raises(Undecided, match=r"'strict', 'loose'.*\?filter=strict'"):
        table(path)
    strict, loose = table(path, filter="strict"), table(path, filter="loose")
    assert strict.columns["prediction"][5] == "[invalid]"
    assert loose.columns["prediction"][5] == "other"
    assert strict.columns["raw"][5] == "It is about other."
    assert len(strict) == len(loose) == 12
    assert strict.found.left_out == {"of other filters": 12}
    with pytest.raises(UnknownName, match="did you mean 'strict'"):
        table(path, filter="strikt")


def test_right_labels_need_no_filter_and_come_once() -> None:
    found = table(samples("parcel_replies"), right_only=True)
    assert tuple(found.columns["target"]) == RIGHT
    assert "prediction" not in found.columns
    assert len(table(samples("parcel_repeats"), right_only=True)) == 12


def test_repeated_answers_are_runs() -> None:
    found = table(samples("parcel_repeats"))
    assert len(found) == 36
    assert found.columns["run"][:4] == ["1", "2", "3", "1"]
    assert found.columns["id"][:4] == ["0", "0", "0", "1"]
    other = [place for place, said in enumerate(found.columns["prediction"]) if said != CAREFUL[place // 3]]
    assert other == [27]  # the first answer to the tenth row
    assert found.found.runs == ("1", "2", "3")
    second = table(samples("parcel_repeats"), run="2")
    assert tuple(second.columns["prediction"]) == CAREFUL
    assert "run" not in second.columns and second.found.left_out == {"of other runs": 24}
    with pytest.raises(UnknownName, match="'4'"):
        table(samples("parcel_repeats"), run="4")


def test_a_filter_of_repeated_answers_answers_once(tmp_path: Path) -> None:
    """A vote over three answers is one answer; it is not what the first of them was."""
    path = changed(samples("parcel_repeats"), tmp_path / "a.jsonl", lambda row: row.update(filter="vote"))
    assert len(table(path)) == 12


def test_what_was_not_answered_is_told_apart_from_a_missing_answer(tmp_path: Path) -> None:
    path = changed(
        samples("parcel_replies"), tmp_path / "a.jsonl", lambda row: row.update(filter="x", filtered_resps=[""])
    )
    rows = records(path)[:12]
    assert set(table(written(path, rows)).columns["prediction"]) == {"[no response]"}


def test_numbers_that_json_does_not_know_are_read(tmp_path: Path) -> None:
    path = changed(samples("parcel_topics"), tmp_path / "a.jsonl", lambda row: row.update(perplexity=float("nan")))
    assert "NaN" in path.read_text(encoding="utf-8")
    assert tuple(table(path).columns["prediction"]) == CAREFUL


def test_choices_that_are_numbers_are_told_from_places_by_what_was_scored(tmp_path: Path) -> None:
    """Stars from 1 to 3: a target '2' is the second of them, or the one at place 2, the third."""
    stars = {"delivery": "1", "refund": "2", "other": "3"}

    def with_stars(row: Record) -> None:
        for request in row["arguments"].values():
            request["arg_1"] = f" {stars[request['arg_1'].strip()]}"

    placed = changed(samples("parcel_topics"), tmp_path / "placed.jsonl", with_stars)
    assert table(placed).columns["target"][:3] == ["1", "2", "3"]
    shifted = changed(placed, tmp_path / "named.jsonl", lambda row: row.update(target=str(int(row["target"]) + 1)))
    assert table(shifted).columns["target"][:3] == ["1", "2", "3"]

    def unscored(row: Record) -> None:
        row.pop("acc")
        row["target"] = "1"

    with pytest.raises(InputError, match=r"place 1 .* or the choice '1'"):
        table(changed(placed, tmp_path / "unclear.jsonl", unscored))


def test_a_score_that_the_answers_do_not_give_is_refused(tmp_path: Path) -> None:
    path = changed(samples("parcel_topics"), tmp_path / "a.jsonl", lambda row: row.update(acc=1.0))
    with pytest.raises(InputError, match=r"row 7.*scored it otherwise"):
        table(path)


def test_without_what_was_asked_choices_are_letters(tmp_path: Path) -> None:
    path = changed(samples("parcel_topics"), tmp_path / "a.jsonl", lambda row: row.pop("arguments"))
    assert table(path).columns["prediction"][:3] == ["A", "B", "C"]
    assert table(path).columns["target"][:3] == ["A", "B", "C"]


def test_choices_asked_once_more_without_the_question_are_no_further_ones(tmp_path: Path) -> None:
    """As lm-eval asks for mutual information: the likelihoods alone stand behind, and are higher."""

    def asked_again(row: Record) -> None:
        again = [{"arg_0": "", "arg_1": one["arg_1"]} for one in row["arguments"].values()]
        row["arguments"] |= {f"gen_args_{place + 3}": one for place, one in enumerate(again)}
        row["filtered_resps"] += [["-0.001", "False"]] * 3

    path = changed(samples("parcel_topics"), tmp_path / "a.jsonl", asked_again)
    assert tuple(table(path).columns["prediction"]) == CAREFUL


def test_choices_that_stand_in_the_questions_are_refused(tmp_path: Path) -> None:
    def turned(row: Record) -> None:
        for one in row["arguments"].values():
            one["arg_0"], one["arg_1"] = one["arg_0"] + one["arg_1"], " is what it is about."

    path = changed(samples("parcel_topics"), tmp_path / "a.jsonl", turned)
    with pytest.raises(InputError, match=r"row 1, column 'arguments'.*stand in the questions"):
        table(path)


def test_older_files_named_no_filter_so_they_are_counted(tmp_path: Path) -> None:
    path = changed(samples("parcel_replies"), tmp_path / "a.jsonl", lambda row: row.pop("filter"))
    with pytest.raises(Undecided, match=r"'1', '2'"):
        table(path)
    assert (
        table(path, filter="2").columns["prediction"]
        == table(samples("parcel_replies"), filter="loose").columns["prediction"]
    )


def test_the_oldest_files_were_one_array(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = records(samples("parcel_topics"))
    for row in rows:
        row["arguments"] = [list(one.values()) for one in row["arguments"].values()]
    path.write_text(json.dumps(rows, indent=2), encoding="utf-8")
    assert tuple(table(path).columns["prediction"]) == CAREFUL


def test_two_runs_of_a_task_in_one_file_are_runs(tmp_path: Path) -> None:
    rows = records(samples("parcel_topics")) + records(samples("parcel_topics", "hasty"))
    found = table(written(tmp_path / "a.jsonl", rows))
    assert found.columns["run"] == ["1"] * 12 + ["2"] * 12
    assert found.columns["prediction"][2] == "other" and found.columns["prediction"][14] == "delivery"


def test_samples_of_several_tasks_are_refused_with_their_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", records(samples("parcel_topics")) + records(samples("riddles")))
    with pytest.raises(InputError, match=r"row 13.*several tasks.*row 1\b"):
        table(path)


def test_a_zip_of_several_tasks_needs_one_to_be_named() -> None:
    with pytest.raises(Undecided, match=r"'parcel_topics', 'riddles'.*careful\.zip\?task=parcel_topics'"):
        table(PACKED)
    assert tuple(table(PACKED, task="parcel_topics").columns["prediction"]) == CAREFUL
    assert len(table(PACKED, task="riddles")) == 6


def test_a_zip_of_one_task_by_two_models_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for model in ("careful", "hasty"):
            packed.write(samples("parcel_topics", model), f"{model}/{samples('parcel_topics', model).name}")
    with pytest.raises(InputError, match=r"'parcel_topics' twice: 'careful/.*' and 'hasty/"):
        table(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (samples("parcel_stream"), "loglikelihood"),
        (SUMMARY, "--log_samples"),
    ],
)
def test_files_without_answers_say_so(path: Path, says: str) -> None:
    with pytest.raises(InputError, match=says):
        table(path)


def test_a_row_that_lacks_a_key_is_named(tmp_path: Path) -> None:
    rows = records(samples("parcel_topics"))
    del rows[3]["filtered_resps"]
    with pytest.raises(InputError, match=r"row 4, column 'filtered_resps'"):
        table(written(tmp_path / "a.jsonl", rows))


def test_a_part_of_a_plain_file_cannot_be_picked(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,prediction\n1,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="no file of an evaluation harness"):
        column_names(tmp_path / "a.csv", TextFormat(pick=Pick(filter="strict")))


def test_rows_that_merely_look_alike_are_plain_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"doc_id": 1, "target": "a", "prediction": "b"}\n', encoding="utf-8")
    assert column_names(path) == ("doc_id", "target", "prediction")
