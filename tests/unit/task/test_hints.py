"""What other columns say: rows that belong together, a text that stands elsewhere, names of codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.task.hints import dependent_rows, may_group, poor_text, says_little
from tuningfork.task.names_in_file import name_columns, names_in
from tuningfork.task.schema import TaskSpec
from tuningfork.task.table import Found, Table

SPEC = TaskSpec(data=Path("my rows.csv"), text="text")


@pytest.mark.parametrize(
    "name",
    ["conversation_id", "threadId", "session", "USER", "customer email", "author_name", "order_no", "doc-key", "url"],
)
def test_names_of_keys(name: str) -> None:
    assert may_group(name)


@pytest.mark.parametrize("name", ["id", "ID", "user_type", "label_id", "customer_segment", "valid", "country", "", "_"])
def test_names_that_are_none(name: str) -> None:
    assert not may_group(name)


def keyed(values: list[str], texts: list[str] | None = None) -> list[str]:
    rows = {"text": texts or [f"text {i}" for i in range(len(values))], "user_id": values}
    table = Table.from_columns(rows, source="my rows.csv")
    return [note.message for note in dependent_rows(table, "text", ["user_id"], SPEC)]


def test_the_whole_command_is_shown() -> None:
    (message,) = keyed([str(i // 2) for i in range(40)])
    assert "40 of 40 rows share their 'user_id'" in message
    assert "tuningfork plan 'my rows.csv' --group user_id." in message


def test_repeats_of_one_text_are_no_dependence() -> None:
    assert not keyed([str(i // 2) for i in range(40)], [f"text {i // 2}" for i in range(40)])


@pytest.mark.parametrize("values", [["one"] * 40, [str(i) for i in range(40)], [""] * 40, ["a", "b"] * 20])
def test_constants_single_keys_blanks_and_two_kinds_are_none(values: list[str]) -> None:
    assert not keyed(values)


def test_a_text_that_says_little() -> None:
    texts = [f"see subject #{i}" for i in range(40)]
    assert says_little(texts)
    assert not says_little(texts[:10]), "too few to judge"
    assert not says_little([f"words {'abcdefghij'[i % 10]}{'klmn'[i // 10]}" for i in range(40)])
    subjects = [f"the matter of {'abcdefghij'[i % 10]} and {'klmn'[i // 10]}" for i in range(40)]
    columns = {"text": texts, "subject": subjects, "state": ["a", "b"] * 20}
    table = Table.from_columns(columns, source="my rows.csv")
    (note,) = poor_text(table, "text", ("text",), SPEC)
    assert "--text subject" in note.message
    assert not list(poor_text(table, "text", ("text", "subject"), SPEC))


def coded(names: list[str], **found: dict[str, dict[str, str]]) -> tuple[dict[str, str], list[str]]:
    rows = {"text": list("abcd"), "label": ["0", "1", "0", ""], "label_text": names}
    table = Table.from_columns(rows)
    table = Table(table.source, table.columns, table.rows, Found(**found))
    told, notes = names_in(table, "label", name_columns(table.names, "label"))
    return dict(told), [note.code for note in notes]


def test_names_beside_codes() -> None:
    assert coded(["no", "yes", "no", ""]) == ({"0": "no", "1": "yes"}, ["names_from_file"])
    assert coded(["no", "yes", "", ""]) == ({"0": "no", "1": "yes"}, ["names_from_file"])


@pytest.mark.parametrize("names", [["no", "yes", "yes", ""], ["no", "no", "no", ""]])
def test_names_that_contradict_themselves(names: list[str]) -> None:
    assert coded(names) == ({}, ["names_not_one_to_one"])


@pytest.mark.parametrize("names", [["no", "", "no", ""], ["7", "8", "7", ""]])
def test_names_that_name_not_all_or_are_codes_again(names: list[str]) -> None:
    assert coded(names) == ({}, [])


def test_metadata_come_first() -> None:
    told = coded(["no", "yes", "no", ""], label_names={"label": {"0": "ham", "1": "spam", "2": "eggs"}})
    assert told == ({"0": "ham", "1": "spam"}, ["names_from_file"])


def test_words_need_no_names() -> None:
    table = Table.from_columns({"text": ["a", "b"], "label": ["yes", "no"], "label_name": ["ja", "nein"]})
    assert names_in(table, "label", ["label_name"]) == ({}, ())
