"""Arms on labels of which one is rare: it is answered at all, and nothing changes where none is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from arm_services import Bench, make_bench, real_services, rows_of
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.category import evened, evening
from tuningfork.metrics.metric import METRICS
from tuningfork.models.store import ModelStore


@pytest.fixture(scope="module")
def joyless(shared_data: Path, store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Emotions of which one, the second most frequent in the file, was made rare in pool and scored rows."""
    folder = shared_data / "tweet_emotion"
    train, test = (thinned(rows_of(folder / f"{split}.csv"), "joy", every=5) for split in ("train", "test"))
    return make_bench(real_services(store, tmp_path_factory.mktemp("arms")), train[:500], test)


def thinned(rows: list[tuple[str, str]], label: str, *, every: int) -> list[tuple[str, str]]:
    found = [row for row in rows if row[1] == label]
    dropped = set(found) - set(found[::every])
    return [row for row in rows if row not in dropped]


@pytest.mark.parametrize("arm", ["linear", "head:wordllama"])
def test_a_rare_label_is_answered_about_as_often_as_it_occurs(joyless: Bench, arm: str) -> None:
    fitted = joyless.fit(FAMILIES.get(ArmSpec.parse(arm).family), arm, 400)
    prediction = fitted.predict(joyless.test)[0]
    rare = np.argmin(np.bincount(joyless.gold))
    assert dict(fitted.details)["rare labels"].startswith("evened")
    assert 0.3 < (prediction.labels == rare).mean() / (joyless.gold == rare).mean() < 3
    macro_f1 = METRICS.get("macro_f1").score(joyless.gold, prediction.labels)
    assert macro_f1 is not None
    assert macro_f1 > 0.38
    assert prediction.probabilities is not None
    assert prediction.probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    assert (prediction.probabilities.argmax(axis=1) == prediction.labels).all()


def test_factors_are_for_few_labels_of_which_one_is_rare() -> None:
    four = np.arange(4, dtype=np.int32)
    even = np.repeat(four, 25)
    assert evening(even, four) is None
    uneven = np.repeat(four, (60, 30, 30, 4)).astype(np.int32)
    factors = evening(uneven, four)
    assert factors is not None
    assert factors[3] / factors[0] == pytest.approx(np.sqrt(60 / 4))
    many = np.arange(21, dtype=np.int32)
    assert evening(np.concatenate([np.repeat(many, 20), np.zeros(500, np.int32)]), many) is None
    assert evening(np.zeros(9, np.int32), np.array([0], np.int32)) is None


@pytest.mark.parametrize("rare", [0, 1, 2])
def test_a_label_of_hardly_any_row_is_not_evened(rare: int) -> None:
    """Every text would look like its one row: 498 mails of a kind and 2 of another ended with all answered as the 2."""
    assert evening(np.repeat([0, 1], [200, rare]).astype(np.int32), np.array([0, 1], np.int32)) is None


def test_no_label_counts_for_more_than_twenty_times_rarer() -> None:
    factors = evening(np.repeat([0, 1], [3000, 3]).astype(np.int32), np.array([0, 1], np.int32))
    assert factors is not None
    assert factors[1] / factors[0] == pytest.approx(np.sqrt(20))
    assert evened(np.array([[0.9, 0.1]], np.float32), factors)[0] == pytest.approx([0.668, 0.332], abs=0.01)
