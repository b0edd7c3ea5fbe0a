"""Commands that share options: a dataclass states them once, and the command line sees one option for each field."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Any, get_type_hints

Command = Callable[..., None]


def unfolded(*, without: Collection[str] = ()) -> Callable[[Command], Command]:
    """A command's parameter that is a dataclass of options, as one parameter for each of its fields.

    typer reads the options of a command from its signature, and knows no dataclasses.

    Args:
        without: fields that this command does not offer; they keep their defaults.

    Raises:
        ValueError: a name in `without` is no field.
    """

    def unfold(command: Command) -> Command:
        hints = get_type_hints(command, include_extras=True)
        folded = {name: _offered(kind, without) for name, kind in hints.items() if is_dataclass(kind)}
        parameters = list(_parameters(command, hints, folded))

        @wraps(command)
        def called(**typed: Any) -> None:
            groups = {name: hints[name](**{one: typed.pop(one) for one in own}) for name, own in folded.items()}
            command(**typed, **groups)

        plain = signature(command).replace(parameters=parameters)
        called.__signature__ = plain  # type: ignore[attr-defined]  # what `inspect.signature` looks at first
        called.__annotations__ = {one.name: one.annotation for one in parameters}
        return called

    return unfold


def _offered(kind: Any, without: Collection[str]) -> Mapping[str, Field[Any]]:
    """The fields of a dataclass of options that a command offers, by name."""
    found = {field.name: field for field in fields(kind)}
    if unknown := [name for name in without if name not in found]:
        raise ValueError(f"{kind.__name__} has no option {unknown[0]!r} to leave out")
    return {name: field for name, field in found.items() if name not in without}


def _parameters(
    command: Command, hints: Mapping[str, Any], folded: Mapping[str, Mapping[str, Field[Any]]]
) -> Iterator[Parameter]:
    """The command's parameters in order, the fields of a dataclass in its place."""
    for name, parameter in signature(command).parameters.items():
        if name not in folded:
            yield parameter.replace(annotation=hints[name])
            continue
        annotations = get_type_hints(hints[name], include_extras=True)
        for option, field in folded[name].items():
            default = Parameter.empty if field.default is MISSING else field.default
            yield Parameter(option, parameter.kind, default=default, annotation=annotations[option])
