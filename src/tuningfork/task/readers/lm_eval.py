"""Samples files of lm-evaluation-harness: `samples_TASK_DATE.jsonl`, which `--log_samples` writes, and zips of them."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TextIO

from tuningfork.errors import InputError
from tuningfork.task.columns import obvious_text_column
from tuningfork.task.readers.json_values import parse, parse_all
from tuningfork.task.readers.lm_eval_samples import (
    AS_WRITTEN,
    KEYS,
    ONLY_FILTER,
    Answered,
    Sample,
    answered,
    asked,
    sample_of,
    scored,
    scores_of,
)
from tuningfork.task.readers.packed import beginning_of, is_zip, members, open_zip, texts_of
from tuningfork.task.readers.pick import Pick, of_one_run, only_one, refuse_part
from tuningfork.task.readers.scored import SCORE, score_columns
from tuningfork.task.readers.text_file import Stamp, TextFormat, open_text, stamp_of
from tuningfork.task.table import Found, Table
from tuningfork.task.wording import quoted

_MARKS = tuple(f'"{key}"'.encode() for key in KEYS)
_SUMMARY = re.compile(rb'\s*\{\s*"results"\s*:\s*\{')
_SUMMARY_MARKS = (b'"versions"', b'"n-shot"')
_OF_TASK = re.compile(r"samples_(?P<task>.+?)(?:_\d{4}-\d\d-\d\dT[\d.:-]+)?")
_LOOKED_AT = 1 << 20
"""Bytes of a file in which the keys of a sample that is laid out over lines are looked for."""
_QUESTIONS = ("question", "input", "prompt")
"""Names of what a task asks, where a row has no text that is called so."""


def knows(path: Path) -> bool:
    """Whether a file holds samples by what stands in it, is the summary that lies beside them, or a zip of samples."""
    if is_zip(path):
        return bool(_sample_members(path))
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            first = file.readline()
            start = first if first.strip() not in {b"[", b"{", b""} else first + file.read(_LOOKED_AT)
    except (OSError, ValueError):
        return False
    return _has_marks(start) or _is_summary(path, start)


def read_whole(path: Path, form: TextFormat) -> Table:
    """The samples as a table, a row for each answer; an unchanged file is read once.

    Raises:
        InputError: whatever is wrong with the file.
    """
    return _table(path, form.encoding, form.pick, stamp_of(path))


@lru_cache(maxsize=8)
def _table(path: Path, encoding: str, pick: Pick, _seen: Stamp) -> Table:
    refuse_part(path, "system", pick)
    task, samples = _task(path, encoding, pick)
    if not samples:
        raise InputError("has no row", file=path, remedy="It needs a line for each sample.")
    _refuse_joined(samples)
    filters = list(dict.fromkeys(sample.filter for sample in samples))
    kept = filters[0] if pick.right_only else only_one(path, "filter", filters, pick)
    taken = [sample for sample in samples if sample.filter == kept]
    if not pick.by_score:
        told = answered(taken)
    else:
        told = asked(taken) if pick.right_only else scored(path, taken, pick)
    others = {"of other filters": len(samples) - len(taken)} if len(filters) > 1 else {}
    if pick.right_only:
        first = [place for place, sample in enumerate(taken) if not sample.repeat]
        columns = _row_columns([taken[place] for place in first])
        columns["target"] = [told.targets[place] for place in first]
        rows = [taken[place].row for place in first]
        others |= {"of further runs": len(taken) - len(first)} if len(first) < len(taken) else {}
    else:
        columns, rows = _with_answers(taken, told), [s.row for s, n in _times(taken, told) for _ in range(n)]
        columns |= {"task": [task] * len(rows), "filter": [kept] * len(rows)}
    parts = {"task": task if pick.task else None, "filter": kept if len(filters) > 1 and not pick.right_only else None}
    named = (f"{part} {quoted(name)}" for part, name in parts.items() if name is not None)
    words = ", ".join(("lm-eval samples", *named, *told.told))
    found = Found(format=words, left_out=others, harness="lm-eval", score=told.score)
    return of_one_run(path, Table(source=str(path), columns=columns, rows=rows, found=found), pick)


def _with_answers(samples: Sequence[Sample], told: Answered) -> dict[str, list[str]]:
    """All columns, a row for each answer."""
    times = [number for _, number in _times(samples, told)]
    # A score is that of one answer: of several it is not said which.
    scores = score_columns(scores_of(samples)) if not told.score and set(times) == {1} else {}
    once: dict[str, Sequence[str]] = {**_row_columns(samples), "target": told.targets, **told.columns, **scores}
    columns = {
        name: [value for value, number in zip(values, times, strict=True) for _ in range(number)]
        for name, values in once.items()
    }
    columns[SCORE if told.score else "prediction"] = list(chain.from_iterable(told.predictions))
    if told.raw is not None:
        columns["raw"] = list(chain.from_iterable(told.raw))
    runs = [
        str(sample.repeat + 1 if number == 1 else turn)
        for sample, number in _times(samples, told)
        for turn in range(1, number + 1)
    ]
    return columns if set(runs) == {"1"} else {**columns, "run": runs}


def _times(samples: Sequence[Sample], told: Answered) -> Iterator[tuple[Sample, int]]:
    """Each sample, and how many answers it holds."""
    return zip(samples, map(len, told.predictions), strict=True)


def _row_columns(samples: Sequence[Sample]) -> dict[str, list[str]]:
    """What the samples say of the rows they ask about."""
    docs = [sample.doc for sample in samples]
    numbers = [sample.number for sample in samples]
    columns = {name: [doc.get(name, "") for doc in docs] for name in dict.fromkeys(chain.from_iterable(docs))}
    own = columns.get("doc.id")
    found: dict[str, list[str]] = {"id": numbers}
    if own is not None and all(own) and len(set(own)) == len(set(numbers)):
        # The rows' own ids are what other files of the same rows have too.
        found = {"id": own, "doc_id": numbers}
    text = _text_field(samples[0])
    return {**found, **({} if text is None else {"text": columns[f"doc.{text}"]}), **columns}


def _text_field(sample: Sample) -> str | None:
    names = tuple(name.removeprefix("doc.") for name in sample.doc)
    return obvious_text_column(names) or next((name for name in _QUESTIONS if name in names), None)


def _refuse_joined(samples: Sequence[Sample]) -> None:
    """Refuse samples of one number that ask about different rows."""
    first: dict[str, Sample] = {}
    for sample in samples:
        before = first.setdefault(sample.number, sample)
        if before.identity != sample.identity:
            raise sample.error(
                f"holds samples of several tasks: doc_id {sample.number} is another row here than in row {before.row}",
                column="doc_id",
                remedy=AS_WRITTEN,
            )


def _task(path: Path, encoding: str, pick: Pick) -> tuple[str, list[Sample]]:
    """The samples of the one task that is meant, and its name."""
    if not is_zip(path):
        task = _task_of(path.name)
        only_one(path, "task", [task], pick)
        return task, _with_filters(_of_file(path, encoding))
    names = _sample_members(path)
    tasks: dict[str, list[str]] = {}
    for name in names:
        tasks.setdefault(_task_of(Path(name).name), []).append(name)
    task = only_one(path, "task", list(tasks), pick)
    if len(tasks[task]) > 1:
        one, other = tasks[task][:2]
        raise InputError(
            f"holds samples of {quoted(task)} twice: {quoted(one)} and {quoted(other)}",
            file=path,
            remedy="Unpack it and name one of them.",
        )
    with open_zip(path) as packed:
        text = "".join(texts_of(path, packed, tasks[task]))
    return task, _with_filters(_of_text(f"{path}: {tasks[task][0]}", io.StringIO(text)))


def _task_of(name: str) -> str:
    stem = name.rpartition(".")[0] or name
    found = _OF_TASK.fullmatch(stem)
    return stem if found is None else found["task"]


def _sample_members(path: Path) -> list[str]:
    """Members of a zip file that hold samples."""
    with open_zip(path) as packed:
        return [
            name
            for name in members(packed)
            if name.lower().endswith((".jsonl", ".json"))
            and not name.startswith("__MACOSX/")
            and _has_marks(beginning_of(path, packed, name, _LOOKED_AT))
        ]


def _has_marks(start: bytes) -> bool:
    return all(mark in start for mark in _MARKS)


def _of_file(path: Path, encoding: str) -> list[Sample]:
    with open_text(path, encoding, row_of=lambda text: text.count("\n") + 1) as file:
        if _is_summary(path, file.read(_LOOKED_AT).encode()):
            raise InputError(
                "holds lm-eval's scores over all rows, and no answer",
                file=path,
                remedy="Name the samples file beside it, samples_TASK_DATE.jsonl; without one, run lm-eval again with "
                "--log_samples.",
            )
        file.seek(0)
        return _of_text(str(path), file)


def _is_summary(path: Path, start: bytes) -> bool:
    """Whether it is the file of scores that lm-eval writes beside the samples."""
    return path.suffix.lower() == ".json" and bool(_SUMMARY.match(start)) and all(m in start for m in _SUMMARY_MARKS)


def _of_text(where: str, file: TextIO) -> list[Sample]:
    """Samples, one a line; the oldest versions wrote one array."""
    seen: Counter[tuple[str, str]] = Counter()
    first = next((line for line in file if line.strip()), "")
    file.seek(0)
    values = _of_array(where, file.read()) if first.lstrip()[:1] == "[" else _of_lines(where, file)
    return [sample_of(where, row, value, seen=seen) for row, value in values]


def _of_array(where: str, text: str) -> Iterator[tuple[int, object]]:
    try:
        documents = list(parse_all(text, strict=False))
    except ValueError as error:
        raise InputError(f"is no valid JSON ({error})", file=where, remedy="Was it cut off?") from error
    yield from enumerate(chain.from_iterable(one if isinstance(one, list) else [one] for one in documents), start=1)


def _of_lines(where: str, lines: Iterable[str]) -> Iterator[tuple[int, object]]:
    for row, line in enumerate(lines, start=1):
        if line.isspace():
            continue
        try:
            yield row, parse(line.lstrip("\ufeff"), strict=False)
        except ValueError as error:
            remedy = "Was the file cut off there? Leave the line out, or copy the file again."
            raise InputError(f"is no valid JSON ({error})", file=where, row=row, remedy=remedy) from error


def _with_filters(samples: list[Sample]) -> list[Sample]:
    """Older versions named no filter: then the first sample of a row is of filter '1', the second of '2'."""
    if any(sample.filter for sample in samples):
        return samples
    if not any(sample.repeat for sample in samples):
        return [replace(sample, filter=ONLY_FILTER) for sample in samples]
    return [replace(sample, filter=str(sample.repeat + 1), repeat=0) for sample in samples]
