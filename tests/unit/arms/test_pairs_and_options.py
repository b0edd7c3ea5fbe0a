"""What trained arms make of two texts a row, and of questions with options of their own, on real rows and encoders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from arm_services import Bench, real_services
from tuningfork.api import Task
from tuningfork.arms._options import Candidates, _best_share, mixed, prediction_of
from tuningfork.arms._words import TwoTexts
from tuningfork.arms.family import FAMILIES, Family, Services, Setting
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.store import ModelStore
from tuningfork.study.arm_choice import choose_arms
from tuningfork.study.setting import make_setting
from tuningfork.study.settings import StudySettings
from tuningfork.task.inputs import Fields, Inputs
from tuningfork.task.rows import Pool
from tuningfork.task.task_type import TASK_TYPES

CHOICE = TASK_TYPES.get("choice")


@pytest.fixture(scope="module")
def services(store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Services:
    return real_services(store, tmp_path_factory.mktemp("arms"))


def bench_of(task: Task, services: Services) -> Bench:
    data = task.prepare()
    setting, _ = make_setting(data, StudySettings())
    return Bench(setting, services, data.evaluation.inputs, data.evaluation.gold)


@pytest.fixture(scope="module")
def entailment(shared_data: Path, services: Services) -> Bench:
    folder = shared_data / "nli_counterfactual"
    return bench_of(Task.from_csv(folder / "train.csv", type="pair", test=folder / "test.csv"), services)


@pytest.fixture(scope="module")
def science(shared_data: Path, services: Services) -> Bench:
    return bench_of(Task.from_jsonl(shared_data / "openbookqa/test.jsonl", type="choice", label="answer"), services)


def family(arm: str) -> Family:
    return FAMILIES.get(ArmSpec.parse(arm).family)


def test_marks_and_overlap_tell_what_the_words_of_both_texts_do_not(entailment: Bench) -> None:
    one_text = replace(
        entailment,
        setting=replace(
            entailment.setting, type=TASK_TYPES.get("classification"), pool=as_one_text(entailment.setting.pool)
        ),
        test=Inputs.of_texts(entailment.test.ids, entailment.test.texts),
    )
    assert (
        entailment.accuracy(family("linear"), "linear", 1332)
        > one_text.accuracy(family("linear"), "linear", 1332) + 0.08
    )


def as_one_text(pool: Pool) -> Pool:
    return Pool(pool.ids, pool.texts, pool.gold)


def test_how_vectors_differ_tells_more_than_the_vector_of_both(entailment: Bench) -> None:
    assert entailment.accuracy(family("head"), "head:minilm-int8", 1332) > 0.58


@pytest.mark.parametrize("arm", ["linear", "head:wordllama", "blend:wordllama"])
def test_pairs_that_may_change_places_are_answered_alike_in_both_orders(entailment: Bench, arm: str) -> None:
    symmetric = replace(entailment, setting=replace(entailment.setting, symmetric=True))
    fitted = symmetric.fit(family(arm), arm, 200)
    here = symmetric.test.part(0, 60)
    first, second = here.fields.text("text_a"), here.fields.text("text_b")
    turned = Inputs(here.ids, Fields({"text_a": second, "text_b": first}))
    one, other = (fitted.predict(rows)[0].probabilities for rows in (here, turned))
    assert np.allclose(one, other, atol=1e-5)


def test_order_matters_unless_it_is_said_not_to(entailment: Bench) -> None:
    fitted = entailment.fit(family("linear"), "linear", 600)
    here = entailment.test.part(0, 60)
    turned = Inputs(here.ids, Fields({"text_a": here.fields.text("text_b"), "text_b": here.fields.text("text_a")}))
    one, other = (fitted.predict(rows)[0].probabilities for rows in (here, turned))
    assert not np.allclose(one, other, atol=1e-2)


@pytest.mark.slow
def test_a_cross_encoder_reads_both_texts_and_which_is_which(entailment: Bench) -> None:
    arm = "finetune:minilm?layers=2&epochs=1"
    fitted = entailment.fit(family(arm), arm, 64)
    here = entailment.test.part(0, 30)
    turned = Inputs(here.ids, Fields({"text_a": here.fields.text("text_b"), "text_b": here.fields.text("text_a")}))
    one, other, again = (fitted.predict(rows)[0].probabilities for rows in (here, turned, here))
    assert np.array_equal(one, again)
    assert not np.allclose(one, other, atol=1e-3)


def test_one_field_alone_is_all_that_a_check_sees(entailment: Bench) -> None:
    arm = "linear?only=text_b"
    fitted = entailment.fit(family(arm), arm, 600)
    here = entailment.test.part(0, 40)
    other_premise = Inputs(here.ids, Fields({**here.fields.named, "text_a": ("Something else.",) * 40}))
    one, other = (fitted.predict(rows)[0].probabilities for rows in (here, other_premise))
    assert np.array_equal(one, other)
    with pytest.raises(InputError, match="no field"):
        choose_arms(StudySettings(arms=("linear?only=text_c",)), "pair")
    with pytest.raises(InputError, match="no field"):
        choose_arms(StudySettings(arms=("linear?only=text",)), "classification")


def test_every_study_of_several_fields_has_a_check_of_each() -> None:
    arms = [spec.text for spec, _ in choose_arms(StudySettings(arms=("linear",)), "pair").arms]
    assert arms == ["linear", "linear?only=text_a", "linear?only=text_b"]
    assert [spec.text for spec, _ in choose_arms(StudySettings(arms=("linear",)), "classification").arms] == ["linear"]
    assert "cosine:minilm" in [spec.text for spec, _ in choose_arms(StudySettings(), "choice").arms]


def test_arms_that_cannot_do_a_type_say_why_before_anything_runs() -> None:
    with pytest.raises(InputError, match="cosine chooses among a row's own options"):
        choose_arms(StudySettings(arms=("cosine:minilm",)), "pair")


@pytest.mark.parametrize("arm", ["linear", "head:minilm-int8", "head:wordllama"])
def test_few_labels_leave_a_scorer_of_options_no_worse_than_the_untaught_cosine(science: Bench, arm: str) -> None:
    encoder = arm.partition(":")[2] or "minilm-int8"
    untaught = science.accuracy(family("cosine:"), f"cosine:{encoder}", 0)
    for count in (8, 100, 240):
        taught = np.mean([science.accuracy(family(arm), arm, count, seed) for seed in range(3)])
        assert taught > untaught - 0.06, "within twice its standard error on 200 rows"


def test_probabilities_lie_on_the_row_s_own_options(services: Services) -> None:
    rows = Inputs(
        ("a", "b"),
        Fields({"question": ("What is wet?", "What is cold?"), "choices": (("water", "sand"), ("ice", "fire", "tea"))}),
    )
    setting = science_like(("A", "B", "C"))
    fitted = FAMILIES.get("cosine").fit(
        ArmSpec.parse("cosine:wordllama"),
        TrialPlan(arm="cosine:wordllama", level=0, n_labels=0, seed=0),
        no_rows(),
        setting,
        services,
    )
    found = fitted.predict(rows)[0]
    assert found.probabilities is not None
    assert found.probabilities.shape == (2, 3)
    assert found.probabilities[0, 2] == 0.0
    assert found.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert found.labels.tolist() == [0, 0]
    empty = fitted.predict(Inputs((), Fields({"question": (), "choices": ()})))[0]
    assert len(empty) == 0


def science_like(letters: tuple[str, ...]) -> Setting:
    from tuningfork.task.right_options import letters as letters_of

    return Setting(
        pool=no_rows(),
        order=lambda seed: np.zeros(0, np.intp),
        labels=letters_of(len(letters)),
        counts=(8,),
        counts_given=False,
        seeds=None,
        task_description=None,
        mean_characters=10.0,
        type=CHOICE,
    )


def no_rows() -> Pool:
    return Pool((), (), np.zeros(0, np.int32))


def test_options_beside_their_questions_come_back_to_their_rows() -> None:
    rows = Inputs(
        ("a", "b"), Fields({"context": ("c", ""), "question": ("q", "r"), "choices": (("x", "y", "z"), ("u", "v"))})
    )
    made = Candidates.of(rows, CHOICE)
    assert made.pairs.fields.text("text_a") == ("c\nq",) * 3 + ("r",) * 2
    assert made.pairs.fields.text("text_b") == ("x", "y", "z", "u", "v")
    table = made.by_row(np.arange(5.0), 4)
    assert table[0, :3].tolist() == [0.0, 1.0, 2.0]
    assert table[1, :2].tolist() == [3.0, 4.0]
    assert np.isneginf(table[[0, 1, 1], [3, 2, 3]]).all()


def test_the_share_falls_to_the_cosine_where_what_was_learned_is_noise() -> None:
    rng = np.random.default_rng(0)
    gold = rng.integers(0, 4, 300)
    cosine = np.where(np.arange(4) == gold[:, None], 2.0, 0.0).astype(np.float32)
    noise = rng.normal(0, 3, (300, 4)).astype(np.float32)
    assert _best_share([((noise, cosine), gold)])[0] == 0.0
    assert _best_share([((cosine, noise), gold)])[0] == 1.0
    odds = mixed((noise, cosine), 0.0)
    assert (prediction_of(odds, 1.0).labels == gold).all()


def test_words_of_pairs_know_what_is_shared_new_and_gone() -> None:
    rows = Inputs(("1",), Fields({"text_a": ("A man sleeps",), "text_b": ("A man does not sleep",)}))
    features = TwoTexts("text_a", "text_b", symmetric=False)
    features.learn(rows, ())
    known = set(features.marked.vocabulary_)
    assert {"both man", "gone sleeps", "new not", "first sleeps", "second not"} <= known
    assert features.of(rows).shape == (1, len(known) + 7)
