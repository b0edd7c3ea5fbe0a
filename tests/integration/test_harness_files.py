"""`compare` and `predictions:` on the files that lm-evaluation-harness and inspect_ai wrote."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import accuracy_score, f1_score
from statsmodels.stats.contingency_tables import mcnemar

from harness_files import IDS, LOGS, PACKED, RIGHT, SUMMARY, samples
from tuningfork.cli.app import run_app

TOPICS, HASTY = str(samples("parcel_topics")), str(samples("parcel_topics", "hasty"))
REPLIES, REPEATS = str(samples("parcel_replies")), str(samples("parcel_repeats"))
ONCE, EPOCHS, LETTERS = (str(LOGS / f"{name}.eval") for name in ("once", "epochs", "letters"))
HASTY_RIGHT, CAREFUL_RIGHT = 8 / 12, 11 / 12


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with Path("gold.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "label"), *zip(IDS, RIGHT, strict=True)])
    with Path("plain.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "prediction"), *zip(IDS, ["other"] * 12, strict=True)])
    return tmp_path


def compared(capsys: pytest.CaptureFixture[str], *files: str) -> Any:
    capsys.readouterr()
    code = run_app(["compare", *files, "--json"])
    out, err = capsys.readouterr()
    assert code == 0, err
    return json.loads(out)


def refused(capsys: pytest.CaptureFixture[str], *files: str) -> str:
    """The one message, on one line."""
    capsys.readouterr()
    assert run_app(["compare", *files]) == 2
    out, err = capsys.readouterr()
    assert not out and "Traceback" not in err
    return " ".join(err.split())


@pytest.mark.parametrize(
    ("gold", "a", "b", "score_a", "score_b"),
    [
        (TOPICS, TOPICS, HASTY, CAREFUL_RIGHT, HASTY_RIGHT),
        ("gold.csv", TOPICS, "plain.csv", CAREFUL_RIGHT, 4 / 12),
        ("gold.csv", ONCE, LETTERS, HASTY_RIGHT, CAREFUL_RIGHT),
        (EPOCHS, ONCE, TOPICS, HASTY_RIGHT, CAREFUL_RIGHT),
        (f"{PACKED}?task=parcel_topics", HASTY, f"{PACKED}?task=parcel_topics", HASTY_RIGHT, CAREFUL_RIGHT),
        (REPLIES, f"{REPLIES}?filter=loose", f"{REPEATS}?run=2", CAREFUL_RIGHT, CAREFUL_RIGHT),
        (TOPICS, f"{EPOCHS}?run=1", f"{LOGS / 'once.json'}?filter=pattern", CAREFUL_RIGHT, HASTY_RIGHT),
    ],
    ids=["lm-eval", "lm-eval and csv", "inspect", "epochs as gold", "zip", "filters and runs", "both harnesses"],
)
def test_files_of_harnesses_are_compared_as_any_others(
    capsys: pytest.CaptureFixture[str], gold: str, a: str, b: str, score_a: float, score_b: float
) -> None:
    found = compared(capsys, gold, a, b)
    assert found["n"] == 12
    assert (found["score_a"], found["score_b"]) == pytest.approx((score_a, score_b))


def test_rows_are_matched_by_the_id_that_both_harnesses_keep(capsys: pytest.CaptureFixture[str]) -> None:
    read = compared(capsys, "gold.csv", TOPICS, ONCE)["read"]
    assert [one["format"] for one in read] == ["CSV", "lm-eval samples", "inspect log"]
    assert [one["matched"] for one in read[1:]] == ["by id", "by id"]
    assert read[1]["columns"]["answer"] == "prediction"
    assert read[1]["columns"]["probability"] == "p_delivery … p_refund"
    assert read[2]["columns"]["usd"] == "usd"


def test_files_whose_ids_are_numbered_otherwise_are_matched_by_their_texts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The rows of the generation task have no id of their own: 0 to 11 there, p-01 to p-12 in the log."""
    found = compared(capsys, ONCE, f"{REPLIES}?filter=strict", ONCE)
    assert found["read"][1]["matched"] == "by text"
    assert found["score_a"] == pytest.approx(CAREFUL_RIGHT)


def test_two_filters_of_one_file_can_be_held_against_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    hasty = str(samples("parcel_replies", "hasty"))
    found = compared(capsys, hasty, f"{hasty}?filter=strict", f"{hasty}?filter=loose")
    # The strict filter finds nothing in two answers that the loose one reads, and that are right.
    assert found["difference"] == pytest.approx(2 / 12)
    assert found["a"].endswith("?filter=strict")


def test_epochs_are_runs_of_one_recipe_and_a_failed_sample_is_a_missing_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = compared(capsys, "gold.csv", EPOCHS, ONCE)
    # p-05 failed in one of two epochs; of the other eleven rows 10 and 9 are right.
    assert found["n"] == 11
    assert found["score_a"] == pytest.approx((10 + 9) / 22)
    assert any("2 runs of one recipe" in note for note in found["notes"])
    assert any("1 of 24 rows has no answer (1 failed)" in note for note in found["notes"])
    assert not any("count as errors" in note for note in found["notes"])


def cut(path: Path) -> str:
    path.write_bytes(Path(ONCE).read_bytes()[:5000])
    return str(path)


def joined(path: Path) -> str:
    path.write_text("".join(samples(task).read_text(encoding="utf-8") for task in ("parcel_topics", "riddles")))
    return str(path)


def placeholders(path: Path) -> str:
    rows = [json.loads(line) for line in Path(TOPICS).read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row.update(target="-1", acc=0.0)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def empty(path: Path) -> str:
    path.touch()
    return str(path)


def folder(path: Path) -> str:
    path.mkdir()
    shutil.copy(TOPICS, path)
    return str(path)


def no_log(path: Path) -> str:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("notes.txt", "nothing")
    return str(path)


@pytest.mark.parametrize(
    ("make", "name", "says"),
    [
        (cut, "a.eval", ("a.eval", "no complete zip file", "copy it again")),
        (cut, "a.zip", ("a.zip", "no complete zip file", "copy it again")),
        (no_log, "a.eval", ("a.eval", "no header.json", "inspect eval")),
        (empty, "a.eval", ("a.eval", "is empty")),
        (empty, "samples_a.jsonl", ("samples_a.jsonl", "is empty")),
        (folder, "logs", ("logs", "is a folder", "one of the files in it: 'samples_parcel_topics_2026")),
        (joined, "a.jsonl", ("a.jsonl, row 13, column 'doc_id'", "several tasks", "samples file of one task")),
    ],
)
def test_what_cannot_be_read_is_said_once(
    capsys: pytest.CaptureFixture[str], make: Callable[[Path], str], name: str, says: tuple[str, ...]
) -> None:
    file = make(Path(name))
    for files in (("gold.csv", file, "plain.csv"), (file, "plain.csv", "plain.csv")):
        message = refused(capsys, *files)
        assert all(words in message for words in says), message


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (str(LOGS / "unlogged.eval"), ("unlogged.eval", "no samples", "--no-log-samples")),
        (REPLIES, ("several filters: 'strict', 'loose'", "?filter=strict'")),
        (f"{REPLIES}?filter=strikt", ("'strikt'", "did you mean 'strict'")),
        (f"{REPLIES}?fliter=strict", ("'fliter'", "did you mean 'filter'")),
        (str(LOGS / "scorers.eval"), ("several filters: 'pattern', 'match'", "?filter=pattern'")),
        (str(PACKED), ("several tasks: 'parcel_topics', 'riddles'", "?task=parcel_topics'")),
        (f"{REPEATS}?run=4", ("'4'", "known: 1, 2, 3")),
        (str(samples("parcel_stream")), ("loglikelihood", "multiple_choice or generate_until")),
        (str(samples("parcel_blanks")), ("choices stand in the questions", "id,prediction")),
        (str(SUMMARY), ("results_2026", "no answer", "--log_samples")),
        ("plain.csv?filter=strict", ("plain.csv", "filter=strict", "Leave it out")),
        ("gone.jsonl?filter=strict", ("gone.jsonl", "no such file")),
    ],
)
def test_what_has_to_be_named_is_named(capsys: pytest.CaptureFixture[str], file: str, says: tuple[str, ...]) -> None:
    message = refused(capsys, "gold.csv", file, "plain.csv")
    assert all(words in message for words in says), message


def test_placeholder_targets_are_no_right_labels(capsys: pytest.CaptureFixture[str]) -> None:
    gold = placeholders(Path("a.jsonl"))
    message = refused(capsys, gold, TOPICS, HASTY)
    assert "column 'target'" in message and "'-1'" in message and "right labels" in message


def test_a_command_that_names_the_part_is_one_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, REPLIES, REPLIES, f"{REPEATS}?run=1")
    named = message.partition("Say which: '")[2].partition("'")[0]
    assert compared(capsys, REPLIES, named, f"{REPEATS}?run=2")["score_a"] == pytest.approx(CAREFUL_RIGHT)


def changed(path: Path, to: str, change: Callable[[int, dict[str, Any]], Any]) -> str:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for place, row in enumerate(rows):
        change(place, row)
    Path(to).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return to


SUMS, HASTY_SUMS = samples("parcel_sums"), samples("parcel_sums", "hasty")


@pytest.mark.parametrize(
    ("gold", "a", "b", "score_a", "score_b", "by"),
    [
        (SUMS, f"{SUMS}?filter=flexible", f"{HASTY_SUMS}?filter=flexible", 9 / 10, 7 / 10, "exact_match"),
        (SUMS, f"{SUMS}?filter=strict", f"{HASTY_SUMS}?filter=strict", 9 / 10, 5 / 10, "exact_match"),
        (SUMS, f"{HASTY_SUMS}?filter=strict", f"{HASTY_SUMS}?filter=flexible", 5 / 10, 7 / 10, "exact_match"),
        (samples("parcel_blanks"), samples("parcel_blanks"), samples("parcel_blanks", "hasty"), 1, 4 / 6, "acc"),
        ("gold.csv", f"{TOPICS}?score=acc", f"{HASTY}?score=acc", CAREFUL_RIGHT, HASTY_RIGHT, "acc"),
        (ONCE, f"{EPOCHS}?run=1", f"{ONCE}?score=pattern", CAREFUL_RIGHT, HASTY_RIGHT, "pattern"),
        (
            LOGS / "scorers.eval",
            f"{LOGS / 'scorers.eval'}?score=pattern",
            f"{LOGS / 'scorers.eval'}?score=match",
            1,
            0,
            "",
        ),
    ],
    ids=[
        "no labels",
        "another filter",
        "two filters",
        "choices in the questions",
        "own rows",
        "inspect",
        "two scorers",
    ],
)
def test_answers_count_as_their_harness_scored_them(
    capsys: pytest.CaptureFixture[str], gold: object, a: object, b: object, score_a: float, score_b: float, by: str
) -> None:
    """Where they are no labels, or the user says so."""
    found = compared(capsys, str(gold), str(a), str(b))
    assert (found["score_a"], found["score_b"]) == pytest.approx((score_a, score_b))
    assert sum(f"'{by}" in note and "is right where" in note for note in found["notes"]) == 2
    assert not any("no label" in note for note in found["notes"])
    assert "label" not in found["read"][0]["columns"]


def test_the_words_that_a_text_ends_with_are_compared_by_score(capsys: pytest.CaptureFixture[str]) -> None:
    """A task of the type loglikelihood, whose samples hold no answer at all."""
    careful, hasty = samples("parcel_lasts"), samples("parcel_lasts", "hasty")
    right = [
        [json.loads(line)["acc"] for line in path.read_text(encoding="utf-8").splitlines()] for path in (careful, hasty)
    ]
    found = compared(capsys, str(careful), str(careful), str(hasty))
    assert (found["score_a"], found["score_b"]) == pytest.approx(tuple(map(np.mean, right)))
    assert found["lost"] == sum(a > b for a, b in zip(*right, strict=True)) > 0


def test_a_comparison_by_score_is_that_of_statsmodels_on_the_scores(capsys: pytest.CaptureFixture[str]) -> None:
    def right(path: Path) -> dict[int, bool]:
        found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return {one["doc_id"]: one["exact_match"] == 1 for one in found if one["filter"] == "strict"}

    a, b = right(SUMS), right(HASTY_SUMS)
    lost, gained = (sum(x[row] and not y[row] for row in a) for x, y in ((a, b), (b, a)))
    found = compared(capsys, str(SUMS), f"{SUMS}?filter=strict", f"{HASTY_SUMS}?filter=strict")
    assert (found["lost"], found["gained"]) == (lost, gained) and lost > gained
    exact = mcnemar([[0, lost], [gained, 0]], exact=True).pvalue
    assert found["p_value"] == pytest.approx(exact - binom(lost + gained, 0.5).pmf(gained)), "the mid-p"


def test_of_several_scores_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """And the message is one that works."""
    two = changed(SUMS, "two.jsonl", lambda place, row: row.update(lenient=1.0, f1=0.5 + place / 100))
    message = refused(capsys, two, f"{two}?filter=strict", f"{two}?filter=flexible")
    assert "answers are labels" in message or "no answer is a label" in message
    named = message.partition("as by '")[2].partition("'")[0]
    assert named == f"{two}?filter=strict&score=exact_match"
    assert compared(capsys, two, named, f"{two}?filter=strict&score=lenient")["difference"] == pytest.approx(1 / 10)
    message = refused(capsys, two, f"{two}?filter=strict&score=f1", named)
    assert "row 1" in message and "'f1' is 0.5 here" in message and "'exact_match', 'lenient'" in message
    assert "'acc_nrom'; did you mean 'acc_norm'" in refused(
        capsys, str(samples("riddles")), f"{samples('riddles')}?score=acc_nrom", str(samples("riddles"))
    )


def test_right_labels_of_ones_own_are_never_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    """They fit no answer; that lm-eval scored the answers by others is no way out that anybody asked for."""
    with Path("own.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "label"), *((row, "even" if row % 2 else "odd") for row in range(10))])
    for files in (("own.csv", f"{SUMS}?filter=strict", f"{HASTY_SUMS}?filter=strict"),):
        assert "no answer is a label of this task" in refused(capsys, *files)
    gold = str(SUMS)
    assert "no answer is a label" in refused(
        capsys, gold, f"{SUMS}?filter=strict", f"{SUMS}?filter=flexible", "--label", "doc.way"
    )


def test_what_no_harness_scored_is_not_compared_with_what_one_did(capsys: pytest.CaptureFixture[str]) -> None:
    message = refused(capsys, TOPICS, f"{TOPICS}?score=acc", "plain.csv")
    assert "plain.csv" in message and "no score says which of its answers are right" in message


def test_scores_of_other_rows_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Both number their rows from 0, and nothing but the targets tells them apart."""
    message = refused(
        capsys, str(samples("riddles")), f"{samples('riddles')}?score=acc", f"{samples('parcel_lasts')}?score=acc"
    )
    assert "samples_parcel_lasts" in message and "targets are others than samples_riddles" in message
    assert "6 of 6 rows" in message


def test_a_score_knows_no_labels(capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_app(["compare", TOPICS, f"{TOPICS}?score=acc", f"{HASTY}?score=acc", "--metric", "macro_f1"]) == 2
    assert "macro_f1" in capsys.readouterr().err


def test_it_is_said_where_a_harness_takes_more_writings_for_right(capsys: pytest.CaptureFixture[str]) -> None:
    loose = changed(samples("parcel_replies", "hasty"), "loose.jsonl", lambda place, row: row.update(exact_match=1.0))
    found = compared(capsys, REPLIES, f"{loose}?filter=loose", f"{REPLIES}?filter=loose")
    assert found["score_a"] == pytest.approx(HASTY_RIGHT)
    (note,) = [note for note in found["notes"] if "count otherwise" in note]
    assert "4 answers of 12 count otherwise here than by 'exact_match' of lm-eval" in note
    assert compared(
        capsys, REPLIES, f"{loose}?filter=loose&score=exact_match", f"{REPLIES}?filter=loose&score=exact_match"
    )["score_a"] == pytest.approx(1)


def planned(capsys: pytest.CaptureFixture[str], arm: str) -> tuple[int, str]:
    """`plan` of a study of the parcels with answers from a file."""
    table = [("id", "text", "label")]
    words = {"delivery": "late parcel", "refund": "money back", "other": "roof colour"}
    table += [(f"t-{row}", f"{words[label]} {row}", label) for row in range(12) for label in words]
    with Path("train.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(table)
    rows = [json.loads(line) for line in Path(TOPICS).read_text(encoding="utf-8").splitlines()]
    with Path("test.csv").open("w", newline="", encoding="utf-8") as file:
        written = csv.writer(file)
        written.writerow(("id", "text", "label"))
        written.writerows((row["doc"]["id"], row["doc"]["text"], row["doc"]["name"]) for row in rows)
    capsys.readouterr()
    sized = ("--label-counts", "8", "--seeds", "1", "--eval-rows", "all", "--out", "study")
    code = run_app(["plan", "train.csv", "--test", "test.csv", "--arm", "linear", "--arm", arm, *sized])
    out, err = capsys.readouterr()
    return code, " ".join((out + err).split())


def test_an_arm_answers_from_a_samples_file(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = planned(capsys, f"predictions:{REPLIES}?side=llm&filter=strict")
    assert code == 0, told
    assert "lm-eval samples, filter 'strict'" in told


@pytest.mark.parametrize(("file", "rows"), [(REPLIES, 12), (EPOCHS, 12)])
def test_such_a_file_can_be_the_rows_of_a_study(capsys: pytest.CaptureFixture[str], file: str, rows: int) -> None:
    """Its right labels, that is: each row once, whatever filters and runs answered it."""
    capsys.readouterr()
    assert run_app(["profile", file]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"Rows {rows} in " in told and "text from 'text', label from 'target'" in told


def test_rows_of_a_study_are_those_of_one_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app(["profile", str(PACKED)]) == 2
    assert "Unpack it, and name the file of one task." in " ".join(capsys.readouterr().err.split())


def test_an_arm_of_a_file_with_several_filters_is_told_how_to_name_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = planned(capsys, f"predictions:{REPLIES}?side=llm")
    assert code == 2
    assert "several filters: 'strict', 'loose'" in told and "side=llm&filter=strict'" in told


def test_the_figures_are_those_that_scikit_learn_and_statsmodels_give(capsys: pytest.CaptureFixture[str]) -> None:
    """From the samples' own likelihoods, without anything of what is tested."""

    def read(file: str) -> tuple[list[int], list[int]]:
        found = [json.loads(line) for line in Path(file).read_text(encoding="utf-8").splitlines()]
        found.sort(key=lambda sample: int(sample["doc_id"]))
        chosen = [int(np.argmax([float(choice[0]) for choice in sample["filtered_resps"]])) for sample in found]
        return [int(sample["target"]) for sample in found], chosen

    gold, careful = read(TOPICS)
    _, hasty = read(HASTY)
    found = compared(capsys, TOPICS, TOPICS, HASTY)
    assert found["score_a"] == pytest.approx(accuracy_score(gold, careful))
    assert found["score_b"] == pytest.approx(accuracy_score(gold, hasty))
    a, b = (np.array(given) == np.array(gold) for given in (careful, hasty))
    assert (found["lost"], found["gained"]) == (int((a & ~b).sum()), int((b & ~a).sum()))
    assert found["changed"] == pytest.approx(np.mean(np.array(careful) != np.array(hasty)))
    table = [[int((a & b).sum()), int((a & ~b).sum())], [int((~a & b).sum()), int((~a & ~b).sum())]]
    exact, (lost, gained) = mcnemar(table, exact=True).pvalue, (table[0][1], table[1][0])
    assert found["p_value"] == pytest.approx(exact - binom(lost + gained, 0.5).pmf(min(lost, gained))), "the mid-p"
    for side, given in (("score_a", careful), ("score_b", hasty)):
        macro = json.loads(_printed(capsys, TOPICS, TOPICS, HASTY, "--metric", "macro_f1"))
        assert macro[side] == pytest.approx(f1_score(gold, given, average="macro"))


def _printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert run_app(["compare", *arguments, "--json"]) == 0
    return capsys.readouterr().out
