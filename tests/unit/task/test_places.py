"""Where fields stand in a file: as said, or by names that are plain; and what is not plain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tuningfork.errors import InputError, UnknownName
from tuningfork.task.fields import caption_of
from tuningfork.task.places import Place, Places, find_places, look_alike
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_type import TASK_TYPES


def places(kind: str, *names: str, **options: Any) -> Places:
    spec = TaskSpec(data=Path("rows.csv"), type=kind, **options)
    return find_places(spec, TASK_TYPES.get(kind), names, "rows.csv")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("stem", Place("stem", ("stem",))),
        ("question.stem", Place("question.stem", ("question",), ("stem",))),
        ("question.a.b", Place("question.a.b", ("question",), ("a", "b"))),
        ("a.b.c", Place("a.b.c", ("a.b",), ("c",))),
        ("x.y", Place("x.y", ("x.y",))),
        ("one,two", Place("one,two", ("one", "two"))),
        ("one, two", Place("one, two", ("one", "two"))),
        ("c,d", Place("c,d", ("c,d",))),
        ("one,nine", None),
        ("nine", None),
        ("nine.stem", None),
    ],
)
def test_what_a_name_means(said: str, place: Place | None) -> None:
    names = ("question", "stem", "a.b", "a", "x", "x.y", "one", "two", "c,d")
    assert Place.of(said, names, is_list=True) == place


def test_a_text_has_one_column() -> None:
    assert Place.of("one,two", ("one", "two"), is_list=False) is None


@pytest.mark.parametrize(
    ("kind", "names", "said"),
    [
        ("pair", ("text_b", "text_a", "label"), {"text_a": "text_a", "text_b": "text_b"}),
        ("pair", ("hypothesis", "label", "premise"), {"text_a": "premise", "text_b": "hypothesis"}),
        ("pair", ("Sentence1", "SENTENCE2"), {"text_a": "Sentence1", "text_b": "SENTENCE2"}),
        ("choice", ("question", "choices", "hint"), {"question": "question", "choices": "choices"}),
        (
            "choice",
            ("Question", "Option_1", "Option_2", "Option_3"),
            {"question": "Question", "choices": "Option_1,Option_2,Option_3"},
        ),
        ("choice", ("question", "option2", "option1"), {"question": "question", "choices": "option1,option2"}),
        ("choice", ("question", "A", "B", "C", "D"), {"question": "question", "choices": "A,B,C,D"}),
        (
            "choice",
            ("question", "choices", "context"),
            {"context": "context", "question": "question", "choices": "choices"},
        ),
        (
            "choice",
            ("question", "options", "passage"),
            {"context": "passage", "question": "question", "choices": "options"},
        ),
        ("choice", ("premise", "choice1", "choice2"), {"question": "premise", "choices": "choice1,choice2"}),
    ],
)
def test_plain_names(kind: str, names: tuple[str, ...], said: dict[str, str]) -> None:
    found = places(kind, *names)
    assert found.said == said
    assert set(found.guessed) == set(said)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("pair", ("premise", "label")),
        ("pair", ("premise", "claim", "label")),
        ("pair", ("left", "right", "label")),
        ("choice", ("query", "option1", "option3")),
        ("choice", ("query", "option2", "option3")),
        ("choice", ("query", "A", "B")),
        ("choice", ("query", "1", "2", "3")),
        ("choice", ("title", "choices")),
    ],
)
def test_what_is_not_plain_is_asked_for(kind: str, names: tuple[str, ...]) -> None:
    found = None
    with pytest.raises(InputError, match="it is not obvious which column is") as told:
        found = places(kind, *names)
    assert found is None
    assert "--field" in str(told.value)


def test_what_is_said_stands_and_the_rest_is_found() -> None:
    found = places("pair", "premise", "hypothesis", "claim", fields={"text_a": "claim"})
    assert found.said == {"text_a": "claim", "text_b": "hypothesis"}
    assert found.guessed == ("text_b",)
    assert places("choice", "stem", "o1", "o2", fields={"choices": "o1,o2"}).said == {
        "question": "stem",
        "choices": "o1,o2",
    }


def test_a_column_has_one_part_but_the_right_option_may_be_the_answer() -> None:
    with pytest.raises(InputError, match="named twice, for --field text_a and for --field text_b"):
        places("pair", "a", "b", fields={"text_a": "a", "text_b": "a"})
    with pytest.raises(InputError, match="named twice, for --field choices and for --label"):
        places("choice", "query", "choices", fields={"choices": "choices"}, label="choices")
    found = places("choice", "question", "right", "wrong", fields={"choices": "right,wrong"}, label="right")
    assert found.columns == ("question", "right", "wrong")


def test_two_fields_may_stand_at_two_places_of_one_column() -> None:
    nested = places("choice", "item", fields={"question": "item.stem", "choices": "item.options"})
    assert nested.columns == ("item",)
    with pytest.raises(InputError, match="named twice"):
        places("pair", "item", fields={"text_a": "item.x", "text_b": "item.x"})


def test_a_field_of_another_type_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match=r"no field of pair 'question'.*text_a, text_b"):
        places("pair", "a", "b", fields={"question": "a"})


def test_a_group_may_be_called_by_its_field() -> None:
    found = places("pair", "premise", "hypothesis")
    assert found.of_group("text_a") == "premise"
    assert found.of_group("premise") == "premise"
    assert found.of_group("document") == "document"
    assert found.of_group(None) is None


@pytest.mark.parametrize(
    ("names", "types"),
    [
        (("premise", "hypothesis", "label"), ["pair"]),
        (("question", "choices", "answer"), ["choice"]),
        (("question", "label"), []),
        (("text", "label"), []),
    ],
)
def test_types_that_columns_look_like(names: tuple[str, ...], types: list[str]) -> None:
    assert list(look_alike(names)) == types


@pytest.mark.parametrize(
    ("field", "column", "caption"),
    [
        ("text_a", "premise", "Premise"),
        ("text_a", "sentence1", "Sentence 1"),
        ("text_a", "question_stem", "Question stem"),
        ("question", "ctx", "Ctx"),
        ("question", "q", "Question"),
        ("choices", "a,b,c", "Choices"),
        ("text_b", "2", "Text b"),
    ],
)
def test_what_readers_call_a_field(field: str, column: str, caption: str) -> None:
    assert caption_of(field, column) == caption
