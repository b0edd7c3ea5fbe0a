"""Fine-tuning a real encoder on a few rows: what it learns, what it leaves alone, what it repeats exactly."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_model
from transformers import (
    AutoModel,
    DebertaV2Config,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    MPNetConfig,
    PretrainedConfig,
    RobertaConfig,
)

from arm_services import make_bench, real_services, rows_of
from tuningfork.arms.family import Services
from tuningfork.arms.finetune import FAMILY
from tuningfork.arms.finetune.body import Body
from tuningfork.arms.finetune.encoded import Encoded, even_batches, shuffled_batches, stack
from tuningfork.arms.finetune.isolation import fast_products
from tuningfork.arms.finetune.losses.loss import LOSSES
from tuningfork.arms.finetune.lower_outputs import LowerOutputs
from tuningfork.arms.finetune.recipe import Recipe
from tuningfork.arms.finetune.seen_tokens import train_seen_tokens
from tuningfork.arms.finetune.trainee import Trainee
from tuningfork.arms.head import FAMILY as HEAD
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.arms.targets.logistic import LogisticLearner
from tuningfork.errors import BudgetExceeded, InputError, RoleError
from tuningfork.models.encoders.layout import read_layout
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs
from tuningfork.task.rows import Evaluation

TEXTS = (
    "a short one",
    "one that is a good deal longer than the first, with commas",
    "so",
    "and a fourth of some words",
)


@pytest.fixture(scope="module")
def services(store: ModelStore, tmp_path_factory: pytest.TempPathFactory) -> Services:
    return real_services(store, tmp_path_factory.mktemp("finetune"))


@pytest.fixture(scope="module")
def body(store: ModelStore) -> Body:
    return Body(read_layout(store.locate("minilm")), device="cpu")


FILLER = """about after again along always around because before between country during every family friend garden
great hand house idea kitchen letter light money morning mother music night number paper people picture place"""


def planted(rows: int, seed: int) -> list[tuple[str, str]]:
    """One small word among eight others decides; the mean over a frozen encoder's tokens shows it faintly."""
    chance = random.Random(seed)
    pairs = []
    for _ in range(rows):
        words, far = chance.sample(FILLER.split(), 8), chance.random() < 0.5
        words.insert(chance.randrange(9), chance.choice(["that", "those"] if far else ["this", "these"]))
        pairs.append((" ".join(words), "rising" if far else "falling"))
    return pairs


def test_training_learns_a_rule_from_nothing(body: Body) -> None:
    rows, fresh = planted(100, seed=0), planted(100, seed=1)
    gold, wanted = (np.array([label == "rising" for _, label in part], np.int32) for part in (rows, fresh))
    lower = LowerOutputs(body)
    encoded, asked = (lower.encode([text for text, _ in part], cut=3, max_tokens=32) for part in (rows, fresh))
    trainee = Trainee(body, 3)
    # Never fitted: its weights are zero, and every row gets the same answer.
    trainee.begin_at(LogisticLearner(trainee.vectors(encoded), gold), scale=1.0)
    assert (trainee.scores(asked) == 0).all()
    rates = {"learning_rate": 2e-4, "head_learning_rate": 2e-2}
    recipe = Recipe(layers=3, epochs=5, chooses_epochs=False, max_tokens=32, **rates)
    assert list(trainee.epochs(encoded, gold, recipe, loss=LOSSES.get("category"), seed=0)) == [1, 2, 3, 4, 5]
    assert (trainee.scores(asked).argmax(axis=1) == wanted).mean() > 0.85


def test_the_same_seed_repeats_every_answer_and_touches_no_random_state(services: Services) -> None:
    bench = make_bench(services, planted(60, seed=0), planted(20, seed=1))
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    threads = torch.get_num_threads()
    first = bench.predict(FAMILY, "finetune:minilm?epochs=1", 56, seed=1)
    assert torch.equal(torch.rand(3), expected)
    assert torch.get_num_threads() == threads
    again = bench.predict(FAMILY, "finetune:minilm?epochs=1", 56, seed=1)
    assert np.array_equal(first.probabilities, again.probabilities)
    other = bench.predict(FAMILY, "finetune:minilm?epochs=1", 56, seed=2)
    assert not np.array_equal(first.probabilities, other.probabilities)


def test_answers_do_not_depend_on_the_rows_asked_for_beside_them(services: Services) -> None:
    bench = make_bench(services, planted(40, seed=0), rows_like_mail())
    fitted = bench.fit(FAMILY, "finetune:minilm?epochs=1", 32)
    whole = fitted.predict(bench.test)[0].probabilities
    assert whole is not None
    part = fitted.predict(Inputs.of_texts(bench.test.ids[5:9], bench.test.texts[5:9]))[0].probabilities
    assert np.array_equal(part, whole[5:9])


def rows_like_mail() -> list[tuple[str, str]]:
    return [(" ".join(["word"] * length), "rising") for length in (1, 4, 9, 17, 30, 2, 8, 21, 3, 40, 6)]


def test_training_that_harms_is_stopped(services: Services) -> None:
    rows = planted(100, seed=0)
    # A rate that ruins any encoder: every epoch is worse than none.
    fitted = make_bench(services, rows, rows[:5]).fit(FAMILY, "finetune:minilm?layers=2&lr=0.1", 100)
    details = dict(fitted.details)
    assert details["epochs"] == "0"
    assert "20 held-out rows" in details["chosen on"]


def test_many_labels_train_all_layers_for_two_epochs(services: Services, body: Body, tmp_path: Path) -> None:
    write_encoder(RobertaConfig(**TINY), tmp_path, body)
    steps: list[int] = []
    bench = make_bench(
        replace(services, model_folder=lambda _name: tmp_path, progress=lambda done, _most: steps.append(done)),
        planted(1000, seed=0),
        planted(5, seed=1),
    )
    details = dict(bench.fit(FAMILY, f"finetune:{tmp_path}", 1000).details)
    assert (details["layers"], details["epochs"]) == ("all, embeddings too", "2")
    assert details["chosen on"] == "fixed by the number of labels"
    assert steps[-1] == 2 * (1000 + 2), "every row and both names twice, and none held out"


def test_training_that_ruins_an_encoder_is_thrown_away(services: Services, body: Body, tmp_path: Path) -> None:
    write_encoder(RobertaConfig(**TINY), tmp_path, body)
    rows = [(f"{word} {number}", word) for number in range(250) for word in ("up", "down", "left", "right")]
    bench = make_bench(replace(services, model_folder=lambda _name: tmp_path), rows, rows[:8])
    fitted = bench.fit(FAMILY, f"finetune:{tmp_path}?lr=1", 1000)
    details = dict(fitted.details)
    assert (details["epochs"], details["chosen on"]) == ("0", "its own rows, which training made it forget")
    assert (fitted.predict(bench.test)[0].labels == bench.gold).all(), "what its first head knew"


def test_below_50_labels_the_number_of_epochs_is_fixed(services: Services) -> None:
    fitted = make_bench(services, planted(30, seed=0), planted(5, seed=1)).fit(FAMILY, "finetune:minilm?epochs=3", 24)
    details = dict(fitted.details)
    assert (details["epochs"], details["layers"]) == ("3", "top 2 of 6")
    assert "fixed" in details["chosen on"]


def test_rounded_factors_change_a_product_little_and_only_within_the_block() -> None:
    left, right = (torch.randn(64, 384, generator=torch.Generator().manual_seed(seed)) for seed in (0, 1))
    precision = torch.get_float32_matmul_precision()
    exact = left @ right.T
    with fast_products("cpu"):
        rounded = left @ right.T
    assert torch.get_float32_matmul_precision() == precision
    assert torch.equal(left @ right.T, exact)
    assert (rounded - exact).abs().max() < 0.02 * exact.std()


def test_epochs_that_the_user_gave_are_kept_to_and_nothing_is_held_out(services: Services) -> None:
    passes: list[tuple[int, int]] = []
    watched = replace(services, progress=lambda done, most: passes.append((done, most)))
    fitted = make_bench(watched, planted(60, seed=0), planted(5, seed=1)).fit(FAMILY, "finetune:minilm?epochs=2", 60)
    details = dict(fitted.details)
    assert (details["epochs"], details["chosen on"]) == ("2", "epochs as given")
    assert [most for _, most in passes] == [124] * 8, "steps of 16 rows, and one of 14 an epoch, names among them"
    assert {passes[3][0], passes[7][0]} == {62, 124}


def test_training_ends_in_the_middle_of_an_epoch_where_the_time_does(services: Services) -> None:
    steps: list[int] = []

    def progress(done: int, _most: int) -> None:
        steps.append(done)
        if len(steps) == 2:
            raise BudgetExceeded("no time is left")

    bench = make_bench(replace(services, progress=progress), planted(60, seed=0), planted(5, seed=1))
    with pytest.raises(BudgetExceeded):
        bench.fit(FAMILY, "finetune:minilm?epochs=2", 60)
    assert len(steps) == 2
    assert steps[-1] <= 32


def test_real_rows_few_labels(services: Services, shared_data: Path) -> None:
    folder = shared_data / "tweet_emotion"
    bench = make_bench(services, rows_of(folder / "train.csv"), rows_of(folder / "test.csv")[:150])
    prediction = bench.predict(FAMILY, "finetune:minilm?epochs=3", 100)
    assert prediction.probabilities is not None
    assert prediction.probabilities.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
    accuracy = (prediction.labels == bench.gold).mean()
    assert accuracy > 0.55
    assert accuracy > bench.accuracy(HEAD, "head:minilm", 100) - 0.06


def test_one_label_and_unseen_labels(services: Services) -> None:
    rows = [(text, "rising") for text, _ in planted(20, seed=0)]
    bench = make_bench(services, rows, planted(10, seed=1))
    prediction = bench.predict(FAMILY, "finetune:minilm?names=no", 20)
    assert set(prediction.labels.tolist()) == {1}
    assert prediction.probabilities is not None
    assert (prediction.probabilities == np.array([0.0, 1.0])).all()


def test_labels_that_are_all_different_leave_nothing_to_choose_on(services: Services) -> None:
    rows = [(text, f"label {number}") for number, (text, _) in enumerate(planted(50, seed=0))]
    bench = make_bench(services, rows, rows[:4])
    fitted = bench.fit(FAMILY, "finetune:minilm?layers=2", 50)
    assert dict(fitted.details)["epochs"] == "0"
    assert (fitted.predict(bench.test)[0].labels == bench.gold).all()
    assert len(fitted.predict(Inputs.of_texts((), ()))[0]) == 0


def test_single_rows_are_timed_through_all_layers(services: Services) -> None:
    bench = make_bench(services, planted(20, seed=0), planted(5, seed=1))
    seconds = bench.fit(FAMILY, "finetune:minilm?epochs=1", 16).time_rows(bench.test)
    assert len(seconds) == 5
    assert min(seconds) > 1e-4


@pytest.mark.parametrize("cut", [0, 2, 5])
def test_lower_and_upper_layers_apart_give_what_they_give_together(body: Body, cut: int) -> None:
    whole = AutoModel.from_pretrained(body.layout.folder).eval()
    encoded = LowerOutputs(body).encode(TEXTS, cut=cut, max_tokens=64)
    with torch.inference_mode():
        for batch in even_batches(encoded, "cpu"):
            halves = body.vectors(body.trainable(cut), batch)[: len(batch.rows)]
            together = body.vectors(whole, replace(batch, states=None))[: len(batch.rows)]
            # Half precision of the states between them is all that differs.
            assert torch.allclose(halves, together, atol=2e-3)


def test_states_do_not_depend_on_company_or_on_being_remembered(body: Body) -> None:
    remembering, forgetful = LowerOutputs(body), LowerOutputs(body, most_bytes=0)
    all_at_once = remembering.encode(TEXTS, cut=4, max_tokens=64)
    again = remembering.encode(TEXTS[::-1], cut=4, max_tokens=64)
    alone = [forgetful.encode([text], cut=4, max_tokens=64) for text in TEXTS]
    assert all_at_once.states is not None
    assert again.states is not None
    for place, states in enumerate(all_at_once.states):
        assert again.states[len(TEXTS) - 1 - place] is states
        assert alone[place].states is not None
        assert torch.equal(alone[place].states[0], states)


def test_training_leaves_the_body_as_it_was(body: Body) -> None:
    before = {name: weight.clone() for name, weight in body.trainable(None).named_parameters()}
    model = body.trainable(4)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    assert sum(weight.numel() for weight in trained) < 0.25 * sum(weight.numel() for weight in model.parameters())
    with torch.no_grad():
        for weight in trained:
            weight.add_(1.0)
    assert all(torch.equal(weight, before[name]) for name, weight in body.trainable(None).named_parameters())


def test_training_the_tokens_of_the_rows_alone_is_training_the_whole_table(body: Body) -> None:
    encoded = body.tokenise(TEXTS, 64)
    batch = stack(encoded, range(len(TEXTS)), "cpu")
    whole, part = body.trainable(None).eval(), body.trainable(None).eval()
    train_seen_tokens(part, encoded.tokens)
    seen = np.unique(np.concatenate(encoded.tokens))
    for model in (whole, part):
        vectors = body.vectors(model, batch)
        (vectors[0] @ vectors[1:].T).sum().backward()
    table, tokens = (model.get_input_embeddings().weight for model in (whole, part))
    assert tokens.shape == (len(seen), body.dimensions)
    assert torch.allclose(table.grad[torch.from_numpy(seen)], tokens.grad, atol=1e-6)
    assert table.grad.abs().sum() == pytest.approx(float(tokens.grad.abs().sum()), rel=1e-4)


def test_a_token_that_no_row_had_keeps_its_vector(body: Body) -> None:
    encoded, other = (body.tokenise([text], 64) for text in ("one", "two"))
    model = body.trainable(None).eval()
    train_seen_tokens(model, encoded.tokens)
    with torch.inference_mode():
        before, after = (body.vectors(part, stack(other, (0,), "cpu")) for part in (body.trainable(None).eval(), model))
    assert torch.equal(before, after)


def test_an_epoch_holds_every_row_once_in_batches_of_like_length() -> None:
    lengths = np.random.default_rng(0).integers(2, 60, size=203)
    encoded = Encoded([np.arange(length) for length in lengths], None)
    batches = list(shuffled_batches(encoded, 16, "cpu", np.random.default_rng(1)))
    assert sorted(row for batch in batches for row in batch.rows) == list(range(203))
    padded = sum(batch.ids.numel() for batch in batches)
    assert padded < 1.25 * lengths.sum()


def test_texts_scored_beside_others_of_like_length_get_the_same_scores(body: Body) -> None:
    trainee = Trainee(body, None)
    encoded = body.tokenise([text for text, _ in rows_like_mail()], 64)
    gold = np.arange(len(encoded), dtype=np.int32) % 3
    learner = LogisticLearner(trainee.vectors(encoded), gold)
    learner.fit(10.0)
    trainee.begin_at(learner, scale=1.0)
    assert np.allclose(trainee.scores(encoded), trainee.scores(encoded, alone=False), atol=1e-4)


def test_padding_rows_change_nothing(body: Body) -> None:
    encoded = body.tokenise(TEXTS[:1], 64)
    with torch.inference_mode():
        narrow, wide = (
            body.vectors(body.trainable(None).eval(), stack(encoded, (0,), "cpu", height=height, width=width))[0]
            for height, width in ((1, 0), (8, 32))
        )
    assert torch.allclose(narrow, wide, atol=1e-5)


SMALL = {
    "vocab_size": 30522,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
TINY = SMALL | {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}


def write_encoder(config: PretrainedConfig, folder: Path, body: Body) -> None:
    """A tiny encoder with random weights, and a real tokenizer."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_model(AutoModel.from_config(config), folder / "model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)
    shutil.copy(body.layout.folder / "tokenizer.json", folder)


@pytest.mark.parametrize(
    "config",
    [
        RobertaConfig(**SMALL),
        ElectraConfig(**SMALL, embedding_size=16),
        MPNetConfig(**SMALL),
        ModernBertConfig(**SMALL, pad_token_id=0, global_attn_every_n_layers=2),
        DistilBertConfig(vocab_size=30522, dim=32, hidden_dim=64, n_layers=3, n_heads=2),
    ],
    ids=lambda config: config.model_type,
)
def test_other_architectures_are_cut_apart_too(body: Body, tmp_path: Path, config: PretrainedConfig) -> None:
    write_encoder(config, tmp_path, body)
    other = Body(read_layout(tmp_path), device="cpu")
    assert other.depth == 3
    assert other.can_be_cut
    encoded = LowerOutputs(other).encode(TEXTS, cut=2, max_tokens=32)
    assert np.isfinite(Trainee(other, 2).vectors(encoded)).all()


def test_an_architecture_that_cannot_be_cut_is_trained_whole_and_that_is_said(
    services: Services, body: Body, tmp_path: Path
) -> None:
    # Its convolution beside the first layer makes the first layer of any upper part another thing.
    write_encoder(DebertaV2Config(**SMALL, conv_kernel_size=3, conv_act="gelu"), tmp_path, body)
    bench = make_bench(services, planted(40, seed=0), planted(5, seed=1))
    fitted = bench.fit(FAMILY, f"finetune:{tmp_path}?layers=1&epochs=1", 32)
    assert [note.code for note in fitted.notes] == ["layers_not_frozen"]
    assert dict(fitted.details)["layers"] == "all, embeddings too"
    assert len(fitted.predict(bench.test)[0]) == 5


def test_evaluation_rows_are_refused(services: Services) -> None:
    bench = make_bench(services, planted(20, seed=0), planted(5, seed=1))
    pool = bench.setting.pool
    plan = TrialPlan(arm="finetune:minilm", level=20, n_labels=20, seed=0)
    with pytest.raises(RoleError, match="Evaluation"):
        rows = Evaluation(pool.ids, pool.texts, pool.gold)
        FAMILY.fit(ArmSpec.parse(plan.arm), plan, rows, bench.setting, services)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arm", "problem"),
    [
        ("finetune", "names no encoder"),
        ("finetune:minilm?layers=none", "layers='none'"),
        ("finetune:minilm?layers=0", "layers='0'"),
        ("finetune:minilm?lr=0", "lr='0'"),
        ("finetune:minilm?lr=fast", "lr='fast'"),
        ("finetune:minilm?epoch=3", "epochs"),
        ("finetune:wordllama", "no layers that can be trained"),
        ("finetune:minilm-int8", "no layers that can be trained"),
        ("finetune:minlm", "did you mean 'minilm"),
        ("finetune:nowhere/at/all", "no such model"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_runs(arm: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        FAMILY.check(ArmSpec.parse(arm))


def test_pairs_teach_an_encoder_what_its_frozen_vectors_do_not_tell(services: Services, shared_data: Path) -> None:
    """Figures of speech: of the two kinds of training on 64 labels, the vectors' own is far behind."""
    rows = rows_of(shared_data / "frontier" / "flute_train.csv")
    bench = make_bench(services, rows[:1000], rows[-200:])
    assert bench.accuracy(FAMILY, "finetune:minilm?recipe=pairs", 64) > bench.accuracy(HEAD, "head:minilm", 64) + 0.05


def test_pairs_repeat_every_answer_of_a_seed_and_tell_their_steps(services: Services) -> None:
    steps: list[tuple[int, int]] = []
    watched = replace(services, progress=lambda done, most: steps.append((done, most)))
    bench = make_bench(watched, planted(60, seed=0), planted(20, seed=1))
    fitted, again = (bench.fit(FAMILY, "finetune:minilm?recipe=pairs", 24, seed=1) for _ in range(2))
    details = dict(fitted.details)
    assert (details["steps on pairs"], details["layers"], details["chosen on"]) == (
        "30",
        "top 2 of 6",
        "fixed, on pairs of rows",
    )
    assert steps[-1] == (30 * 26, 30 * 26), "all 24 rows and both names in every step"
    first, second = (one.predict(bench.test)[0].probabilities for one in (fitted, again))
    assert np.array_equal(first, second)
