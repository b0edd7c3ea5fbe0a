"""Values from lists, arrays and data frames, as plain Python values; and which of them are 'nothing here'."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tuningfork.errors import InputError


def plain_values(values: Iterable[Any], *, what: str = "labels") -> list[Any]:
    """A list of Python values, rows of an array as lists, whatever array or column library they come from.

    Args:
        what: what the values are, for the message.

    Raises:
        InputError: one string, which would be taken letter by letter.
    """
    if isinstance(values, str | bytes):
        raise InputError(f"{what} are needed row by row, not as one string", remedy=f"Give a list of {what}")
    listed: Any = getattr(values, "tolist", None)
    if listed is None:
        listed = getattr(values, "to_list", None)
    found = list(listed()) if callable(listed) else list(values)
    return [value.tolist() if isinstance(value, np.ndarray | np.generic) else value for value in found]


def is_missing(value: object) -> bool:
    """Whether a value says that nothing is there: None, NaN of any kind, not-a-time, or pandas' NA."""
    if value is None or isinstance(value, str):
        return value is None
    try:
        return bool(value != value)  # noqa: PLR0124  (NaN and not-a-time are the values that differ from themselves)
    except TypeError:
        return True  # pandas.NA will not say whether it equals anything
    except ValueError:
        return False  # an array compares item by item


def is_blank(value: object) -> bool:
    """Whether a label says nothing: missing, or a string without a letter in it."""
    return is_missing(value) or (isinstance(value, str) and not value.strip())


def whole_number(label: object) -> object:
    """A label of 1.0 as 1: Python holds them for equal, and data frames make the one of the other."""
    return int(label) if isinstance(label, float) and label.is_integer() else label
