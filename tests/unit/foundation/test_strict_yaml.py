"""YAML that people write: nothing is read otherwise than it stands there, and mistakes are told with their place."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import tuningfork
from tuningfork.foundation.strict_yaml import NotYaml, RepeatedKey, parse_yaml

OURS = sorted(Path(tuningfork.__file__).parent.rglob("*.yaml"))


def test_scalars_are_typed_unless_they_are_wanted_as_written() -> None:
    text = "a: no\nb: 01\nc: 2024-01-02\n1: x\n"
    assert parse_yaml(text).content == yaml.safe_load(text)
    assert parse_yaml(text, as_written=True).content == {"a": "no", "b": "01", "c": "2024-01-02", "1": "x"}


def test_the_line_of_every_key_and_item_is_known() -> None:
    parsed = parse_yaml("a:\n  b: 1\n  c:\n    - x\n    - y: 2\n")
    assert parsed.lines == {("a",): 1, ("a", "b"): 2, ("a", "c"): 3, ("a", "c", 0): 4, ("a", "c", 1): 5} | {
        ("a", "c", 1, "y"): 5
    }


def test_json_is_yaml_and_nothing_is_none() -> None:
    assert parse_yaml('{"a": [1, null]}').content == {"a": [1, None]}
    assert parse_yaml("# only a comment\n").content is None


@pytest.mark.parametrize("as_written", [False, True])
@pytest.mark.parametrize(
    ("text", "place", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", ("a",), 3, 1),
        ("a:\n  - {x: 1, x: 2}\n", ("a", 0, "x"), 2, 12),
        ("1: a\n'1': b\n", ("1",), 2, 1),
        ('{"a": 1, "a": 1}', ("a",), 1, 10),
    ],
)
def test_a_key_stands_once(
    text: str, place: tuple[str | int, ...], line: int, column: int, *, as_written: bool
) -> None:
    with pytest.raises(
        RepeatedKey, match=f"^the key {place[-1]!r} stands twice, line {line}, column {column}$"
    ) as told:
        parse_yaml(text, as_written=as_written)
    assert (told.value.place, told.value.line, told.value.column) == (place, line, column)


@pytest.mark.parametrize("as_written", [False, True])
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a: [b\n", "line 2, column 1"),
        ("a: &x 1\nb: *x\n", r"the alias \*x is not read here, write its value out, line 2, column 4"),
        ("a: 1\n---\na: 2\n", "another document, line 2"),
        ("a: " + "[" * 1500, "nested too deeply"),
        ("? [a, b]\n: c\n? [a, b]\n: d\n", "unhashable key, line 1"),
        ("a: \x01\n", "special characters are not allowed"),
    ],
)
def test_what_is_not_read_is_told_on_one_line_with_its_place(text: str, problem: str, *, as_written: bool) -> None:
    with pytest.raises(NotYaml, match=problem) as told:
        parse_yaml(text, as_written=as_written)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["a: !!python/object/apply:os.mkdir [made]\n", "a: !!python/name:os.system\n"])
def test_no_tag_makes_an_object(text: str) -> None:
    with pytest.raises(NotYaml, match=r"could not determine a constructor for the tag .*python.*line 1"):
        parse_yaml(text)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_own_files_are_read_as_any_reader_of_yaml_reads_them(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert parse_yaml(text).content == yaml.safe_load(text)
