"""Options become a checked model, or one message that says which option is wrong."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, Field

from tuningfork.errors import InputError, UnknownName
from tuningfork.foundation.options import validated


class _Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rows: int = Field(default=1, gt=0)


def test_good_options_make_the_model() -> None:
    assert validated(_Options, {"rows": 3}).rows == 3


def test_an_option_that_does_not_exist_is_told_with_near_names() -> None:
    with pytest.raises(UnknownName, match="did you mean 'rows'"):
        validated(_Options, {"row": 3})


def test_a_bad_value_is_told_with_its_option() -> None:
    with pytest.raises(InputError, match="rows=-1: input should be greater than 0"):
        validated(_Options, {"rows": -1})
