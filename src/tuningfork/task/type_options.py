"""Options that say something of one type's rows, given for rows of another."""

from __future__ import annotations

from tuningfork.errors import InputError
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_type import TaskType


def refuse_options_of_other_types(spec: TaskSpec, kind: TaskType) -> None:
    """Every option of the task means something for rows of its type.

    Raises:
        InputError: one that does not.
    """
    if spec.label_names is not None and kind.answers_among == "options":
        raise InputError(
            f"names labels, and rows of type {kind.name} have none: each has options of its own",
            file=spec.label_names,
            remedy="Leave out --label-names.",
        )
    if spec.symmetric and not kind.may_be_symmetric:
        raise InputError(
            f"--symmetric says that two texts may change places, and a row of type {kind.name} has none such",
            remedy="Leave it out; if rows are two texts, say --type pair.",
        )
    if spec.first_option is not None and kind.options is None:
        raise InputError(
            f"--first-option counts the options of a row, and a row of type {kind.name} has none",
            remedy="Leave it out; if rows have options of their own, say --type choice.",
        )
