"""What is meant of an evaluation harness's file, as it is typed behind the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness_files import LOGS
from tuningfork.errors import InputError, UnknownName
from tuningfork.task.answers.labels import Remedies, space_of
from tuningfork.task.answers.reading import Said, read_answers
from tuningfork.task.readers.pick import WHOLE, Pick, Undecided, parted
from tuningfork.task.readers.text_file import TextFormat

REMEDIES = Remedies("tool {}", column="", label_names="", codes="", encoding="", match="")


@pytest.mark.parametrize(
    ("typed", "file", "pick"),
    [
        ("a.jsonl", "a.jsonl", WHOLE),
        ("a.jsonl?filter=strict", "a.jsonl", Pick(filter="strict")),
        (
            "in/a.zip?task=topics&filter=flexible-extract&run=2",
            "in/a.zip",
            Pick(task="topics", filter="flexible-extract", run="2"),
        ),
        ("a.zip?task=a%26b", "a.zip", Pick(task="a&b")),
        ("what?", "what?", WHOLE),
        ("what?.csv", "what?.csv", WHOLE),
    ],
)
def test_a_part_stands_behind_the_file(typed: str, file: str, pick: Pick) -> None:
    assert parted(Path(typed)) == (Path(file), pick)


def test_a_file_that_is_called_so_is_that_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl?filter=strict"
    path.touch()
    assert parted(path) == (path, WHOLE)


def test_parts_that_are_none_or_come_twice_are_refused() -> None:
    with pytest.raises(UnknownName, match="'fliter'; did you mean 'filter'"):
        parted(Path("a.jsonl?fliter=strict"))
    with pytest.raises(InputError, match="gives 'run' twice"):
        parted(Path("a.jsonl?run=1&run=2"))


def test_the_name_that_is_proposed_keeps_what_was_named_before() -> None:
    error = Undecided(Path("a.zip"), "filter", ["a & b", "c"], Pick(task="topics"))
    proposed = str(error).partition("'a.zip")[2].rstrip("'")
    assert parted(Path(f"a.zip{proposed}")) == (Path("a.zip"), Pick(task="topics", filter="a & b"))


def test_what_stands_behind_the_file_wins_over_what_is_said_beside_it() -> None:
    said = Said(pick=Pick(filter="match"))
    labels = space_of(("delivery", "refund", "other"))

    def first(path: Path) -> str:
        return read_answers(path, labels, said=said, study=TextFormat(), remedies=REMEDIES).column.given[0]

    assert first(LOGS / "scorers.eval?filter=pattern") == "delivery"
    with pytest.raises(InputError, match="no answer is a label"):
        first(LOGS / "scorers.eval")
