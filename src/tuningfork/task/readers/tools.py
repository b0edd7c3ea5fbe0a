"""What labelling tools and makers of training files write for one row, laid flat: text and label in columns so called.

A tool is known by keys that only it has. Columns `text` and `label` are added where the objects have none; all keys of
the objects stay, so that `--text` and `--label` may still name them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuningfork.task.readers import chats, choices
from tuningfork.task.readers.json_values import Record, as_text

Row = tuple[int, Record]

_METADATA = "-metadata"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaped:
    """The rows of a tool's file.

    Attributes:
        rows: with their numbers; all of them have the same keys.
        told: the tool, in words.
        origin: column that was added -> where its fields come from.
        label_names: column -> code -> name, where the tool tells it.
    """

    rows: Sequence[Row]
    told: str
    origin: Mapping[str, str]
    label_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


Shape = Callable[[Path, Sequence[Row]], Shaped]


def shaped(first: Record) -> Shape | None:
    """How to lay the rows of a file flat, by its first object; None for objects that are flat as they are."""
    return next((shape for knows, shape in _SHAPES if knows(first)), None)


def _chat(path: Path, rows: Sequence[Row]) -> Shaped:
    key = chats.chat_key(rows[0][1]) or ""
    turns = [(row, record, chats.turns_of(path, row, key, record.get(key))) for row, record in rows]
    flat = [
        (row, {**record, **_added(record, text=chats.question(told), label=chats.answer(told))})
        for row, record, told in turns
    ]
    last = f"{key} (last assistant turn)"
    several = any(chats.has_history(told) for _, _, told in turns)
    asked = f"{key} (turns before the last assistant turn)" if several else f"{key} (user turn)"
    return _uniform(flat, "chat JSONL", _origin(rows[0][1], text=asked, label=last))


def _instructions(path: Path, rows: Sequence[Row]) -> Shaped:
    """Alpaca's kind: where the instruction is the same for all rows, the input alone is the text."""
    varies = len({as_text(record.get("instruction")) for _, record in rows}) > 1
    flat = []
    for row, record in rows:
        given, asked = as_text(record.get("input")), as_text(record.get("instruction"))
        text = "\n".join(filter(None, (asked, given))) if varies or not given else given
        flat.append((row, {**record, **_added(record, text=text, label=as_text(record.get("output")))}))
    inputs = any(as_text(record.get("input")) for _, record in rows)
    text_from = "instruction and input" if varies and inputs else "input" if inputs else "instruction"
    return _uniform(flat, "instructions JSONL", _origin(rows[0][1], text=text_from, label="output"))


def _prompts(asked: str, told: str) -> Shape:
    """Two keys, each with a string or with turns."""

    def _shape(path: Path, rows: Sequence[Row]) -> Shaped:
        flat = []
        for row, record in rows:
            text = chats.plain_or_turns(path, row, asked, record.get(asked))
            label = chats.plain_or_turns(path, row, told, record.get(told))
            flat.append((row, {**record, **_added(record, text=text, label=label)}))
        return _uniform(flat, "prompts JSONL", _origin(rows[0][1], text=asked, label=told))

    return _shape


def _label_studio(path: Path, rows: Sequence[Row]) -> Shaped:
    flat = [(row, one) for row, record in rows for one in choices.label_studio(path, row, record)]
    return _answered(flat, "Label Studio JSON", "annotations")


def _argilla(path: Path, rows: Sequence[Row]) -> Shaped:
    flat = [(row, one) for row, record in rows for one in choices.argilla(record)]
    return _answered(flat, "Argilla JSON", "responses")


def _flat_argilla(path: Path, rows: Sequence[Row]) -> Shaped:
    flat = [(row, one) for row, record in rows for one in choices.flat_argilla(record)]
    return _answered(flat, "Argilla records", "responses")


def _old_doccano(path: Path, rows: Sequence[Row]) -> Shaped:
    flat = [(row, one) for row, record in rows for one in choices.old_doccano(record)]
    return _uniform(flat, "doccano JSONL", {"label": "annotations", "annotator": "annotations"})


def _prodigy_choices(path: Path, rows: Sequence[Row]) -> Shaped:
    names = choices.prodigy_names(record for _, record in rows)
    flat = [(row, {**record, **_added(record, label=record.get("accept"))}) for row, record in rows]
    named = {"label": names, "accept": names} if names else {}
    return _uniform(flat, "Prodigy JSONL", _origin(rows[0][1], label="accept"), named)


def _vertex(path: Path, rows: Sequence[Row]) -> Shaped:
    flat: list[Row] = []
    for row, record in rows:
        named = record.get("classificationAnnotation")
        label = named.get("displayName") if isinstance(named, dict) else None
        flat.append((row, {**record, "text": record.get("textContent"), "label": label}))
    return _uniform(flat, "Vertex AI JSONL", {"text": "textContent", "label": "classificationAnnotation"})


def _ground_truth(path: Path, rows: Sequence[Row]) -> Shaped:
    """SageMaker's manifests: a code under a key, and what is said of it under that key with '-metadata'."""
    key = next(name.removesuffix(_METADATA) for name in rows[0][1] if name.endswith(_METADATA))
    names: dict[str, str] = {}
    flat: list[Row] = []
    for row, record in rows:
        told = record.get(f"{key}{_METADATA}")
        if isinstance(told, dict) and "class-name" in told:
            names[as_text(record.get(key))] = as_text(told["class-name"])
        flat.append((row, {**record, "text": record.get("source"), "label": record.get(key)}))
    return _uniform(flat, "Ground Truth manifest", {"text": "source", "label": key}, {"label": names})


def _categories(path: Path, rows: Sequence[Row]) -> Shaped:
    flat = [(row, {**record, "label": choices.chosen_categories(record.get("cats"))}) for row, record in rows]
    return _uniform(flat, "spaCy JSONL", {"label": "cats"})


def _answered(flat: Sequence[tuple[int, dict[str, Any]]], told: str, key: str) -> Shaped:
    """Rows with a column for each question that was asked of them; with one question, it is the label, and with none
    the rows have no label yet."""
    questions = sorted({question for _, record in flat for question in record[choices.QUESTIONS]})
    rows: list[Row] = []
    for number, record in flat:
        replies = record[choices.QUESTIONS]
        kept = {name: value for name, value in record.items() if name != choices.QUESTIONS}
        kept |= {name: replies.get(name) for name in questions}
        if len(questions) < 2 and "label" not in kept:
            kept["label"] = replies.get(questions[0]) if questions else None
        rows.append((number, kept))
    origin = dict.fromkeys(questions, key)
    if len(questions) == 1 and "label" not in questions:
        origin["label"] = f"{key} ({questions[0]})"
    return _uniform(rows, told, origin)


def _added(record: Record, **values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in record}


def _origin(record: Record, **words: str) -> dict[str, str]:
    return {name: where for name, where in words.items() if name not in record}


def _uniform(
    rows: Sequence[Row],
    told: str,
    origin: Mapping[str, str],
    label_names: Mapping[str, Mapping[str, str]] | None = None,
) -> Shaped:
    keys = dict.fromkeys(key for _, record in rows for key in record)
    filled = [(row, {key: record.get(key) for key in keys}) for row, record in rows]
    return Shaped(rows=filled, told=told, origin=origin, label_names=label_names or {})


def _has_plain_text(record: Record) -> bool:
    return "text" in record and "label" in record


def _knows_chat(record: Record) -> bool:
    return chats.chat_key(record) is not None and not _has_plain_text(record)


def _knows_keys(*keys: str) -> Callable[[Record], bool]:
    return lambda record: all(key in record for key in keys) and not _has_plain_text(record)


def _knows_label_studio(record: Record) -> bool:
    given = record.get("annotations", record.get("completions"))
    return isinstance(record.get("data"), dict) and isinstance(given, list)


def _knows_argilla(record: Record) -> bool:
    return isinstance(record.get("fields"), dict) and any(key in record for key in ("responses", "suggestions"))


def _knows_flat_argilla(record: Record) -> bool:
    return any(key.endswith(choices.RESPONSES) and isinstance(value, list | None) for key, value in record.items())


def _knows_old_doccano(record: Record) -> bool:
    given = record.get("annotations")
    return (
        isinstance(given, list)
        and "text" in record
        and "label" not in record
        and all(isinstance(one, dict) and "label" in one and "start_offset" not in one for one in given)
    )


def _knows_choices(record: Record) -> bool:
    return isinstance(record.get("accept"), list) and isinstance(record.get("options"), list)


def _knows_categories(record: Record) -> bool:
    return isinstance(record.get("cats"), dict) and "label" not in record


def _knows_ground_truth(record: Record) -> bool:
    return "source" in record and any(
        name.endswith(_METADATA) and name.removesuffix(_METADATA) in record for name in record
    )


_PROMPTS = (
    ("prompt", "completion"),
    ("prompt", "response"),
    ("input", "ideal"),
    ("input", "output"),
    ("inputs", "targets"),
    ("input_text", "output_text"),
)
"""Keys of what is asked and of what is to be answered, by those who train or test LLMs."""

_SHAPES: tuple[tuple[Callable[[Record], bool], Shape], ...] = (
    (_knows_chat, _chat),
    (_knows_label_studio, _label_studio),
    (_knows_argilla, _argilla),
    (_knows_flat_argilla, _flat_argilla),
    (_knows_old_doccano, _old_doccano),
    (_knows_choices, _prodigy_choices),
    (_knows_categories, _categories),
    (_knows_keys("textContent", "classificationAnnotation"), _vertex),
    (_knows_ground_truth, _ground_truth),
    (_knows_keys("instruction", "input", "output"), _instructions),
    *((_knows_keys(*keys), _prompts(*keys)) for keys in _PROMPTS),
)
