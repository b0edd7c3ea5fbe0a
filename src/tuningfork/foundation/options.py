"""Options as a user gives them, made into a checked model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tuningfork.errors import InputError, UnknownName

_Model = TypeVar("_Model", bound=BaseModel)


def validated(kind: type[_Model], options: Mapping[str, Any]) -> _Model:
    """A pydantic model of these options, with our own errors.

    Raises:
        InputError: an option that does not exist (near names are told), or a bad value.
    """
    for name in options:
        if name not in kind.model_fields:
            raise UnknownName("option", name, known=kind.model_fields)
    try:
        return kind(**options)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{name}={first['input']!r}: {said[0].lower()}{said[1:]}") from error
