"""What families that are trained say of types and kinds of answers: which they can do, and what of a row they read."""

from __future__ import annotations

from collections.abc import Sequence

from tuningfork.arms._label_names import NamedLabels
from tuningfork.arms.family import Family, Setting
from tuningfork.arms.spec import ONLY, ArmSpec
from tuningfork.arms.targets.target import TARGETS
from tuningfork.task.inputs import Fields, Inputs
from tuningfork.task.labels import LabelSpace
from tuningfork.task.task_type import TaskType

Text = str | tuple[str, str]
"""One text, or two that are read together."""

_NO_NAMES = LabelSpace(())


def cannot_learn(family: Family, type_: TaskType) -> str | None:
    """Why a family that is trained cannot do a type, in a clause: rows of one text, of two, or with options of their
    own it can do, where there is a target for the kind of answer."""
    if type_.kind not in TARGETS.names():
        return f"{family.name} has nothing to learn answers of the kind {type_.kind} with"
    if type_.answers_among == "options" or len(fields_of(type_)) <= 2:
        return None
    return f"{family.name} reads two texts a row at most"


def fields_of(type_: TaskType) -> tuple[str, ...]:
    """The fields that are read, one text each."""
    return tuple(field.name for field in type_.fields if not field.is_list)


def check_only(spec: ArmSpec, type_: TaskType) -> str | None:
    """Why an arm cannot see that field alone, in a clause; None where it can, or sees all."""
    field = spec.options.get(ONLY)
    if field is None or (not type_.has_one_text and field in [one.name for one in type_.fields]):
        return None
    return f"its rows have no field {field!r} beside others"


def as_seen(rows: Inputs, only: str | None) -> Inputs:
    """The rows as an arm that sees one field sees them: that text, or, of lists, with every other field empty. As they
    are without a field."""
    if only is None:
        return rows
    values = rows.fields.named[only]
    if all(isinstance(value, str) for value in values[:1]):
        return Inputs.of_texts(rows.ids, rows.fields.text(only))
    empty = {name: ("",) * len(rows) for name in rows.fields.named if name != only}
    return Inputs(rows.ids, Fields({**empty, only: values}))


def texts_read(rows: Inputs, fields: Sequence[str]) -> Sequence[Text]:
    """What an encoder that reads a whole row is given: its text, or its two texts."""
    if len(fields) == 1:
        return rows.texts
    first, second = (rows.fields.text(name) for name in fields)
    return list(zip(first, second, strict=True))


def names_learned(spec: ArmSpec, setting: Setting) -> NamedLabels:
    """The labels' names that are rows too: a name is one text, and tells nothing of two."""
    one_text = setting.type.has_one_text
    return NamedLabels.wanted_by(spec, setting.labels) if one_text else NamedLabels.of(_NO_NAMES)
