"""The real encoders on real rows, against independent computations of the same vectors."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.errors import InputError, ModelUnavailable, UnknownName
from tuningfork.models.encoders import opening
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.encoders.integer_products import exact_here
from tuningfork.models.encoders.opening import check_encoder, open_encoder
from tuningfork.models.store import ModelStore

ODD_TEXTS = ["", " ", "\n\t", "a", "naïve café ☕ 東京", "\ud800 lone surrogate", "x" * 5000, "word " * 3000, "\x00"]

COMPACT = "minilm-int8 w8a8" if exact_here() else "minilm-int8"

WITHOUT_PYTORCH = """
import importlib.util, sys
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {"torch", "transformers"} else find_spec(name, *rest)
sys.modules["torch"] = sys.modules["transformers"] = None
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
encoder = open_encoder("minilm", ModelStore())
print(encoder.name, float(encoder.embed(["where is my card?"])[0, 0]))
"""


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[str]:
    """Banking questions and film reviews, from 3 to about 100 tokens."""
    texts: list[str] = []
    for name, count in [("banking77", 30), ("imdb_counterfactual", 10)]:
        with (shared_data / name / "test.csv").open(encoding="utf-8", newline="") as file:
            texts += [row["text"] for row in list(csv.DictReader(file))[:count]]
    return texts


@pytest.fixture(scope="module")
def static(store: ModelStore) -> Encoder:
    return open_encoder("wordllama", store)


@pytest.fixture(scope="module")
def int8(store: ModelStore) -> Encoder:
    return open_encoder("minilm-int8", store, threads=1)


@pytest.fixture(scope="module")
def full(store: ModelStore) -> Encoder:
    """The full-precision weights, opened as any local folder is."""
    return open_encoder(str(store.locate("minilm")), store, threads=1)


def cosines(a: Vectors, b: Vectors) -> Vectors:
    similarity: Vectors = (a * b).sum(axis=1)
    return similarity


def test_full_precision_is_what_sentence_transformers_computes(
    full: Encoder, store: ModelStore, rows: list[str]
) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [*rows, "a long text " * 400]
    oracle = SentenceTransformer(str(store.locate("minilm")), device="cpu").encode(texts, batch_size=4)
    np.testing.assert_allclose(full.embed(texts), oracle, atol=2e-6)
    assert (full.dimensions, full.max_tokens) == (384, 256)


def test_int8_agrees_with_full_precision(int8: Encoder, full: Encoder, rows: list[str]) -> None:
    """In floats the file loses next to nothing; tokens rounded to bytes turn a vector by four degrees."""
    similarity = cosines(int8.embed(rows), full.embed(rows))
    mean, least = (0.996, 0.99) if exact_here() else (0.999, 0.998)
    assert similarity.mean() > mean and similarity.min() > least


def test_minilm_on_a_processor_is_the_int8_file_and_says_so(store: ModelStore, int8: Encoder) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("with a GPU, minilm runs at full precision")
    opened = open_encoder("minilm", store)
    assert opened.name == int8.name == COMPACT and opened.fingerprint == int8.fingerprint


def test_minilm_needs_no_pytorch(store: ModelStore, int8: Encoder) -> None:
    environment = {**os.environ, "TUNINGFORK_CACHE": str(store.cache), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTORCH], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    name, value = done.stdout.rsplit(maxsplit=1)
    assert name == COMPACT
    assert float(value) == pytest.approx(float(int8.embed(["where is my card?"])[0, 0]), abs=1e-6)


def test_without_the_int8_file_minilm_falls_back_to_pytorch_and_says_so(store: ModelStore, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "minilm").symlink_to(store.locate("minilm"))
    said: list[str] = []
    opened = open_encoder("minilm", ModelStore(tmp_path, mirror=False, announce=said.append))
    assert opened.name == "minilm"
    assert any("full precision" in line and "minilm-int8" in line for line in said)


def test_a_folder_with_an_onnx_file_runs_in_onnx_runtime(store: ModelStore, int8: Encoder, tmp_path: Path) -> None:
    folder = tmp_path / "my-encoder"
    shutil.copytree(store.locate("minilm-int8"), folder)
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model.onnx")
    own = open_encoder(str(folder), store, threads=1)
    assert own.name == "my-encoder"
    assert cosines(own.embed(["hello there"]), int8.embed(["hello there"])).min() > 0.99
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 4}')
    short = open_encoder(str(folder), store, threads=1)
    assert short.fingerprint != own.fingerprint
    np.testing.assert_array_equal(short.embed(["one two three four"]), short.embed(["one two five six"]))


def test_a_folder_that_needs_pytorch_names_the_extra(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(store.locate("minilm"), folder)
    monkeypatch.setattr(opening, "find_spec", lambda name: None)
    with pytest.raises(
        ModelUnavailable, match=r"needs? torch and transformers: pip install 'tuningfork-nlp\[finetune\]'"
    ):
        check_encoder(str(folder), store)


def test_an_onnx_file_that_is_none_is_said(store: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    shutil.copytree(store.locate("minilm-int8"), folder)
    (folder / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelUnavailable, match="cannot be loaded by ONNX Runtime"):
        open_encoder(str(folder), store)


def test_the_static_encoder_is_the_mean_of_its_token_rows(static: Encoder, store: ModelStore, rows: list[str]) -> None:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    folder = store.locate("wordllama")
    (table,) = load_file(folder / "table.safetensors").values()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    expected = []
    for text in rows:
        mean = table[tokenizer.encode(text, add_special_tokens=False).ids].astype(np.float64).mean(axis=0)
        expected.append(mean / np.linalg.norm(mean))
    np.testing.assert_allclose(static.embed(rows), expected, atol=1e-6)
    assert (static.dimensions, static.max_tokens) == (256, None)


@pytest.mark.parametrize("name", ["static", "int8", "full"])
def test_odd_texts_get_finite_vectors(name: str, request: pytest.FixtureRequest) -> None:
    encoder: Encoder = request.getfixturevalue(name)
    vectors = encoder.embed(ODD_TEXTS)
    assert vectors.shape == (len(ODD_TEXTS), encoder.dimensions) and vectors.dtype == np.float32
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-5) | (lengths == 0))
    assert (lengths == 0).sum() <= (1 if name == "static" else 0), "only a text without any token has no direction"
    assert encoder.embed([]).shape == (0, encoder.dimensions)


def test_a_text_s_vector_in_whole_numbers_is_the_same_to_the_bit_beside_any_neighbours(
    int8: Encoder, rows: list[str]
) -> None:
    shuffled = list(np.random.default_rng(0).permutation(len(rows)))
    vectors = int8.embed(rows)
    for part in (shuffled[:7], shuffled[7:]):
        np.testing.assert_array_equal(int8.embed([rows[place] for place in part]), vectors[part])


@pytest.mark.parametrize("name", ["int8", "full"])
def test_a_text_s_vector_does_not_depend_on_its_neighbours(
    name: str, request: pytest.FixtureRequest, rows: list[str]
) -> None:
    encoder: Encoder = request.getfixturevalue(name)
    texts = rows[:6] + rows[-2:]
    together = encoder.embed(texts)
    alone = np.concatenate([encoder.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6, rtol=0)


@settings(deadline=None, max_examples=30)
@given(texts=st.lists(st.text(max_size=40), max_size=12), seed=st.integers(0, 1000))
def test_order_is_kept_whatever_the_texts(static: Encoder, texts: list[str], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(texts))
    shuffled = static.embed([texts[place] for place in order])
    np.testing.assert_array_equal(shuffled, static.embed(texts)[order])


def test_threads_change_nothing_and_progress_ends_at_the_total(
    store: ModelStore, int8: Encoder, rows: list[str]
) -> None:
    told: list[tuple[int, int]] = []
    two = open_encoder("minilm-int8", store, threads=2)
    vectors = two.embed(rows, progress=lambda done, total: told.append((done, total)))
    np.testing.assert_array_equal(vectors, int8.embed(rows))
    assert told[-1] == (len(rows), len(rows)) and len(told) > 1 and told == sorted(told)


def test_a_million_short_rows_take_minutes_with_the_static_encoder(static: Encoder, rows: list[str]) -> None:
    """150 s for a million rows on two cores are 0.3 ms of processor time a row; short rows, as support mail is."""
    short = [f"{text} {number}" for number in range(100) for text in rows[:30]]
    began = time.process_time()
    static.embed(short)
    assert (time.process_time() - began) / len(short) < 0.3e-3


def test_names_that_mean_nothing_are_refused_without_a_request(store: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="minilm"):
        check_encoder("minillm", store)
    with pytest.raises(InputError, match="LLM"):
        open_encoder("smollm2-135m", store)
    with pytest.raises(InputError, match=r"config\.json"):
        check_encoder(str(tmp_path), store)
    check_encoder("hf:someone/some-encoder", store)
