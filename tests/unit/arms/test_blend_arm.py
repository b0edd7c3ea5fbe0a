"""`blend:ENCODER`: between its parts where one is worse, ahead of both where they err on other rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arm_services import Bench, make_bench, real_services, rows_of
from tuningfork.arms.blend import _best_share
from tuningfork.arms.family import FAMILIES
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, RoleError, UnknownName
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Evaluation

BLEND = FAMILIES.get("blend")
ARM = "blend:wordllama"


@pytest.fixture(scope="module")
def emotions(shared_data: Path, store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    services = real_services(store, tmp_path_factory.mktemp("arms"))
    folder = shared_data / "tweet_emotion"
    return make_bench(services, rows_of(folder / "train.csv")[:600], rows_of(folder / "test.csv")[:300])


def test_it_mixes_the_answers_of_its_parts(emotions: Bench) -> None:
    fitted = emotions.fit(BLEND, ARM, 320)
    share = float(dict(fitted.details)["share of linear"].rstrip("%")) / 100
    words, vectors = (
        emotions.predict(FAMILIES.get(part.partition(":")[0]), part, 320).probabilities
        for part in ("linear", "head:wordllama")
    )
    prediction = fitted.predict(emotions.test)[0]
    assert 0 < share < 1
    assert prediction.probabilities == pytest.approx(share * words + (1 - share) * vectors, abs=1e-5)
    assert (prediction.probabilities.argmax(axis=1) == prediction.labels).all()
    assert fitted.model == "tf-idf + linear svm and wordllama"
    assert all(seconds > 0 for seconds in fitted.time_rows(Inputs.of_texts("ab", ("one", "two"))))


def test_below_50_labels_nothing_is_chosen_and_few_rows_are_answered(emotions: Bench) -> None:
    fitted = emotions.fit(BLEND, ARM, 20)
    assert dict(fitted.details) == {"share of linear": "20%", "chosen on": "fixed below 50 labels"}
    assert len(fitted.predict(Inputs.of_texts((), ()))[0]) == 0
    again = emotions.fit(BLEND, ARM, 20).predict(emotions.test)[0]
    assert np.array_equal(fitted.predict(emotions.test)[0].probabilities, again.probabilities)


@pytest.mark.parametrize(
    ("words", "vectors", "share"),
    [((0.9, 0.8, 0.7), (0.2, 0.3, 0.1), 1.0), ((0.2, 0.3, 0.1), (0.9, 0.8, 0.7), 0.0), ((1.0, 0.0), (0.0, 1.0), 0.5)],
)
def test_the_share_goes_to_what_is_right(words: tuple[float, ...], vectors: tuple[float, ...], share: float) -> None:
    assert _best_share(np.array(words, np.float32), np.array(vectors, np.float32)) == pytest.approx(share)


def test_evaluation_rows_are_refused(emotions: Bench) -> None:
    pool = emotions.setting.pool.take(range(60))
    plan = TrialPlan(arm=ARM, level=60, n_labels=60, seed=0)
    with pytest.raises(RoleError, match="Evaluation"):
        BLEND.fit(  # type: ignore[arg-type]
            ArmSpec.parse(ARM),
            plan,
            Evaluation(pool.ids, pool.texts, pool.gold),
            emotions.setting,
            emotions.services,
        )


def test_it_hangs_on_what_its_parts_hang_on(emotions: Bench) -> None:
    def identity(text: str, bench: Bench) -> str:
        return BLEND.identity(ArmSpec.parse(text), bench.setting)

    labels = emotions.setting.labels
    renamed = replace(labels, labels=tuple(replace(one, name=f"{one.name} again") for one in labels.labels))
    other = replace(emotions, setting=replace(emotions.setting, labels=renamed))
    assert identity(ARM, emotions) != identity(ARM, other)
    assert identity(f"{ARM}?names=no", emotions) == identity(f"{ARM}?names=no", other)
    assert identity(ARM, emotions) != identity("blend:minilm", emotions)


def test_it_takes_no_less_than_its_parts(emotions: Bench) -> None:
    plans = BLEND.schedule(ArmSpec.parse(ARM), replace(emotions.setting, counts=(8, 500)))
    assert [sum(plan.n_labels == count for plan in plans) for count in (8, 500)] == [20, 20]
    for plan in (plans[0], plans[-1]):
        both = (
            FAMILIES.get(part.partition(":")[0]).estimate(ArmSpec.parse(part), plan, emotions.setting)
            for part in ("linear", "head:wordllama")
        )
        estimate = BLEND.estimate(ArmSpec.parse(ARM), plan, emotions.setting)
        assert estimate.fit_seconds >= sum(part.fit_seconds for part in both)


def test_what_cannot_work_is_refused_before_anything_runs() -> None:
    for text, problem in (
        ("blend", "names no encoder"),
        ("blend:minilm?names=some", "names"),
        ("blend:minilm?c=1", "c"),
    ):
        with pytest.raises(InputError, match=problem):
            BLEND.check(ArmSpec.parse(text))
    with pytest.raises(UnknownName, match="minilm"):
        BLEND.check(ArmSpec.parse("blend:minilmm"))
