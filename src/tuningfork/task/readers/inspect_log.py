"""Logs of inspect_ai: `.eval`, a zip file with a member for each sample, and its older form, one JSON document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.readers.inspect_samples import (
    Given,
    by_text,
    choices_of,
    given_answer,
    needed_of,
    row_columns,
    score_of,
    scorers_of,
    target_of,
    targets_of,
    took,
)
from tuningfork.task.readers.json_values import Record, as_text, as_whole, parse, parse_all
from tuningfork.task.readers.lettered import are_labels, object_at
from tuningfork.task.readers.packed import is_zip, members, open_zip, texts_of
from tuningfork.task.readers.pick import Pick, of_one_run, only_one, refuse_part
from tuningfork.task.readers.scored import NO_ANSWER, SCORE, Unanswerable, right_or_wrong, score_columns
from tuningfork.task.readers.text_file import Stamp, TextFormat, first_bytes, open_text, stamp_of
from tuningfork.task.table import Found, Table
from tuningfork.task.wording import listed, quoted

_HEADERS = ("header.json", "_journal/start.json")
"""The second one alone, where the run has not ended."""
_DOCUMENT = re.compile(rb'\s*\{\s*"version"\s*:\s*\d+\s*,\s*"status"\s*:\s*"\w+"\s*,\s*"eval"\s*:\s*\{')
_LOOKED_AT = 400
_HARNESS = "inspect_ai"
_WHY_MISSING = "no_answer"
_RUN_AGAIN = "Run it again without --no-log-samples."


def knows(path: Path) -> bool:
    """Whether a file is a log by what stands in it, or is called one."""
    if path.suffix.lower() == ".eval":
        return True
    if is_zip(path):
        with open_zip(path) as packed:
            names = members(packed)
        return any(header in names for header in _HEADERS) or bool(_logs_in(names))
    try:
        return path.is_file() and bool(_DOCUMENT.match(first_bytes(path, _LOOKED_AT)))
    except (InputError, OSError, ValueError):
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Log:
    """A log.

    Attributes:
        spec: what was run.
        status: how it ended; '' while it runs.
        samples: by epoch, then in the order of the rows.
    """

    spec: Record
    status: str
    samples: Sequence[Record]

    @property
    def told(self) -> tuple[str, ...]:
        """That not all rows may have been asked, in words."""
        if self.status == "success":
            return ()
        return ("not finished" if self.status in {"", "started"} else f"not finished: {self.status}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class _LogAnswers:
    """The answers of a log.

    Attributes:
        scorer: that read them, or called them right or wrong; '' without one.
        column: that they stand in.
        scores: further columns, what the scorers say of them.
    """

    given: list[Given]
    scorer: str = ""
    column: str = "prediction"
    scores: Mapping[str, list[str]] = field(default_factory=dict)


def read_whole(path: Path, form: TextFormat) -> Table:
    """The samples as a table, a row for each answer; an unchanged file is read once.

    Raises:
        InputError: whatever is wrong with the file.
    """
    return _table(path, form.pick, stamp_of(path))


@lru_cache(maxsize=8)
def _table(path: Path, pick: Pick, _seen: Stamp) -> Table:
    is_packed = is_zip(path) or path.suffix.lower() == ".eval"
    log = _of_zip(path) if is_packed else _of_document(path)
    refuse_part(path, "system", pick)
    task = only_one(path, "task", [as_text(log.spec.get("task"))], pick)
    if not log.samples:
        raise InputError("holds no samples", file=path, remedy=_RUN_AGAIN)
    epochs = list(dict.fromkeys(as_text(sample.get("epoch")) for sample in log.samples))
    if pick.right_only:
        return _right_table(path, log, pick)
    answers = _answers(path, log.samples, pick)
    labels = [] if pick.by_score else _choices(log.samples)
    rows = [row_columns(sample) | took(sample, as_text(log.spec.get("model"))) for sample in log.samples]
    columns = _uniform(rows) | _with_labels(log.samples, answers, labels or [[] for _ in rows])
    columns["task"] = [task] * len(rows)
    if answers.scorer:
        columns["filter"] = [answers.scorer] * len(rows)
    if len(epochs) > 1:
        columns["run"] = [as_text(sample.get("epoch")) for sample in log.samples]
    missing = any(one.lacking for one in answers.given)
    if missing:
        columns[_WHY_MISSING] = [one.lacking for one in answers.given]
    score = answers.scorer if pick.by_score else ""
    words = ("inspect log", *([f"{SCORE} {quoted(score)}"] if score else []), *log.told)
    found = Found(format=", ".join(words), why_missing=_WHY_MISSING if missing else "", harness=_HARNESS, score=score)
    table = Table(source=str(path), columns=columns, rows=range(1, len(rows) + 1), found=found)
    return of_one_run(path, table, pick)


def _with_labels(
    samples: Sequence[Record], answers: _LogAnswers, labels: Sequence[Sequence[str]]
) -> dict[str, list[str]]:
    """What is right in each sample, what was answered, and what that was read from."""
    both = list(zip(samples, labels, strict=True))
    said = [by_text(one.text, choices) for one, choices in zip(answers.given, labels, strict=True)]
    return {
        "target": [target_of(sample, choices, by_score=answers.column == SCORE) for sample, choices in both],
        answers.column: said,
        "raw": [as_text(object_at(sample, "output").get("completion")) for sample in samples],
        **answers.scores,
    }


def _right_table(path: Path, log: _Log, pick: Pick) -> Table:
    """Each row once, without answers."""
    first: dict[str, int] = {}
    for place, sample in enumerate(log.samples):
        first.setdefault(as_text(sample.get("id")), place)
    places = list(first.values())
    columns = _uniform([row_columns(log.samples[place]) for place in places])
    labels = _choices(log.samples)
    columns["target"] = []
    for place in places:
        right = targets_of(log.samples[place])
        if len(right) != 1 and not pick.by_score:
            raise Unanswerable(
                f"has {len(right)} right answers: {listed(right)}",
                file=path,
                row=place + 1,
                column="target",
                remedy="Name a file of right labels of your own, with one a row.",
            )
        columns["target"].append(target_of(log.samples[place], labels[place], by_score=pick.by_score))
    further = len(log.samples) - len(places)
    words = ", ".join(("inspect log", *log.told))
    found = Found(format=words, left_out={"of further epochs": further} if further else {}, harness=_HARNESS)
    return Table(source=str(path), columns=columns, rows=[place + 1 for place in places], found=found)


def _answers(path: Path, samples: Sequence[Record], pick: Pick) -> _LogAnswers:
    """What the scorer that is meant read, any of several that read the same; or which answers it calls right."""
    scorers = scorers_of(samples)
    read = {scorer: [given_answer(sample, scorer) for sample in samples] for scorer in scorers}
    written = _written(samples, read)
    if pick.by_score:
        named = replace(pick, score=pick.score or pick.filter)
        scorer, said = right_or_wrong(path, written, range(1, len(samples) + 1), named)
        given = [replace(one, text=text) for one, text in zip(read[scorer], said, strict=True)]
        return _LogAnswers(given=given, scorer=scorer, column=SCORE)
    if not scorers:
        refuse_part(path, "filter", pick)
        return _LogAnswers(given=[given_answer(sample, None) for sample in samples])
    alike = all(answers == read[scorers[0]] for answers in read.values())
    taken = scorers[0] if alike and pick.filter is None else only_one(path, "filter", scorers, pick)
    return _LogAnswers(given=read[taken], scorer=taken, scores=score_columns(written))


def _written(samples: Sequence[Record], given: Mapping[str, Sequence[Given]]) -> dict[str, list[str | None]]:
    """Scorer -> what it says of each answer that is there."""
    return {
        scorer: [
            NO_ANSWER if one.lacking else score_of(sample, scorer) for sample, one in zip(samples, answers, strict=True)
        ]
        for scorer, answers in given.items()
    }


def _choices(samples: Sequence[Record]) -> list[list[str]]:
    """The choices of each sample whose letters stand for labels; none where rows have choices of their own."""
    found = [choices_of(sample) for sample in samples]
    return found if are_labels(found) else [[] for _ in samples]


def _uniform(rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return {name: values for name, values in columns.items() if any(values)}


def _of_zip(path: Path) -> _Log:
    with open_zip(path) as packed:
        names = members(packed)
        if logs := _logs_in(names):
            raise InputError(f"holds logs: {listed(logs)}", file=path, remedy="Unpack it and name one of them.")
        header = next((name for name in _HEADERS if name in names), None)
        if header is None:
            raise InputError(
                "is a zip file, but no log of inspect_ai: it has no header.json",
                file=path,
                remedy="Name the .eval file that `inspect eval` wrote.",
            )
        told = _json(path, header, "".join(texts_of(path, packed, [header])))
        kept = [name for name in names if name.startswith("samples/") and name.endswith(".json")]
        samples: list[Record] = []
        for text in texts_of(path, packed, kept):
            try:
                samples += [needed_of(one) for one in parse_all(text, strict=False) if isinstance(one, dict)]
            except ValueError as error:
                raise _no_json(path, "its samples", error) from error
    return _log(told, samples)


def _of_document(path: Path) -> _Log:
    with open_text(path, "utf-8", row_of=lambda _: 0) as file:
        told = _json(path, "it", file.read())
    given = told.get("samples")
    return _log(told, [needed_of(one) for one in given if isinstance(one, dict)] if isinstance(given, list) else [])


def _log(told: Record, samples: list[Record]) -> _Log:
    spec = object_at(told, "eval")
    order = object_at(spec, "dataset").get("sample_ids")
    place = {as_text(one): at for at, one in enumerate(order)} if isinstance(order, list) else {}
    samples.sort(key=lambda one: (as_whole(one.get("epoch")) or 0, place.get(as_text(one.get("id")), len(place))))
    return _Log(spec=spec, status=as_text(told.get("status")), samples=samples)


def _logs_in(names: Sequence[str]) -> list[str]:
    return [name for name in names if name.lower().endswith(".eval")]


def _json(path: Path, what: str, text: str) -> Record:
    try:
        found = parse(text, strict=False)
    except ValueError as error:
        raise _no_json(path, what, error) from error
    return found if isinstance(found, dict) else {}


def _no_json(path: Path, what: str, error: ValueError) -> InputError:
    return InputError(f"{what}: no valid JSON ({error})", file=path, remedy="Was it cut off? Copy the file again.")
