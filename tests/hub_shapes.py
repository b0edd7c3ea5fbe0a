"""Rows in the shapes in which public data sets come, invented: which columns they have, nested or not, and how the
right answer is written. `expected` is what every reader has to make of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

N = 24
_THINGS = ("river", "stone", "garden", "engine", "letter", "winter", "candle", "market", "bridge", "forest", "harbour")
_WHAT = ("melts first", "is the oldest", "costs the least", "was seen twice", "never moves", "turns blue at noon")


def asked(i: int) -> str:
    """A question of its own for every row."""
    return f"Which part of the {_THINGS[i % 11]} {_WHAT[i % 6]}, in the year {1800 + 7 * i}?"


def options(i: int, many: int = 4) -> list[str]:
    """Different texts, other ones in every row."""
    return [f"its {_THINGS[(i + 3 * place) % 11]} no. {i + place}" for place in range(many)]


def said(i: int) -> str:
    """A second text that is unlike `asked`."""
    return f"Nobody paid {i + 2} coins for a {_THINGS[(i * 3 + 1) % 11]} {'and a spoon ' * (i % 3)}before the {i}th."


@dataclass(frozen=True)
class Shape:
    """One data set's way of writing rows.

    Attributes:
        name: of the data set that is like that.
        type: of the task.
        row: number -> the row as the file has it.
        answer: number -> the text of its right option, or its label.
        fields: where the fields stand.
        label: the column that holds the answer.
        options: of the task, beyond its type.
    """

    name: str
    type: str
    row: Callable[[int], Mapping[str, Any]]
    answer: Callable[[int], str]
    fields: Mapping[str, str]
    label: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """All rows."""
        return [dict(self.row(i)) for i in range(N)]


def _right(i: int, many: int = 4) -> str:
    return options(i, many)[i % many]


def _numbered(i: int, *names: str) -> dict[str, str]:
    return dict(zip(names, options(i, len(names)), strict=True))


CHOICES = (
    Shape(
        "openbookqa",
        "choice",
        lambda i: {
            "id": f"7-{i}",
            "question_stem": asked(i),
            "choices": {"text": options(i), "label": list("ABCD")},
            "answerKey": "ABCD"[i % 4],
        },
        _right,
        {"question": "question_stem", "choices": "choices"},
        "answerKey",
    ),
    Shape(
        "arc, some rows with digits for letters",
        "choice",
        lambda i: {
            "id": f"M_{i}",
            "question": asked(i),
            "choices": {"text": options(i), "label": list("1234" if i % 3 else "ABCD")},
            "answerKey": ("1234" if i % 3 else "ABCD")[i % 4],
        },
        _right,
        {"question": "question", "choices": "choices"},
        "answerKey",
    ),
    Shape(
        "arc, as first published",
        "choice",
        lambda i: {
            "id": f"M_{i}",
            "question": {
                "stem": asked(i),
                "choices": [{"text": text, "label": key} for text, key in zip(options(i), "ABCD", strict=True)],
            },
            "answerKey": "ABCD"[i % 4],
        },
        _right,
        {"question": "question.stem", "choices": "question.choices"},
        "answerKey",
    ),
    Shape(
        "commonsenseqa",
        "choice",
        lambda i: {
            "id": f"{i:032x}",
            "question": asked(i),
            "question_concept": _THINGS[i % 11],
            "choices": {"label": list("ABCDE"), "text": options(i, 5)},
            "answerKey": "ABCDE"[i % 5],
        },
        lambda i: _right(i, 5),
        {"question": "question", "choices": "choices"},
        "answerKey",
    ),
    Shape(
        "mmlu",
        "choice",
        lambda i: {"question": asked(i), "subject": "astronomy", "choices": options(i), "answer": i % 4},
        _right,
        {"question": "question", "choices": "choices"},
        "answer",
    ),
    Shape(
        "mmlu, options that are numbers",
        "choice",
        lambda i: {"question": asked(i), "subject": "algebra", "choices": ["2", "1", "3", "0"], "answer": i % 4},
        lambda i: ["2", "1", "3", "0"][i % 4],
        {"question": "question", "choices": "choices"},
        "answer",
        {"first_option": 0},
    ),
    Shape(
        "hellaswag",
        "choice",
        lambda i: {
            "ind": i,
            "activity_label": "Sailing",
            "ctx_a": asked(i),
            "ctx_b": "then they",
            "ctx": f"{asked(i)} then they",
            "endings": options(i),
            "source_id": f"activity~{i}",
            "split": "train",
            "split_type": "indomain",
            "label": str(i % 4),
        },
        _right,
        {"question": "ctx", "choices": "endings"},
        "label",
    ),
    Shape(
        "piqa",
        "choice",
        lambda i: {"goal": asked(i), **_numbered(i, "sol1", "sol2"), "label": i % 2},
        lambda i: _right(i, 2),
        {"question": "goal", "choices": "sol1,sol2"},
        "label",
    ),
    Shape(
        "winogrande",
        "choice",
        lambda i: {
            "sentence": f"{asked(i)} The _ did.",
            **_numbered(i, "option1", "option2"),
            "answer": str(1 + i % 2),
        },
        lambda i: _right(i, 2),
        {"question": "sentence", "choices": "option1,option2"},
        "answer",
    ),
    Shape(
        "race",
        "choice",
        lambda i: {
            "example_id": f"high{i}.txt",
            "article": f"{said(i)} It is told at length, for {i} pages.",
            "answer": "ABCD"[i % 4],
            "question": asked(i),
            "options": options(i),
        },
        _right,
        {"context": "article", "question": "question", "choices": "options"},
        "answer",
    ),
    Shape(
        "sciq",
        "choice",
        lambda i: {
            "question": asked(i),
            **_numbered(i, "distractor3", "distractor1", "distractor2", "correct_answer"),
            "support": said(i),
        },
        lambda i: options(i)[3],
        {"question": "question", "choices": "correct_answer,distractor1,distractor2,distractor3"},
        "correct_answer",
        {"fields": {"choices": "correct_answer,distractor1,distractor2,distractor3"}, "label": "correct_answer"},
    ),
    Shape(
        "copa",
        "choice",
        lambda i: {
            "premise": asked(i),
            **_numbered(i, "choice1", "choice2"),
            "question": ("cause", "effect")[i % 3 % 2],
            "idx": i,
            "label": i % 2,
        },
        lambda i: _right(i, 2),
        {"context": "premise", "question": "question", "choices": "choice1,choice2"},
        "label",
    ),
    Shape(
        "social iqa",
        "choice",
        lambda i: {
            "context": said(i),
            "question": asked(i),
            **_numbered(i, "answerA", "answerB", "answerC"),
            "label": str(1 + i % 3),
        },
        lambda i: _right(i, 3),
        {"context": "context", "question": "question", "choices": "answerA,answerB,answerC"},
        "label",
    ),
    Shape(
        "medmcqa",
        "choice",
        lambda i: {
            "id": f"m{i}",
            "question": asked(i),
            **_numbered(i, "opa", "opb", "opc", "opd"),
            "cop": i % 4,
            "choice_type": "single",
        },
        _right,
        {"question": "question", "choices": "opa,opb,opc,opd"},
        "cop",
    ),
    Shape(
        "medqa",
        "choice",
        lambda i: {
            "question": asked(i),
            "answer": _right(i),
            "options": dict(zip("ABCD", options(i), strict=True)),
            "meta_info": "step1",
            "answer_idx": "ABCD"[i % 4],
        },
        _right,
        {"question": "question", "choices": "options"},
        "answer",
    ),
    Shape(
        "an examination in a spreadsheet",
        "choice",
        lambda i: {"id": str(i), "prompt": asked(i), **_numbered(i, *"ABCDE"), "answer": "ABCDE"[i % 5]},
        lambda i: _right(i, 5),
        {"question": "prompt", "choices": "A,B,C,D,E"},
        "answer",
    ),
)

_NLI = ("entailment", "neutral", "contradiction")


def _nli(i: int) -> str:
    return _NLI[i % 3]


def _code(i: int) -> str:
    return str(i % 2)


PAIRS = (
    Shape(
        "snli",
        "pair",
        lambda i: {
            "gold_label": _nli(i),
            "sentence1_binary_parse": "( ( a ) b )",
            "sentence2_binary_parse": "( c )",
            "sentence1_parse": "(ROOT (S a))",
            "sentence2_parse": "(ROOT (S c))",
            "sentence1": asked(i),
            "sentence2": said(i),
            "captionID": f"{i}.jpg#1",
            "pairID": f"{i}.jpg#1e",
            "label1": "neutral",
            "label2": "",
        },
        _nli,
        {"text_a": "sentence1", "text_b": "sentence2"},
        "gold_label",
    ),
    Shape(
        "mnli",
        "pair",
        lambda i: {
            "promptID": i,
            "pairID": f"{i}n",
            "premise": asked(i),
            "premise_binary_parse": "( a )",
            "premise_parse": "(ROOT)",
            "hypothesis": said(i),
            "hypothesis_binary_parse": "( b )",
            "hypothesis_parse": "(ROOT)",
            "genre": "fiction",
            "label": i % 3,
        },
        lambda i: str(i % 3),
        {"text_a": "premise", "text_b": "hypothesis"},
        "label",
    ),
    Shape(
        "qqp",
        "pair",
        lambda i: {"question1": asked(i), "question2": said(i), "label": i % 2, "idx": i},
        _code,
        {"text_a": "question1", "text_b": "question2"},
        "label",
    ),
    Shape(
        "qqp, as first published",
        "pair",
        lambda i: {
            "id": i,
            "qid1": 2 * i,
            "qid2": 2 * i + 1,
            "question1": asked(i),
            "question2": said(i),
            "is_duplicate": i % 2,
        },
        _code,
        {"text_a": "question1", "text_b": "question2"},
        "is_duplicate",
    ),
    Shape(
        "mrpc, rte",
        "pair",
        lambda i: {"sentence1": asked(i), "sentence2": said(i), "label": i % 2, "idx": i},
        _code,
        {"text_a": "sentence1", "text_b": "sentence2"},
        "label",
    ),
    Shape(
        "qnli",
        "pair",
        lambda i: {"question": asked(i), "sentence": said(i), "label": i % 2, "idx": i},
        _code,
        {"text_a": "question", "text_b": "sentence"},
        "label",
    ),
    Shape(
        "boolq",
        "pair",
        lambda i: {"question": asked(i), "passage": said(i), "answer": ("no", "yes")[i % 2]},
        lambda i: ("no", "yes")[i % 2],
        {"text_a": "question", "text_b": "passage"},
        "answer",
    ),
    Shape(
        "scitail",
        "pair",
        lambda i: {"sentence1": asked(i), "sentence2": said(i), "gold_label": ("entails", "neutral")[i % 2]},
        lambda i: ("entails", "neutral")[i % 2],
        {"text_a": "sentence1", "text_b": "sentence2"},
        "gold_label",
    ),
    Shape(
        "a stance towards a target",
        "pair",
        lambda i: {"text": said(i), "target": _THINGS[i % 3], "label": ("favor", "against", "none")[i % 3]},
        lambda i: ("favor", "against", "none")[i % 3],
        {"text_a": "target", "text_b": "text"},
        "label",
    ),
)
