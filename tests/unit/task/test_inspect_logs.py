"""Logs of inspect_ai, read as tables."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness_files import IDS, LOGS, RIGHT
from tuningfork.errors import InputError
from tuningfork.task.readers.lettered import letter, place_of
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.reading import read_table
from tuningfork.task.table import Table


def table(path: Path, **pick: Any) -> Table:
    return read_table(path, form=TextFormat(pick=Pick(**pick)))


def changed(to: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    """The JSON log with every sample changed."""
    log = json.loads((LOGS / "once.json").read_text(encoding="utf-8"))
    for sample in log["samples"]:
        change(sample)
    to.write_text(json.dumps(log), encoding="utf-8")
    return to


def test_epochs_are_runs_and_a_failed_sample_is_a_missing_answer() -> None:
    found = table(LOGS / "epochs.eval")
    assert len(found) == 24
    assert found.columns["run"] == ["1"] * 12 + ["2"] * 12
    assert tuple(found.columns["id"]) == IDS * 2
    assert tuple(found.columns["target"]) == RIGHT * 2
    answers = found.columns["prediction"]
    assert answers[4] == "refund" and answers[16] == ""  # p-05 failed in the second epoch
    assert answers[8] == "other" and answers[20] == "delivery"
    assert found.found.why_missing == "no_answer"
    assert [(row, why) for row, why in enumerate(found.columns["no_answer"]) if why] == [(16, "failed")]
    assert found.found.format == "inspect log"


def test_what_the_answers_took_stands_beside_them() -> None:
    found = table(LOGS / "epochs.eval")
    text = "My parcel has been at the depot in Lund since Monday."
    assert found.columns["text"][0] == text
    assert found.columns["prompt_tokens"][0] == str(len(text) // 4)
    assert found.columns["completion_tokens"][0] == "6"
    assert float(found.columns["usd"][0]) == pytest.approx(len(text) // 4 * 2e-6)
    assert float(found.columns["seconds"][0]) >= 0
    assert found.columns["raw"][0] == "It is about delivery"
    assert found.columns["metadata.customer"][:3] == ["anna", "anna", "bo"]
    for column in ("prompt_tokens", "completion_tokens", "usd", "seconds"):
        assert found.columns[column][16] == "", column  # what a failed call took is not known


def test_right_labels_come_once_whatever_epochs_there_are() -> None:
    found = table(LOGS / "epochs.eval", right_only=True)
    assert tuple(found.columns["target"]) == RIGHT
    assert "prediction" not in found.columns and "run" not in found.columns


def test_letters_of_the_same_choices_are_their_texts() -> None:
    found = table(LOGS / "letters.eval")
    assert tuple(found.columns["target"]) == RIGHT
    assert found.columns["prediction"][:7] == [*RIGHT[:6], "refund"]


def test_choices_are_lettered_as_inspect_letters_them() -> None:
    letters = [letter(place) for place in range(30)]
    assert (letters[0], letters[25], letters[26], letters[29]) == ("A", "Z", "1", "4")
    assert [place_of(one, 30) for one in letters] == list(range(30))
    assert [place_of(said, 3) for said in ("D", "1", "AB", "")] == [None] * 4
    assert place_of("0", 30) is None


def test_choices_that_each_sample_has_of_its_own_stay_letters(tmp_path: Path) -> None:
    def asked(sample: dict[str, Any]) -> None:
        sample["choices"] = [f"{word} of {sample['id']}" for word in ("all", "none", "some")]
        sample["target"] = ["B"]
        sample["scores"]["pattern"]["answer"] = "C"

    found = table(changed(tmp_path / "a.json", asked))
    assert set(found.columns["target"]) == {"B"} and set(found.columns["prediction"]) == {"C"}


def test_several_right_answers_are_no_right_label(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.json", lambda sample: sample.update(target=["delivery", "refund"]))
    with pytest.raises(InputError, match=r"row 1, column 'target': has 2 right answers"):
        table(path, right_only=True)
    assert set(table(path).columns["target"]) == {""}


def test_tokens_of_a_grader_are_not_the_answers(tmp_path: Path) -> None:
    def graded(sample: dict[str, Any]) -> None:
        own = {"input_tokens": 5, "input_tokens_cache_read": 20, "output_tokens": 2}
        sample["model_usage"] = {"mockllm/hasty": own, "mockllm/judge": {"input_tokens": 900, "output_tokens": 80}}

    found = table(changed(tmp_path / "a.json", graded))
    assert set(found.columns["prompt_tokens"]) == {"25"} and set(found.columns["completion_tokens"]) == {"2"}
    assert "usd" not in found.columns  # no price is told: that is not nothing


def test_scorers_that_read_different_answers_need_one_to_be_named() -> None:
    with pytest.raises(Undecided, match=r"'pattern', 'match'.*\?filter=pattern'"):
        table(LOGS / "scorers.eval")
    assert table(LOGS / "scorers.eval", filter="pattern").columns["prediction"] == list(RIGHT[:6])
    assert table(LOGS / "scorers.eval", filter="match").columns["prediction"][0] == "It is about delivery"


def test_the_json_log_says_what_the_packed_one_says() -> None:
    packed, plain = table(LOGS / "once.eval"), table(LOGS / "once.json")
    assert packed.columns == plain.columns
    assert "run" not in packed.columns


def test_an_answer_that_no_scorer_kept_is_the_completion(tmp_path: Path) -> None:
    unscored = changed(tmp_path / "a.json", lambda sample: sample.pop("scores"))
    assert table(unscored).columns["prediction"][0] == "It is about delivery"
    no_answer = changed(tmp_path / "b.json", lambda sample: sample["scores"]["pattern"].pop("answer"))
    assert table(no_answer).columns["prediction"][0] == "It is about delivery"


def test_a_sample_that_was_not_scored_has_no_answer(tmp_path: Path) -> None:
    def one_not(sample: dict[str, Any]) -> None:
        if sample["id"] == "p-02":
            sample["scores"]["pattern"]["value"] = float("nan")
        if sample["id"] == "p-03":
            sample["scores"] = {}

    found = table(changed(tmp_path / "a.json", one_not))
    assert found.columns["prediction"][:4] == ["delivery", "", "", "refund"]
    assert found.columns["no_answer"][:4] == ["", "not scored", "not scored", ""]


def test_a_log_without_failures_says_nothing_of_them() -> None:
    found = table(LOGS / "once.eval")
    assert "no_answer" not in found.columns and found.found.why_missing == ""


def test_the_text_is_what_the_user_said_last(tmp_path: Path) -> None:
    def as_chat(sample: dict[str, Any]) -> None:
        sample["attachments"] = {"abc": sample["input"]}
        sample["input"] = [
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": "Yes?"},
            {"role": "user", "content": [{"type": "text", "text": "attachment://abc"}]},
        ]

    found = table(changed(tmp_path / "a.json", as_chat))
    assert found.columns["text"] == table(LOGS / "once.json").columns["text"]


def test_a_silent_model_is_wrong_and_not_missing(tmp_path: Path) -> None:
    def silent(sample: dict[str, Any]) -> None:
        sample["scores"]["pattern"]["answer"] = ""
        sample["output"]["completion"] = ""

    assert set(table(changed(tmp_path / "a.json", silent)).columns["prediction"]) == {"[no response]"}


def test_a_log_of_a_run_that_broke_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.eval", "w") as packed:
        log = json.loads((LOGS / "once.json").read_text(encoding="utf-8"))
        packed.writestr("_journal/start.json", json.dumps({"version": 2, "eval": log["eval"]}))
        for sample in log["samples"][:3]:
            packed.writestr(f"samples/{sample['id']}_epoch_1.json", json.dumps(sample))
    found = table(tmp_path / "a.eval")
    assert tuple(found.columns["id"]) == IDS[:3]
    assert "not finished" in found.found.format


@pytest.mark.parametrize("bytes_kept", [4000, 60])
def test_a_log_that_was_cut_off_says_so(tmp_path: Path, bytes_kept: int) -> None:
    path = tmp_path / "a.eval"
    path.write_bytes((LOGS / "once.eval").read_bytes()[:bytes_kept])
    with pytest.raises(InputError, match="no complete zip file"):
        table(path)


def test_a_log_with_a_broken_member_names_it(tmp_path: Path) -> None:
    path = tmp_path / "a.eval"
    shutil.copy(LOGS / "once.eval", path)
    content = bytearray(path.read_bytes())
    at = content.index(b"samples/p-03_epoch_1.json") + 60
    content[at : at + 200] = bytes(200)
    path.write_bytes(bytes(content))
    with pytest.raises(InputError, match="cannot be unpacked"):
        table(path)


def test_a_log_without_samples_says_how_it_gets_some() -> None:
    with pytest.raises(InputError, match=r"no samples.*--no-log-samples"):
        table(LOGS / "unlogged.eval")


def test_a_zip_of_logs_is_to_be_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        for name in ("once.eval", "epochs.eval"):
            packed.write(LOGS / name, name)
    with pytest.raises(InputError, match=r"'once.eval', 'epochs.eval'.*Unpack"):
        table(tmp_path / "a.zip")


def test_any_other_zip_is_refused_as_before(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("rows.csv", "id,label\n1,a\n")
    with pytest.raises(InputError, match="is compressed: zip"):
        table(tmp_path / "a.zip")
