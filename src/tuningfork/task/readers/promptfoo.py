"""Results of promptfoo: `.json`, one document, and `.jsonl`, a result a line; of several prompts and providers, one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.columns import obvious_text_column
from tuningfork.task.readers.json_values import Record, as_text, parse
from tuningfork.task.readers.lettered import NO_RESPONSE, object_at, plain_fields
from tuningfork.task.readers.pick import Pick, of_one_run, only_one, refuse_part
from tuningfork.task.readers.scored import NO_ANSWER, SCORE, Unanswerable, right_or_wrong, score_columns
from tuningfork.task.readers.text_file import Stamp, TextFormat, open_text, stamp_of
from tuningfork.task.table import Found, Table
from tuningfork.task.wording import quoted

_HARNESS = "promptfoo"
_KEYS = ("promptIdx", "testIdx", "vars", "success")
"""That every result has."""
_LOOKED_AT = 1 << 20
_DOCUMENT = re.compile(rb'\s*\{\s*"evalId"\s*:')
_PASSED = "pass"
"""The score of all assertions together."""
_EQUALS = ("equals", "iequals", "icontains", "contains")
"""Assertions whose value is the right answer, the plainest first."""
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_ERROR = "2"
"""What stands for a result of a request that failed."""
_WHY_MISSING = "no_answer"
_RUN_AGAIN = "Run `promptfoo eval` with `-o results.json` or `-o results.jsonl`."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    """What is needed of a result.

    Attributes:
        row: where it stands, counted from 1.
        system: the provider, the prompt, or both: what tells the matrix's columns apart.
        test: the test case's number, from 0: one that was repeated has the same number each time.
        variables: the plain ones, by their names behind 'vars.'.
        said: '' where nothing came back.
        lacking: why there is no answer; '' where there is one.
        scores: by name.
        took: seconds, dollars and tokens as far as they are told.
        repeat: how many results of the same system and test stand before it.
    """

    row: int
    system: str
    test: str
    variables: Mapping[str, str]
    target: str
    said: str
    lacking: str
    scores: Mapping[str, str]
    took: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 0


def knows(path: Path) -> bool:
    """Whether a file holds results by what stands in it."""
    if path.suffix.lower() not in {".json", ".jsonl"} or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            start = file.readline(_LOOKED_AT)
            return bool(_DOCUMENT.match(start + file.read(_LOOKED_AT))) or _is_result(start)
    except (OSError, ValueError):
        return False


def read_whole(path: Path, form: TextFormat) -> Table:
    """The results of one system as a table; an unchanged file is read once.

    Raises:
        InputError: whatever is wrong with the file.
    """
    return _table(path, form.encoding, form.pick, stamp_of(path))


@lru_cache(maxsize=8)
def _table(path: Path, encoding: str, pick: Pick, _seen: Stamp) -> Table:
    for part in ("task", "filter"):
        refuse_part(path, part, pick)
    results = _results(path, encoding)
    systems = list(dict.fromkeys(one.system for one in results))
    system = systems[0] if pick.right_only else only_one(path, "system", systems, pick)
    taken = [one for one in results if one.system == system]
    left_out = {"of other systems": len(results) - len(taken)} if len(systems) > 1 else {}
    words = [_HARNESS]
    if pick.right_only:
        once = [one for one in taken if not one.repeat]
        _refuse_untold(path, once, pick)
        columns, score = _row_columns(once, by_score=pick.by_score), ""
        left_out |= {"of further runs": len(taken) - len(once)} if len(once) < len(taken) else {}
        taken = once
    else:
        words += [f"system {quoted(system)}"] if len(systems) > 1 else []
        columns, score = _with_answers(path, taken, pick)
        words += [f"{SCORE} {quoted(score)}"] if score else []
    found = Found(
        format=", ".join(words),
        left_out=left_out,
        why_missing=_WHY_MISSING if _WHY_MISSING in columns else "",
        harness=_HARNESS,
        score=score,
    )
    table = Table(source=str(path), columns=columns, rows=[one.row for one in taken], found=found)
    return of_one_run(path, table, pick)


def _with_answers(path: Path, results: Sequence[_Result], pick: Pick) -> tuple[dict[str, list[str]], str]:
    """All columns, and the score that the answers are taken by; '' where they are what was said."""
    names = dict.fromkeys(chain.from_iterable(one.scores for one in results))
    written = {name: [NO_ANSWER if one.lacking else one.scores.get(name, "") for one in results] for name in names}
    columns = _row_columns(results, by_score=pick.by_score)
    score = ""
    if pick.by_score:
        score, columns[SCORE] = right_or_wrong(path, written, [one.row for one in results], pick)
    else:
        columns["prediction"] = [
            "" if one.lacking else one.said if one.said.strip() else NO_RESPONSE for one in results
        ]
        columns |= score_columns(written)
    columns |= _columns([one.took for one in results])
    columns["system"] = [one.system for one in results]
    if any(one.repeat for one in results):
        columns["run"] = [str(one.repeat + 1) for one in results]
    if any(one.lacking for one in results):
        columns[_WHY_MISSING] = [one.lacking for one in results]
    return columns, score


def _row_columns(results: Sequence[_Result], *, by_score: bool) -> dict[str, list[str]]:
    """What the results say of the rows that they answer."""
    variables = _columns([one.variables for one in results])
    tests = [one.test for one in results]
    own = variables.get("vars.id")
    columns = {"id": tests}
    if own is not None and all(own) and len(set(own)) == len(set(tests)):
        # The rows' own ids are what other files of the same rows have too.
        columns = {"id": own, "test": tests}
    text = obvious_text_column(tuple(name.removeprefix("vars.") for name in variables))
    if text is not None:
        columns["text"] = variables[f"vars.{text}"]
    if by_score or all(one.target for one in results):
        columns["target"] = [one.target for one in results]
    return columns | variables


def _refuse_untold(path: Path, results: Sequence[_Result], pick: Pick) -> None:
    untold = next((one for one in results if not one.target), None)
    if untold is not None and not pick.by_score:
        raise Unanswerable(
            "no assertion (equals, contains) and no variable 'expected' says what is right here",
            file=path,
            row=untold.row,
            remedy="Name a file of right labels of your own.",
        )


def _columns(rows: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    names = dict.fromkeys(chain.from_iterable(rows))
    return {name: [row.get(name, "") for row in rows] for name in names}


def _results(path: Path, encoding: str) -> list[_Result]:
    with open_text(path, encoding, row_of=lambda text: text.count("\n") + 1) as file:
        text = file.read()
    is_document = _DOCUMENT.match(text[:_LOOKED_AT].encode())
    records = _of_document(path, text) if is_document else _of_lines(path, text)
    if not records:
        raise InputError("holds no result", file=path, remedy=_RUN_AGAIN)
    names = _systems([record for _, record in records])
    tests = _tests([record for _, record in records])
    seen: Counter[tuple[str, str]] = Counter()
    found: list[_Result] = []
    for (row, record), test in zip(records, tests, strict=True):
        system = names[as_text(record["promptIdx"])]
        found.append(_result(row, record, system, test, seen[system, test]))
        seen[system, test] += 1
    return found


def _tests(records: Sequence[Record]) -> list[str]:
    """Number of each result's test case. promptfoo numbers a test anew each time it repeats it, all equally often."""
    own = [as_text(record["testIdx"]) for record in records]
    asked = [as_text([record["vars"], object_at(record, "testCase").get("assert")]) for record in records]
    times = Counter(dict(zip(own, asked, strict=True)).values())
    if set(times.values()) == {1} or len(set(times.values())) > 1:
        return own
    number = {one: str(place) for place, one in enumerate(dict.fromkeys(asked))}
    return [number[one] for one in asked]


def _of_lines(path: Path, text: str) -> list[tuple[int, Record]]:
    found: list[tuple[int, Record]] = []
    for row, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append((row, _checked(path, row, parse(line, strict=False))))
            except ValueError as error:
                remedy = "Was the file cut off there? Leave the line out, or copy the file again."
                raise InputError(f"is no valid JSON ({error})", file=path, row=row, remedy=remedy) from error
    return found


def _of_document(path: Path, text: str) -> list[tuple[int, Record]]:
    try:
        document = parse(text, strict=False)
    except ValueError as error:
        raise InputError(f"is no valid JSON ({error})", file=path, remedy="Was it cut off? Copy it again.") from error
    results = object_at(document, "results").get("results") if isinstance(document, dict) else None
    given = results if isinstance(results, list) else []
    return [(row, _checked(path, row, one)) for row, one in enumerate(given, start=1)]


def _checked(path: Path, row: int, value: object) -> Record:
    for key in _KEYS:
        if not isinstance(value, dict) or key not in value:
            raise InputError("the result lacks this key", file=path, row=row, column=key, remedy=_RUN_AGAIN)
    assert isinstance(value, dict)
    return value


def _systems(records: Sequence[Record]) -> dict[str, str]:
    """Number of a column of the matrix -> how it is called: by its provider, its prompt, or both."""
    providers: dict[str, str] = {}
    prompts: dict[str, str] = {}
    for record in records:
        place, provider = as_text(record["promptIdx"]), object_at(record, "provider")
        providers[place] = as_text(provider.get("label") or provider.get("id"))
        prompts[place] = as_text(object_at(record, "prompt").get("label"))
    if len(set(providers.values())) == len(providers):
        return providers
    numbers = {label: f"prompt {number}" for number, label in enumerate(dict.fromkeys(prompts.values()), start=1)}
    by_prompt = {place: numbers[label] for place, label in prompts.items()}
    if len(set(providers.values())) == 1:
        return by_prompt
    return {place: f"{provider}, {by_prompt[place]}" for place, provider in providers.items()}


def _result(row: int, record: Record, system: str, test: str, repeat: int) -> _Result:
    response = object_at(record, "response")
    failed = as_text(record.get("failureReason")) == _ERROR
    variables = plain_fields("vars", record["vars"])
    named = object_at(record, "namedScores")
    return _Result(
        row=row,
        system=system,
        test=test,
        variables=variables,
        target=_target(record, variables),
        said=as_text(response.get("output")),
        lacking="failed" if failed else "",
        scores={_PASSED: as_text(record["success"]), **{name: as_text(value) for name, value in named.items()}},
        took={} if failed else _took(record, response),
        repeat=repeat,
    )


def _target(record: Record, variables: Mapping[str, str]) -> str:
    """What an assertion wants the answer to be, else what a variable says that is called so."""
    graded = object_at(record, "gradingResult").get("componentResults")
    rendered = {
        as_text(object_at(one, "assertion").get("type")): object_at(one, "metadata").get("renderedAssertionValue")
        for one in (graded if isinstance(graded, list) else ())
        if isinstance(one, dict)
    }
    given = object_at(record, "testCase").get("assert")
    asserted = {
        as_text(one.get("type")): one.get("value")
        for one in (given if isinstance(given, list) else ())
        if isinstance(one, dict)
    }
    wanted = {**asserted, **{kind: value for kind, value in rendered.items() if value is not None}}
    value = next((as_text(wanted[kind]) for kind in _EQUALS if kind in wanted), "{{expected}}")
    return _VARIABLE.sub(lambda found: variables.get(f"vars.{found[1]}", ""), value).strip()


def _took(record: Record, response: Record) -> dict[str, str]:
    """Seconds, dollars and tokens. What came from a cache tells no time, and a cost of 0 is one that nobody told."""
    used = object_at(response, "tokenUsage")
    told = {"prompt_tokens": as_text(used.get("prompt")), "completion_tokens": as_text(used.get("completion"))}
    if as_text(response.get("cached")) == "true":
        return told
    try:
        seconds, usd = float(as_text(record.get("latencyMs"))) / 1000, float(as_text(record.get("cost")) or "0")
    except ValueError:
        return told
    return {**told, "seconds": f"{seconds:g}", "usd": f"{usd:g}" if usd else ""}


def _is_result(line: bytes) -> bool:
    return all(f'"{key}"'.encode() in line for key in _KEYS) and line.lstrip().startswith(b"{")
