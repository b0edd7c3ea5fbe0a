"""What a profile says of two files that differ, that do not, and that are too small, on real rows."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tuningfork.models.encoders.encoder import Encoder
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
from tuningfork.profile.shift import ShiftRows, measure_shift, words_of


@pytest.fixture(scope="module")
def wordllama(store: ModelStore) -> Encoder:
    return open_encoder("wordllama", store)


def rows_of(file: Path, encoder: Encoder, most: int | None = None) -> ShiftRows:
    with file.open(encoding="utf-8", newline="") as lines:
        read = list(csv.DictReader(lines))[:most]
    texts = [row["text"] for row in read]
    return ShiftRows(texts, encoder.embed(texts), [row["label"] for row in read])


@pytest.fixture(scope="module")
def requests(shared_data: Path, wordllama: Encoder) -> ShiftRows:
    return rows_of(shared_data / "clinc150" / "train.csv", wordllama)


def every_second(rows: ShiftRows, first: int) -> ShiftRows:
    return rows.take(range(first, len(rows), 2))


def several(rows: ShiftRows, times: int) -> ShiftRows:
    return ShiftRows(list(rows.texts) * times, np.concatenate([rows.vectors] * times), list(rows.labels) * times)


def test_halves_of_one_file_do_not_differ(requests: ShiftRows) -> None:
    found = measure_shift("test", every_second(requests, 0), every_second(requests, 1))
    assert found.role == "test"
    assert found.rows == (1000, 1000)
    assert found.detected is False
    assert found.p_value is not None
    assert found.p_value > 0.05
    assert found.separation is not None
    assert abs(found.separation - 0.5) < 0.05
    assert found.words == ()
    assert found.labels == ()
    assert not found.repeats_only


def test_requests_out_of_scope_are_seen_with_what_moved(
    requests: ShiftRows, shared_data: Path, wordllama: Encoder
) -> None:
    outside = rows_of(shared_data / "clinc150" / "out_of_scope_test.csv", wordllama)
    found = measure_shift("shifted", requests, outside)
    assert found.detected is True
    assert found.p_value == 0.001
    assert found.separation is not None
    assert 0.75 < found.separation < 0.95
    assert [(label.name, label.after) for label in found.labels] == [("oos", 1.0)]
    moved = {word.name: word.after - word.before for word in found.words}
    assert moved["my"] < -0.1
    assert moved["card"] < -0.05
    assert [abs(change) for change in moved.values()] == sorted((abs(c) for c in moved.values()), reverse=True)
    assert len(moved) <= 12
    assert not found.repeats_only


def test_power_is_told_where_nothing_is_seen(requests: ShiftRows) -> None:
    """60 rows could not have shown a shift of a fifth; 1000 show it more often than not."""
    few = measure_shift("test", requests.take(range(0, 15000, 250)), requests.take(range(1, 15000, 250)))
    many = measure_shift("test", every_second(requests, 0), every_second(requests, 1))
    assert few.rows == (60, 60)
    assert few.power is not None
    assert many.power is not None
    assert few.power < 0.2
    assert many.power > 0.5
    assert many.worth_seeing == 0.2
    assert many.smallest_shift is not None
    assert many.smallest_shift < 0.3
    assert few.smallest_shift is None or few.smallest_shift > 0.6
    assert [test.smallest_shift is not None for test in many.tests] == [True, True]


@pytest.mark.parametrize("sizes", [(19, 500), (500, 19), (0, 0)])
def test_too_few_rows_say_nothing(requests: ShiftRows, sizes: tuple[int, int]) -> None:
    found = measure_shift("shifted", requests.take(range(sizes[0])), requests.take(range(sizes[1])))
    assert found.rows == sizes
    assert (found.detected, found.p_value, found.power, found.smallest_shift) == (None, None, None, None)
    assert found.tests == ()
    assert found.separation is None
    assert "fewer than 20" in found.method


def test_repeated_rows_are_told_from_other_rows(requests: ShiftRows) -> None:
    """A file made six times as long by copies differs in its repeats only, and no word moved."""
    half, other = every_second(requests, 0), every_second(requests, 1)
    found = measure_shift("test", half, several(other.take(range(0, 7500, 50)), 6))
    assert found.detected is True
    assert found.repeats_only
    assert found.words == ()


def test_one_text_that_becomes_frequent_is_a_shift(requests: ShiftRows) -> None:
    half, other = requests.take(range(0, 15000, 30)), requests.take(range(1, 15000, 30))
    canned = other.take([7] * 150)
    mixed = ShiftRows(
        [*other.texts, *canned.texts], np.concatenate([other.vectors, canned.vectors]), [*other.labels, *canned.labels]
    )
    found = measure_shift("shifted", half, mixed)
    assert found.detected is True
    constant = measure_shift("shifted", half, canned)
    assert constant.detected is True
    assert not constant.repeats_only  # one text is too few to look at it without repeats


def test_labels_are_compared_where_both_files_have_them(requests: ShiftRows) -> None:
    half, other = requests.take(range(0, 15000, 6)), requests.take(range(1, 15000, 6))
    unlabelled = replace(other, labels=[""] * len(other))
    assert measure_shift("test", half, unlabelled).labels == ()
    translate = [place for place, label in enumerate(other.labels) if label == "translate"]
    richer = other.take([*range(len(other)), *translate * 4])
    moved = measure_shift("test", half, richer).labels
    assert [label.name for label in moved] == ["translate"]
    assert moved[0].after > 3 * moved[0].before


def test_the_same_seed_gives_the_same_answer(requests: ShiftRows) -> None:
    half, other = requests.take(range(0, 15000, 50)), requests.take(range(1, 15000, 50))
    first, again, elsewhere = (measure_shift("test", half, other, seed=seed) for seed in (3, 3, 4))
    assert first == again
    assert first.tests != elsewhere.tests


def test_words_are_letters_in_lower_case() -> None:
    assert words_of("Don’t PANIC: 42 tests, don't_panic") == {"don’t", "panic", "tests", "don't"}
    assert words_of("Füße größer 東京") == {"füße", "größer", "東京"}
    assert words_of("\ud800 …") == frozenset()


def test_copies_do_not_add_to_what_would_have_been_seen(requests: ShiftRows) -> None:
    """Sixty texts ten times are sixty texts: they could not have shown a shift of a fifth, whatever 600 rows could."""
    first, second = requests.take(range(0, 15000, 250)), requests.take(range(1, 15000, 250))
    once = measure_shift("test", first, second)
    copied = measure_shift("test", several(first, 10), several(second, 10))
    six_hundred = measure_shift("test", requests.take(range(0, 15000, 25)), requests.take(range(1, 15000, 25)))
    assert once.different_texts is None
    assert copied.different_texts == (60, 60)
    assert (copied.power, copied.smallest_shift) == (once.power, once.smallest_shift)
    assert [test.smallest_shift for test in copied.tests] == [test.smallest_shift for test in once.tests]
    assert once.power is not None
    assert six_hundred.power is not None
    assert six_hundred.power > once.power + 0.2


def test_the_power_of_too_few_texts_is_not_known(requests: ShiftRows) -> None:
    some = requests.take(range(0, 15000, 1500))
    found = measure_shift("test", several(some, 10), requests.take(range(1, 15000, 150)))
    assert found.different_texts is not None
    assert found.different_texts[0] == 10
    assert (found.power, found.smallest_shift) == (None, None)
