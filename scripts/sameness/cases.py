"""The questions that every state of the code is asked: rows laid out in a folder, and a command line typed in it.

Nothing here imports what is measured, beside the bundled sample: the same files and the same words go to both states.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuningfork.errors import UnknownName
from tuningfork.sample import sample_path

_URL = "REPLIES"
"""Stands for the address of the server that replays; see `Case.command`."""
_POOL, _TEST, _SHIFTED = 240, 60, 40
_SEED = 152

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question.

    Attributes:
        name: what it is called by.
        arguments: the command line, with REPLIES for the address of the replaying server.
        golden: its answers hang on no processor, and are kept in the repository.
    """

    name: str
    arguments: tuple[str, ...]
    golden: bool

    def command(self, url: str) -> tuple[str, ...]:
        """What is typed, where prompts are answered at `url`."""
        return tuple(argument.replace(_URL, url) for argument in self.arguments)


_LIMITS = ("--label-counts", "8,32,100", "--seeds", "3", "--budget-minutes", "600")
_FEWER = ("--label-counts", "8,32", "--seeds", "2", "--budget-minutes", "600")
_RUN = ("run", "pool.csv", "--test", "test.csv", "--label-names", "label_names.csv")
_END = ("--out", "study", "--yes", "--json")
_ANSWERS = "predictions:answers.csv?side=llm&model=Answers"


def _arms(*specs: str) -> tuple[str, ...]:
    return tuple(part for spec in specs for part in ("--arm", spec))


_LIGHT = _arms("linear", "head:wordllama", _ANSWERS, f"prompt:smollm2-135m@{_URL}?shots=3")
_HEAVY = _arms(
    "linear",
    "head:minilm",
    "blend:minilm",
    "finetune:minilm?layers=2&epochs=1",
    "finetune:minilm?recipe=pairs",
    _ANSWERS,
)
_FILES = ("gold.csv", "big.csv", "middle.csv")
_SCORED = ("big", "middle")
_RUNS = "Small=small_1.csv,small_2.csv,small_3.csv"

CASES = (
    Case(name="accuracy", arguments=(*_RUN, *_LIGHT, *_LIMITS, *_END), golden=True),
    Case(
        name="macro_f1",
        arguments=(
            *_RUN,
            *("--metric", "macro_f1", "--group", "writer", "--shifted", "shifted.csv"),
            *(*_LIGHT, *_LIMITS, *_END),
        ),
        golden=True,
    ),
    Case(name="compare", arguments=("compare", *_FILES, _RUNS, "--json"), golden=True),
    Case(
        name="compare_macro_f1",
        arguments=("compare", *_FILES, _RUNS, "--metric", "macro_f1", "--group", "writer", "--json"),
        golden=True,
    ),
    Case(
        name="compare_scores",
        arguments=(
            "compare",
            "samples_shop_big.jsonl",
            *(f"samples_shop_{name}.jsonl?score=acc" for name in _SCORED),
            "--json",
        ),
        golden=True,
    ),
    Case(name="encoders", arguments=(*_RUN, *_HEAVY, *_FEWER, *_END), golden=False),
)


def named(names: Sequence[str]) -> tuple[Case, ...]:
    """The cases of these names, or all of them.

    Raises:
        UnknownName: there is none of that name.
    """
    known = {case.name: case for case in CASES}
    for name in names:
        if name not in known:
            raise UnknownName("case", name, known=known)
    return tuple(known[name] for name in names) or CASES


def lay_out(folder: Path) -> None:
    """Write the rows of all cases: the bundled sample, in one fixed random order, and answers with planted errors.

    Args:
        folder: an empty one.
    """
    rows = _rows()
    labels = sorted({row["label"] for row in rows})
    pool, test = rows[:_POOL], rows[_POOL : _POOL + _TEST]
    shifted = [{**row, "text": row["text"].lower()} for row in rows[_POOL + _TEST : _POOL + _TEST + _SHIFTED]]
    for name, part in (("pool", pool), ("test", test), ("shifted", shifted), ("gold", test)):
        _write(folder / f"{name}.csv", [_with_writer(row, name, place) for place, row in enumerate(part)])
    shutil.copyfile(sample_path("label_names.csv"), folder / "label_names.csv")
    _write(folder / "answers.csv", _answers([*test, *shifted], labels, right=0.75, draw=1))
    _write(folder / "big.csv", _answers(test, labels, right=0.85, draw=2))
    _write(folder / "middle.csv", _answers(test, labels, right=0.8, draw=3))
    for run in (1, 2, 3):
        _write(folder / f"small_{run}.csv", _answers(test, labels, right=0.7, draw=3 + run))
    for name, right, draw in (("big", 0.85, 2), ("middle", 0.7, 7)):
        _write_samples(folder / f"samples_shop_{name}.jsonl", test, _answers(test, labels, right=right, draw=draw))


def _rows() -> list[Row]:
    with sample_path("customer_messages.csv").open(encoding="utf-8", newline="") as file:
        rows: list[Row] = list(csv.DictReader(file))
    random.Random(_SEED).shuffle(rows)
    return rows


def _with_writer(row: Row, file: str, place: int) -> Row:
    """Writers of one, two and three messages, none of them in two files; gold.csv is of the writers of test.csv."""
    role = "test" if file == "gold" else file
    return {**row, "writer": f"{role} {place // 6}{'abbccc'[place % 6]}"}


def _answers(rows: Sequence[Row], labels: Sequence[str], *, right: float, draw: int) -> list[Row]:
    """Answers of which about a share `right` is right; the others are of the next labels."""
    drawn = random.Random(_SEED + draw)
    return [
        {"text": row["text"], "answer": _answer(row["label"], labels, drawn.random() < right, drawn)} for row in rows
    ]


def _answer(label: str, labels: Sequence[str], is_right: bool, drawn: random.Random) -> str:
    step = drawn.choice((1, 1, 1, 2, 5))
    return label if is_right else labels[(labels.index(label) + step) % len(labels)]


def _write(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_samples(path: Path, rows: Sequence[Row], answers: Sequence[Row]) -> None:
    """What lm-eval keeps of rows whose right answers are no labels: only the scores, 1 or 0, count."""
    with path.open("w", encoding="utf-8") as file:
        for place, (row, answer) in enumerate(zip(rows, answers, strict=True)):
            record = {
                "doc_id": place,
                "doc": {"text": row["text"]},
                "target": f"{row['label']}, row {place}",
                "arguments": {"gen_args_0": {"arg_0": f"Message: {row['text']}\nAbout:", "arg_1": {"until": ["\n"]}}},
                "resps": [[answer["answer"]]],
                "filtered_resps": [answer["answer"]],
                "filter": "none",
                "metrics": ["acc"],
                "acc": float(answer["answer"] == row["label"]),
            }
            file.write(json.dumps(record) + "\n")
