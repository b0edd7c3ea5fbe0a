"""The JSON of a profile: the contract's keys, honest nulls, and a file that is read back as it was written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import profile_cases as cases
from tuningfork.profile.document import LengthsDocument
from tuningfork.profile.figures import Lengths
from tuningfork.profile.files import read_profile, write_profile


def test_the_keys_of_the_contract() -> None:
    told = cases.document(cases.full()).as_dict()
    assert told["rows"] == sum(told["labels"].values()) + told["unlabelled"] == 3207
    assert told["labels"]["label 3"] == 26
    assert (told["duplicates"], told["leakage"]) == (60, 4)
    assert set(told["shift"]) == {"test", "shifted"}
    assert {"detected", "p_value", "method", "power", "smallest_shift"} <= set(told["shift"]["shifted"])
    assert told["shift"]["test"]["detected"] is False
    answer = told["answers"]["out_of_distribution"]
    assert (answer["answer"], answer["confidence"]) == ("yes", "high")
    assert "shifted" in answer["method"]
    assert told["leakage_by_file"]["test"] == {"role": "test", "rows": 4, "near": 1, "of": 100}
    assert [file["role"] for file in told["files"]] == ["data", "test", "shifted"]
    json.dumps(told, allow_nan=False)


def test_what_is_not_known_is_null_and_never_zero() -> None:
    told = cases.document(cases.profile((cases.file_profile(labels={}, unlabelled=9),), embedded_by=None)).as_dict()
    assert (told["suspicious"], told["domains"], told["embedded_by"]) == (None, None, None)
    assert told["shift"] == {}
    assert told["labels"] == {}
    assert set(told["answers"]) == {"few_labels"}, "without labels nobody knows what is to be predicted"
    few = cases.document(cases.profile(shifts=(cases.shift(detected=None),))).as_dict()["shift"]["shifted"]
    assert (few["detected"], few["p_value"], few["power"], few["smallest_shift"]) == (None, None, None, None)


def test_shifted_rows_answer_before_test_rows() -> None:
    both = (cases.shift("test", detected=False), cases.shift("shifted", detected=True))
    assert cases.document(cases.profile(shifts=both)).answers["out_of_distribution"].answer == "yes"
    alone = cases.document(cases.profile(shifts=both[:1])).answers["out_of_distribution"]
    assert (alone.answer, alone.confidence) == ("no", "medium")


def test_labels_of_shifted_rows_are_none_to_train_on() -> None:
    files = (cases.file_profile(labels={"a": 30}), cases.file_profile("shifted", labels={"b": 900}))
    assert cases.document(cases.profile(files)).answers["few_labels"].answer == "yes"


@pytest.mark.parametrize("case", cases.CASES)
def test_a_study_reads_back_what_it_kept(case: str, tmp_path: Path) -> None:
    written = cases.document(cases.CASES[case]())
    write_profile(tmp_path / "profile.json", written)
    assert read_profile(tmp_path / "profile.json") == written


@pytest.mark.parametrize("content", [b"", b"{", b'{"name": "x"}', b"\xff\xfe", b"[" * 5000])
def test_a_damaged_file_is_as_good_as_none(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    assert read_profile(path) is None
    path.write_bytes(content)
    assert read_profile(path) is None


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60))
def test_every_row_is_in_one_bar(tokens: list[int]) -> None:
    values = np.array(tokens, np.int32)
    found = LengthsDocument.of(
        Lengths(tokens=values, characters=values, truncations=(), counted_by="MiniLM", counted=len(tokens))
    )
    assert sum(found.counts) == len(tokens)
    assert len(found.edges) == len(found.counts) + 1
    assert found.edges[0] <= min(tokens)
    assert max(tokens) < found.edges[-1]
    for low, high, rows in zip(found.edges, found.edges[1:], found.counts, strict=False):
        assert rows == sum(low <= value < high for value in tokens)
    assert found.tokens.median == pytest.approx(float(np.median(values)))
    assert (found.tokens.least, found.tokens.most) == (min(tokens), max(tokens))
