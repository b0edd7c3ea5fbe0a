"""What people chose, as labelling tools nest it: each annotation becomes one flat object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tuningfork.errors import InputError
from tuningfork.task.readers.json_values import Record, as_text

QUESTIONS = "\0questions"
"""Key of a flat object, which no file has: question -> what was chosen."""
RESPONSES = ".responses"
"""End of the keys under which Argilla's flat records keep answers."""


def label_studio(path: Path, row: int, task: Record) -> Iterator[dict[str, Any]]:
    """One object an annotation of a task; a task that nobody annotated has one without a label.

    Raises:
        InputError: spans, boxes or other annotations that no one label comes of.
    """
    data = task.get("data")
    assert isinstance(data, dict)
    base = {"id": task.get("id"), **data}
    given = task.get("annotations", task.get("completions"))
    for annotation in given if isinstance(given, list) and given else [{}]:
        replies: dict[str, Any] = {}
        for one in annotation.get("result") or ():
            value = one.get("value") or {}
            chosen = value.get("choices", value.get("taxonomy", value.get("rating")))
            if chosen is None and value.keys() & {"labels", "rectanglelabels", "start", "x"}:
                problem = f"holds an annotation of type {as_text(one.get('type'))!r}, which marks parts of the text"
                remedy = "Only choices for the whole text are labels; export the task that has them."
                raise InputError(problem, file=path, row=row, column="annotations", remedy=remedy)
            if chosen is not None:
                replies[as_text(one.get("from_name")) or "label"] = chosen
        yield {
            **base,
            QUESTIONS: replies,
            "annotator": _person(annotation.get("completed_by")),
            "was_cancelled": bool(annotation.get("was_cancelled") or annotation.get("skipped")),
        }


def argilla(record: Record) -> Iterator[dict[str, Any]]:
    """One object a response; a record without responses has one without a label: suggestions are nobody's answer."""
    fields = record.get("fields")
    assert isinstance(fields, dict)
    base = {"id": record.get("id"), **fields}
    found = False
    for person, status, replies in _responses(record.get("responses")):
        found = True
        yield {**base, QUESTIONS: replies, "annotator": person, "status": status}
    if not found:
        yield {**base, QUESTIONS: {}, "annotator": "", "status": "pending"}


def _responses(responses: object) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(who, status, question -> answer), of either way in which versions write them."""
    if isinstance(responses, list):
        for one in responses:
            values = one.get("values") or {}
            replies = {name: _value(value) for name, value in values.items()}
            yield as_text(one.get("user_id")), as_text(one.get("status")), replies
    elif isinstance(responses, dict):
        by_person: dict[tuple[str, str], dict[str, Any]] = {}
        for question, answers in responses.items():
            for one in answers if isinstance(answers, list) else []:
                key = (as_text(one.get("user_id")), as_text(one.get("status") or "submitted"))
                by_person.setdefault(key, {})[question] = _value(one)
        for (person, status), replies in by_person.items():
            yield person, status, replies


def flat_argilla(record: Record) -> Iterator[dict[str, Any]]:
    """The same for records whose answers lie in lists under 'QUESTION.responses', people and states beside them."""
    parts = (RESPONSES, f"{RESPONSES}.users", f"{RESPONSES}.status")
    base = {key: value for key, value in record.items() if not key.endswith((*parts, ".suggestion"))}
    questions = [key.removesuffix(RESPONSES) for key in record if key.endswith(RESPONSES)]
    answers = {name: [_list(record.get(name + part)) for part in parts] for name in questions}
    by_person: dict[tuple[str, str], dict[str, Any]] = {}
    for name, (values, people, states) in answers.items():
        for place, value in enumerate(values):
            person = as_text(people[place]) if place < len(people) else ""
            status = as_text(states[place]) if place < len(states) else "submitted"
            by_person.setdefault((person, status), {})[name] = _value(value)
    for (person, status), replies in (by_person or {("", "pending"): dict[str, Any]()}).items():
        yield {**base, QUESTIONS: replies, "annotator": person, "status": status}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def old_doccano(record: Record) -> Iterator[dict[str, Any]]:
    """One object a person who annotated the row; one without a label where nobody did."""
    given = record.get("annotations")
    base = {key: value for key, value in record.items() if key != "annotations"}
    by_person: dict[str, list[object]] = {}
    for one in given if isinstance(given, list) else []:
        by_person.setdefault(_person(one.get("user")), []).append(one.get("label"))
    for person, labels in (by_person or {"": list[object]()}).items():
        yield {**base, "label": labels, "annotator": person}


def prodigy_names(records: Iterable[Record]) -> dict[str, str]:
    """Names of the options of Prodigy's choices by their ids, where they are others."""
    found: dict[str, str] = {}
    for record in records:
        options = record.get("options")
        for option in options if isinstance(options, list) else []:
            if isinstance(option, dict) and "id" in option and "text" in option:
                found[as_text(option["id"])] = as_text(option["text"])
    return found


def chosen_categories(cats: object) -> list[str] | None:
    """The categories that spaCy's `cats` holds true."""
    if not isinstance(cats, Mapping):
        return None
    return [name for name, value in cats.items() if as_text(value).lower() in ("1", "1.0", "true")]


def _value(value: object) -> object:
    return value.get("value") if isinstance(value, dict) else value


def _person(given: object) -> str:
    """Who it was, by the e-mail address or the number that the tool tells."""
    if isinstance(given, dict):
        return as_text(given.get("email") or given.get("id"))
    return as_text(given)
