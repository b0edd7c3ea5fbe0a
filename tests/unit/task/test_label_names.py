"""Names for labels that look like codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.label_names import LabelName, label_space, read_label_names, unnamed_labels, unused_names

CONTENTS = {
    "names.csv": "label,name,description\n0,ham,Mail that was asked for.\n1,spam,\n",
    "names.jsonl": '{"label": 0, "name": "ham", "description": "Mail that was asked for."}\n'
    '{"label": 1, "name": "spam", "description": null}\n',
    "names.yaml": "0: {name: ham, description: Mail that was asked for.}\n1: spam\n",
    "names.json": '{"0": {"name": "ham", "description": "Mail that was asked for."}, "1": "spam"}',
}


@pytest.mark.parametrize("name", CONTENTS)
def test_every_way_to_write_names_says_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(CONTENTS[name])
    labels = label_space(["1", "0", "1"], read_label_names(path), file=path)
    assert [(label.value, label.name, label.description) for label in labels.labels] == [
        ("0", "ham", "Mail that was asked for."),
        ("1", "spam", None),
    ]


def test_yaml_labels_stay_as_written(tmp_path: Path) -> None:
    path = tmp_path / "names.yml"
    path.write_text("no: refused\n01: first\n1.0: one\n")
    assert label_space(["no", "01", "1.0"], read_label_names(path)).names == ("first", "one", "refused")


def test_labels_without_a_given_name_keep_their_own() -> None:
    assert label_space(["b", "a"]).names == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("n.csv", "label,name\nspm,Spam\n", r"row 1: no row has the label 'spm'; did you mean 'spam'\?"),
        ("n.csv", "label,name\nspam,A\nspam,B\n", "row 2: label 'spam' is named twice"),
        ("n.csv", "label,name\nspam,\n", "row 1: label 'spam' has an empty name"),
        ("n.csv", "label,name\nspam,mail\nham,mail\n", "'ham' and 'spam' would both be called 'mail'"),
        ("n.csv", "label,name\nspam,ham\n", "'ham' and 'spam' would both be called 'ham'"),
        ("n.csv", "label,title\nspam,x\n", "column 'name': no such column"),
        ("n.yaml", "- spam\n", "is no mapping"),
        ("n.yaml", "spam: [x]\n", "label 'spam' has no name that can be read"),
        ("n.yaml", "spam: {name: x, colour: red}\n", "label 'spam' has no name that can be read"),
        ("n.yaml", "spam: {name: 'x\n", "is no valid"),
        ("n.json", '{"spam": 1}', "label 'spam' has no name"),
        ("n.json", '{"spam": ', "is no valid"),
        ("n.json", "", "is empty"),
    ],
)
def test_names_that_cannot_be_used(tmp_path: Path, name: str, content: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(InputError, match=problem) as caught:
        label_space(["spam", "ham"], read_label_names(path), file=path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("codes", [["0", "1"], ["B-17", "C-3"], ["a", "b"], ["LABEL_0", "LABEL_1"], ["1.5", "-2"]])
def test_codes_are_noticed(codes: list[str]) -> None:
    (note,) = unnamed_labels(label_space(codes))
    assert note.code == "unnamed_labels"
    assert "--label-names" in note.message and all(repr(code) in note.message for code in codes)


def test_words_are_no_codes_nor_is_one_code_among_many_words() -> None:
    words = ["positive", "nan", "True", "card_arrival", "wi-fi", "classy"]
    assert not list(unnamed_labels(label_space(words)))
    assert not list(unnamed_labels(label_space([*(f"word {'abcdefghij'[i]}x" for i in range(10)), "w2"])))


def named(*labels: str) -> list[LabelName]:
    return [LabelName(label, f"name of {label}", None, row) for row, label in enumerate(labels, 1)]


def test_a_file_may_name_more_labels_than_the_rows_have() -> None:
    """All 77 intents of a system, of which these rows have three."""
    every = named("card_arrival", "card_delivery", "top_up_failed", "top_up_reverted", "refund")
    rows = ["card_arrival", "top_up_failed", "refund"]
    assert label_space(rows, every).names == ("name of card_arrival", "name of refund", "name of top_up_failed")
    (note,) = unused_names(rows, every, Path("somewhere/names.csv"))
    assert note.code == "unused_label_names"
    assert note.message.startswith("names.csv names 2 labels that no row has")
    assert "'card_delivery', 'top_up_reverted'" in note.message
    assert not list(unused_names([entry.label for entry in every], every, Path("names.csv")))


@pytest.mark.parametrize("written", ["Refund", "refunds", "re-fund", "refund_"])
def test_a_slip_is_no_further_label(written: str) -> None:
    """A label that is written almost so has no name: it would go without, and nobody would be told."""
    with pytest.raises(InputError, match=f"row 2: no row has the label '{written}'; did you mean 'refund'"):
        label_space(["card_arrival", "refund"], named("card_arrival", written))
    assert label_space(["card_arrival", "refund"], named("card_arrival", written, "refund")).names


def test_codes_that_differ_by_a_digit_are_no_slips() -> None:
    labels = label_space(["7", "112"], named("7", "12", "77", "113"))
    assert labels.names == ("112", "name of 7")


def test_names_of_which_none_fits_are_another_file_s() -> None:
    with pytest.raises(InputError, match=r"row 1: no row has the label 'red'; there are: 'no', 'yes'"):
        label_space(["yes", "no"], named("red", "green"))
