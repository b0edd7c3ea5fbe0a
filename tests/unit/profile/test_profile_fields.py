"""Profiles of rows of several fields: what is each field's own, and nothing that means nothing for such rows."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import tuningfork as tf
from task_files import write
from tuningfork.guide.from_rows import documented
from tuningfork.models.store import ModelStore
from tuningfork.profile.document import ProfileDocument
from tuningfork.profile.files import read_profile, write_profile
from tuningfork.profile.profiling import open_profile_encoder, profile_rows
from tuningfork.report.profile.page import profile_html
from tuningfork.report.profile.terminal import profile_text
from tuningfork.task.unsplit import Unsplit

N = 120
WORDS = ["harbour", "lantern", "quarry", "saddle", "teapot", "violin", "walnut"]


def premise(i: int) -> str:
    return f"the {WORDS[i % 7]} of number {i} is older than the {WORDS[(i + 3) % 7]} beside it"


def hypothesis(i: int) -> str:
    return f"somebody sold {WORDS[(3 * i) % 7]} {i}"


def options(i: int) -> list[str]:
    return [f"the {WORDS[(i + place) % 7]} {i}" for place in range(3 + i % 2)]


def told_of(source: Unsplit, store: ModelStore) -> ProfileDocument:
    return documented(profile_rows(source, open_profile_encoder(store), seed=0), source.spec)


def of_pairs(rows: list[list[str]], folder: Path, store: ModelStore, **files: Path) -> ProfileDocument:
    path = write(folder / "rows.csv", rows, ("premise", "hypothesis", "label"))
    return told_of(tf.Task.from_file(path, type="pair", **files).read(), store)


def pairs(n: int = N) -> list[list[str]]:
    return [[premise(i), hypothesis(i), ("yes", "no", "maybe")[i % 3]] for i in range(n)]


def of_choices(
    questions: list[str], choices: list[list[str]], answers: list[str | None], store: ModelStore
) -> ProfileDocument:
    task = tf.Task.from_rows({"question": questions, "choices": choices}, answers, type="choice")
    return told_of(task.read(), store)


@pytest.fixture(scope="module")
def store() -> ModelStore:
    return ModelStore()


@pytest.fixture(scope="module")
def choices(store: ModelStore) -> ProfileDocument:
    answers: list[str | None] = [options(i)[i % 3] for i in range(N)]
    answers[:10] = [None] * 10
    return of_choices([premise(i) for i in range(N)], [options(i) for i in range(N)], answers, store)


def terminal(document: ProfileDocument) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    console.print(profile_text(document, width=100))
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


def test_each_field_has_lengths_of_its_own(tmp_path: Path, store: ModelStore) -> None:
    told = of_pairs(pairs(), tmp_path, store).as_dict()
    assert list(told["fields"]) == ["text_a", "text_b"]
    assert (told["fields"]["text_a"]["column"], told["fields"]["text_b"]["column"]) == ("premise", "hypothesis")
    for field, text in (("text_a", premise), ("text_b", hypothesis)):
        lengths = [len(text(i)) for i in range(N)]
        assert told["fields"][field]["characters"]["most"] == max(lengths)
        assert told["fields"][field]["characters"]["median"] == np.median(lengths)
        assert told["fields"][field]["options"] is None
    assert told["lengths"]["characters"]["most"] == max(len(premise(i)) + 1 + len(hypothesis(i)) for i in range(N))


def test_a_row_is_as_long_as_its_fields_together(tmp_path: Path, store: ModelStore) -> None:
    """The tokens of the fields add up to those of the text that they make."""
    path = write(tmp_path / "rows.csv", [[f"{a}\n{b}", label] for a, b, label in pairs()])
    whole = told_of(tf.Task.from_file(path).read(), store).data.lengths
    assert of_pairs(pairs(), tmp_path, store).data.lengths.tokens == whole.tokens


def test_labels_of_pairs_are_told_and_none_is_called_doubtful(tmp_path: Path, store: ModelStore) -> None:
    document = of_pairs(pairs(), tmp_path, store)
    assert document.as_dict()["labels"] == {"maybe": 40, "no": 40, "yes": 40}
    assert document.suspicious is None
    text = terminal(document)
    assert "Labels 'maybe' 40 (33" in text
    assert "premise: half have up to" in text
    assert "Doubtful" not in text
    assert "Doubtful" not in profile_html(document)


def test_options_are_told_with_where_the_right_one_stands(choices: ProfileDocument) -> None:
    told = choices.as_dict()
    assert (told["rows"], told["unlabelled"]) == (N, 10)
    counts = [sum(i % 3 == place for i in range(10, N)) for place in range(3)]
    assert told["labels"] == dict(zip("ABC", counts, strict=True))
    assert told["fields"]["choices"]["options"] == {"least": 3, "median": 3.5, "p95": 4.0, "most": 4, "mean": 3.5}
    assert told["fields"]["choices"]["characters"]["most"] == max(len(text) for i in range(N) for text in options(i))
    text = terminal(choices)
    assert "Options 3 to 4 a row; the right one is A in 3" in text
    assert "Labels" not in text
    html = profile_html(choices)
    assert "Rows by label" not in html
    assert "3 to 4 a row" in html


def test_letters_are_no_classes(choices: ProfileDocument) -> None:
    assert choices.suspicious is None
    assert choices.map is not None
    assert set(choices.map.labels) == {""}
    assert not {"imbalanced_labels", "numeric_labels", "many_labels"} & {note.code for note in choices.notes}
    assert choices.answers["few_labels"].method is not None
    assert "labels" not in str(choices.answers["few_labels"].method).replace("labelled", "")


def test_a_place_that_gives_the_answer_away_is_told(store: ModelStore) -> None:
    answers: list[str | None] = [options(i)[0] for i in range(40)]
    document = of_choices([premise(i) for i in range(40)], [options(i) for i in range(40)], answers, store)
    assert "answers_in_one_place" in {note.code for note in document.notes}


def test_repeats_are_those_of_whole_rows(tmp_path: Path, store: ModelStore) -> None:
    again = [[premise(0), hypothesis(0), "no"], [premise(1), "quite another text here", "no"]]
    found = of_pairs([*pairs(), *again], tmp_path, store).data.duplicates
    assert (found.exact, found.normalised, found.contradicting) == (1, 1, 2)


def test_options_in_another_order_repeat_and_do_not_contradict(store: ModelStore) -> None:
    questions = [premise(i) for i in range(40)] + [premise(0)]
    lists = [options(i) for i in range(40)] + [options(0)[::-1]]
    right: list[str | None] = [options(i)[i % 3] for i in range(40)] + [options(0)[0]]
    found = of_choices(questions, lists, right, store).data.duplicates
    assert (found.normalised, found.contradicting) == (1, 0)
    other = of_choices(questions, lists, [*right[:-1], options(0)[1]], store).data.duplicates
    assert other.contradicting == 2


def test_a_field_of_the_test_file_that_the_labelled_file_has_too_is_counted(tmp_path: Path, store: ModelStore) -> None:
    test = write(
        tmp_path / "test.csv",
        [[premise(i), f"words of their own for {i}", "yes"] for i in range(30)],
        ("premise", "hypothesis", "label"),
    )
    document = of_pairs(pairs(), tmp_path, store, test=test)
    (told,) = (note.message for note in document.notes if note.code == "shared_field")
    assert "of 30 rows of test.csv 30 have one that rows.csv has too" in told
    assert document.as_dict()["leakage"] == 0


def test_a_study_reads_back_what_it_kept(choices: ProfileDocument, tmp_path: Path) -> None:
    write_profile(tmp_path / "profile.json", choices)
    assert read_profile(tmp_path / "profile.json") == choices


def test_the_command_shows_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuningfork.cli.app import run_app

    write(tmp_path / "rows.csv", pairs(30), ("left", "right", "label"))
    monkeypatch.chdir(tmp_path)
    assert run_app(["profile", "rows.csv", "--type", "pair", "--field", "text_a=left", "--field", "text_b=right"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "text_a from 'left', text_b from 'right'" in out
    assert "tuningfork run rows.csv --type pair --field text_a=left --field text_b=right" in out
