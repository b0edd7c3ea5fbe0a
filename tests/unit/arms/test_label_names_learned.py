"""Arms that learn from the labels' names: what that is worth, when it is left alone, and what it makes of a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arm_services import Bench, make_bench, real_services, rows_of
from tuningfork.arms._label_names import NamedLabels
from tuningfork.arms.family import FAMILIES, Family
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.store import ModelStore
from tuningfork.task.labels import Label, LabelSpace

ARMS = ("linear", "head:wordllama", "finetune:minilm")


@pytest.fixture(scope="module")
def intents(shared_data: Path, store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    services = real_services(store, tmp_path_factory.mktemp("arms"))
    folder = shared_data / "banking77"
    rows = rows_of(folder / "train.csv")
    shuffled = [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]
    return make_bench(services, shuffled[:600], rows_of(folder / "test.csv")[::8])


def family(arm: str) -> Family:
    return FAMILIES.get(ArmSpec.parse(arm).family)


def space(names: Sequence[str]) -> LabelSpace:
    return LabelSpace(tuple(Label(f"value {place}", name) for place, name in enumerate(names)))


def called(bench: Bench, names: Sequence[str]) -> Bench:
    """The same rows and values under other names."""
    return replace(bench, setting=replace(bench.setting, labels=space(names)))


def test_names_are_read_as_words_and_codes_are_no_names() -> None:
    named = NamedLabels.of(space(["card_arrival", "B-17", "cardArrival", "top-up/failed", "3", "LABEL_2", "EU"]))
    assert named.texts == ("card arrival", "card Arrival", "top up failed", "EU")
    assert named.gold.tolist() == [0, 2, 3, 6]


@pytest.mark.parametrize(("arm", "gain"), [("linear", 0.15), ("head:wordllama", 0.25)])
def test_names_are_worth_a_lot_where_labels_are_many_and_rows_few(intents: Bench, arm: str, gain: float) -> None:
    without, known = (intents.accuracy(family(arm), spec, 32) for spec in (f"{arm}?names=no", arm))
    assert known > without + gain


def test_names_do_no_harm_where_rows_are_many(intents: Bench) -> None:
    arm = "head:wordllama"
    without, known = (intents.accuracy(family(arm), spec, 600) for spec in (f"{arm}?names=no", arm))
    assert known > without


@pytest.mark.parametrize("arm", ARMS)
def test_a_label_that_no_row_has_is_answered_by_its_name(intents: Bench, arm: str) -> None:
    fitted = intents.fit(family(arm), arm, 20)
    seen = set(intents.setting.pool.gold[intents.setting.order(0)[:20]].tolist())
    prediction = fitted.predict(intents.test)[0]
    others = np.array([label not in seen for label in intents.gold])
    assert (prediction.labels[others] == intents.gold[others]).mean() > 0.2
    assert prediction.probabilities is not None
    assert (prediction.probabilities > 0).all()
    assert dict(fitted.details)["names of labels learned"] == "77"


@pytest.mark.parametrize("count", [16, 40])
@pytest.mark.parametrize("arm", ARMS)
def test_probabilities_are_as_sure_as_they_may_be(intents: Bench, arm: str, count: int) -> None:
    """Below 50 labels, where the scale is fixed by the number of labels."""
    prediction = intents.predict(family(arm), arm, count)
    assert prediction.probabilities is not None
    right = (prediction.labels == intents.gold).mean()
    assert prediction.probabilities.max(axis=1).mean() == pytest.approx(right, abs=0.12)


@pytest.mark.parametrize("arm", ARMS)
def test_codes_teach_nothing(intents: Bench, arm: str) -> None:
    coded = called(intents, [f"C-{place}" for place in range(77)])
    bare, without = coded.predict(family(arm), arm, 40), intents.predict(family(arm), f"{arm}?names=no", 40)
    assert np.array_equal(bare.probabilities, without.probabilities)
    assert dict(coded.fit(family(arm), arm, 20).details)["names of labels learned"] == "0"


@pytest.mark.parametrize("arm", ARMS)
def test_other_names_are_another_question_where_they_are_learned_from(intents: Bench, arm: str) -> None:
    renamed = called(intents, [f"{name} again" for name in intents.setting.labels.names])

    def differ(spec: str, other: Bench) -> bool:
        digests = [family(arm).identity(ArmSpec.parse(spec), bench.setting) for bench in (intents, other)]
        return digests[0] != digests[1]

    assert differ(arm, renamed)
    assert not differ(f"{arm}?names=no", renamed)
    assert not differ(arm, called(intents, intents.setting.labels.names))
