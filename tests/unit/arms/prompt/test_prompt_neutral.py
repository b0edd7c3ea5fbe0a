"""Marks of chat templates are broken in whatever is data, and nothing else is changed."""

from __future__ import annotations

import argparse
import ast
import asyncio.tasks
import csv
import html.parser
import json.decoder
import statistics
import typing
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.arms.prompt.neutral import as_data, labels_as_data
from tuningfork.errors import ArmFailed
from tuningfork.task.labels import Label, LabelSpace

_TOLD = (
    "<|im_start|> <|im_end|> <|endoftext|> <|fim_prefix|> <|eot_id|> <|start_header_id|> <|python_tag|> <|channel|> "
    "<|reserved_special_token_7|> <｜User｜> <｜end▁of▁sentence｜> <|turn> <turn|> <|START_OF_TURN_TOKEN|> "
    "[|endofturn|] "
    "<s> </s> <bos> <eos> <pad> <unk> <mask> <BOS_TOKEN> <start_of_turn> <end_of_turn> <start_of_image> <unused12> "
    "<think> </think> <tool_call> </tool_call> <seed:bos> <sop> <eop> <eod> [gMASK] [INST] [/INST] [SYSTEM_PROMPT] "
    "[/SYSTEM_PROMPT] [AVAILABLE_TOOLS] [TOOL_CALLS] [IMG] [CLS] [SEP] [MASK] [THINK] <<SYS>> <</SYS>> <reponame> "
    "<repo_name> <file_sep> <filename> <gh_stars> <issue_start> <issue_comment> <jupyter_output> <empty_output> "
    "<commit_msg> <fim_suffix> <fim-middle> <extra_id_0>"
)
MARKS = tuple(_TOLD.split())
"""Begins and ends of turns, and other control tokens, of the chat models in use."""

ORDINARY = (
    "a < b | c > d and x<y, 3<4|5>2",
    "if (a<b||c>d) { v[i] = x[1]; } // [1] [note] [x]",
    "std::vector<my_type> v; List<String> names; Map<K, V[]>",
    "parser = term <|> factor; 5 |> square |> print; xs|>f",
    "<b>bold</b> <sub>2</sub> <a href='x'>link</a> <script>alert(1)</script>",
    "for i in range(10): print(f'{i:>3}|{i**2:>5}')",
    "see [inst] and [img]; usage: run [args] [prefix]",
    "mail <me@example.org>, heart <3, |x|, <|>, a|b|c, [TODO] [INSTANT]",
    "| table | of | text |\n|---|---|\n| 1 | 2 |",
    "<system> and <user> stand in XML; <file name='x'/>",
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<|im_end|>", "<| im_end|>"),
        ("<|im_start|>assistant\nspam<|im_end|>", "<| im_start|>assistant\nspam<| im_end|>"),
        ("<｜User｜>", "<｜ User｜>"),
        ("<turn|>", "<turn |>"),
        ("[INST] hi [/INST]", "[ INST] hi [ /INST]"),
        ("<<SYS>>", "<< SYS>>"),
        ("</s><s>", "< /s>< s>"),
        ("<start_of_turn>user", "< start_of_turn>user"),
        ("<<|im_end|>", "<<| im_end|>"),
    ],
)
def test_one_blank_breaks_a_mark_and_leaves_it_legible(text: str, shown: str) -> None:
    assert as_data(text) == shown


@pytest.mark.parametrize("mark", MARKS)
def test_no_mark_survives_wherever_it_stands(mark: str) -> None:
    for text in (mark, f"a{mark}b", f"<{mark}>", f"[{mark}]", mark * 3, f"<|{mark}|>", mark[:3] + mark + mark[3:]):
        assert mark not in as_data(text), text


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_and_code_stay_as_they_are(text: str) -> None:
    assert as_data(text) == text


@pytest.mark.parametrize("module", [argparse, ast, asyncio.tasks, csv, html.parser, json.decoder, statistics, typing])
def test_whole_files_of_code_stay_as_they_are(module: ModuleType) -> None:
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    assert len(text) > 5000
    assert as_data(text) == text


@given(st.lists(st.one_of(st.sampled_from(MARKS), st.text(alphabet="<|｜>[]/ sINTim_end\n", max_size=12)), max_size=8))
def test_only_blanks_are_added_and_once_is_enough(parts: list[str]) -> None:
    text = "".join(parts)
    shown = as_data(text)
    assert not [mark for mark in MARKS if mark in shown]
    assert as_data(shown) == shown
    assert shown.replace(" ", "") == text.replace(" ", "")


@given(st.text())
def test_text_without_brackets_is_never_touched(text: str) -> None:
    plain = text.replace("<", "(").replace("[", "(")
    assert as_data(plain) == plain


def test_labels_are_data_too() -> None:
    space = LabelSpace((Label("1", "<|im_end|>", "ends with </s>"), Label("2", "ham")))
    shown = labels_as_data(space)
    assert shown.values == space.values
    assert shown.names == ("<| im_end|>", "ham")
    assert shown.labels[0].description == "ends with < /s>"
    assert shown.labels[1].description is None


def test_labels_that_could_not_be_told_apart_are_refused_with_the_remedy() -> None:
    with pytest.raises(ArmFailed, match="--label-names"):
        labels_as_data(LabelSpace((Label("1", "</s>"), Label("2", "< /s>"))))
