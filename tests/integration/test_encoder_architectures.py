"""Encoders as they are on the Hub: every architecture that the documentation names, against sentence-transformers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tiny_encoders import ARCHITECTURES, as_onnx, make_encoder
from tuningfork.errors import InputError, ModelUnavailable
from tuningfork.models.encoders.fitness import require_fit
from tuningfork.models.encoders.layout import read_layout
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore

pytest.importorskip("torch")
TEXTS = ["where is my card?", "the transfer is late", "", "money", "lost " * 100, "a bank and a card and unknownword"]


def embedded(folder: Path, store: ModelStore, texts: list[str] = TEXTS) -> np.ndarray:
    return open_encoder(str(folder), store, threads=1).embed(texts)


def by_sentence_transformers(folder: Path, texts: list[str] = TEXTS) -> np.ndarray:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    return np.asarray(model.encode(texts, batch_size=2, normalize_embeddings=True))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_gives_the_vectors_of_sentence_transformers(
    architecture: str, store: ModelStore, tmp_path: Path
) -> None:
    folder = make_encoder(architecture, tmp_path / "encoder")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 40}))
    np.testing.assert_allclose(embedded(folder, store), by_sentence_transformers(folder), atol=2e-6)


@pytest.mark.parametrize("pooling", ["cls", "max", "last"])
def test_every_pooling_is_that_of_sentence_transformers(pooling: str, store: ModelStore, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "encoder", pooling=pooling)
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 40}))
    np.testing.assert_allclose(embedded(folder, store), by_sentence_transformers(folder), atol=2e-6)


@pytest.mark.parametrize(
    ("architecture", "longest"), [("bert", 64), ("roberta", 62), ("mpnet", 62), ("modernbert", 64)]
)
def test_a_text_is_cut_where_the_positions_end_and_not_past_it(
    architecture: str, longest: int, store: ModelStore, tmp_path: Path
) -> None:
    folder = make_encoder(architecture, tmp_path / "encoder")
    (folder / "tokenizer_config.json").write_text(json.dumps({"model_max_length": 10**30}))
    assert read_layout(folder).max_tokens == longest
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 512}))
    assert read_layout(folder).max_tokens == longest
    assert np.isfinite(embedded(folder, store, ["card " * 500])).all()


def test_the_prefix_that_a_model_was_trained_with_stands_before_every_text(store: ModelStore, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "encoder")
    prompts = {"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt_name": "query"}
    plain = embedded(folder, store, ["query: my card"])
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    said: list[str] = []
    prefixed = open_encoder(str(folder), ModelStore(store.cache, announce=said.append), threads=1)
    np.testing.assert_array_equal(prefixed.embed(["my card"]), plain)
    np.testing.assert_allclose(plain, by_sentence_transformers(folder, ["my card"]), atol=2e-6)
    assert said == ["encoder reads every text after 'query: ', as it was trained to."]


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("multilingual-e5-small", "query: "),
        ("hf--intfloat--e5-base-v2", "query: "),
        ("hf--intfloat--multilingual-e5-small@main", "query: "),
        ("multilingual-e5-large-instruct", ""),
        ("some-e5-like-model", ""),
    ],
)
def test_e5_wants_a_prefix_that_its_files_do_not_tell(name: str, prefix: str, tmp_path: Path) -> None:
    assert read_layout(make_encoder("bert", tmp_path / name, pooling=None)).prefix == prefix


@pytest.mark.parametrize("numbers", ["float16", "bfloat16"])
def test_half_precision_weights_run_in_full(numbers: str, store: ModelStore, tmp_path: Path) -> None:
    import torch
    from transformers import AutoModel

    folder = make_encoder("bert", tmp_path / "encoder")
    full = embedded(folder, store)
    AutoModel.from_pretrained(folder).to(getattr(torch, numbers)).save_pretrained(folder)
    half = embedded(folder, store)
    assert half.dtype == np.float32
    assert np.sum(full * half, axis=1).min() > 0.999


def test_weights_in_pieces_are_one_model_and_a_missing_piece_is_named(store: ModelStore, tmp_path: Path) -> None:
    from transformers import AutoModel

    folder = make_encoder("bert", tmp_path / "encoder")
    whole, parameters = embedded(folder, store), require_fit(folder, "encoder")
    AutoModel.from_pretrained(folder).save_pretrained(tmp_path / "pieces", max_shard_size="40KB")
    (folder / "model.safetensors").unlink()
    for piece in (tmp_path / "pieces").glob("model*"):
        piece.rename(folder / piece.name)
    assert parameters.safetensors and require_fit(folder, "encoder").safetensors
    np.testing.assert_array_equal(embedded(folder, store), whole)
    lost = sorted(folder.glob("model-*"))[1]
    lost.unlink()
    with pytest.raises(InputError, match=rf"{lost.name} is missing"):
        embedded(folder, store)


def test_an_older_tokenizer_is_read_where_transformers_is_installed(store: ModelStore, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "encoder")
    before = embedded(folder, store)
    words = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    (folder / "vocab.txt").write_text("\n".join(sorted(words, key=words.get)) + "\n")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}))
    np.testing.assert_array_equal(embedded(folder, store), before)
    (folder / "vocab.txt").unlink()
    with pytest.raises(InputError, match=r"no tokenizer.*tokenizer\.json"):
        embedded(folder, store)


def test_a_tokenizer_that_nothing_here_can_read_says_how_to_make_one(store: ModelStore, tmp_path: Path) -> None:
    folder = make_encoder("xlm-roberta", tmp_path / "encoder")
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "XLMRobertaTokenizer"}))
    (folder / "sentencepiece.bpe.model").write_bytes(b"no such model")
    with pytest.raises(InputError, match=r"no tokenizer can be made.*save_pretrained"):
        embedded(folder, store)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"vocab_size": 50}, "config.json says 50 tokens, and its weights have a table of 20.*two models"),
        ({"is_encoder_decoder": True}, "encoder-decoder.*Name an encoder"),
        ({"model_type": "odd", "auto_map": {"AutoModel": "odd.Odd"}}, "program code that comes with the weights"),
    ],
)
def test_what_the_configuration_gives_away_is_refused(changed: dict[str, object], told: str, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "encoder")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changed))
    with pytest.raises(InputError, match=told):
        require_fit(folder, "encoder")


def test_weights_that_the_files_lack_are_not_made_up(store: ModelStore, tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    folder = make_encoder("bert", tmp_path / "encoder")
    before = embedded(folder, store)
    weights = load_file(folder / "model.safetensors")
    without_pooler = {name: one for name, one in weights.items() if not name.startswith("pooler.")}
    save_file(without_pooler, folder / "model.safetensors", metadata={"format": "pt"})
    np.testing.assert_array_equal(embedded(folder, store), before)
    without_layer = {name: one for name, one in without_pooler.items() if ".layer.1." not in name}
    save_file(without_layer, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=r"lacks weights .*layer\.1\..*would be random"):
        embedded(folder, store)


def test_code_that_transformers_has_too_is_not_needed(store: ModelStore, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "encoder")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "own.Bert"}}))
    (folder / "own.py").write_text("raise SystemExit('was run')")
    assert embedded(folder, store).shape == (len(TEXTS), 32)


@pytest.mark.parametrize("architecture", ["bert", "roberta"])
def test_an_onnx_file_gives_what_the_weights_give(architecture: str, store: ModelStore, tmp_path: Path) -> None:
    folder = make_encoder(architecture, tmp_path / "encoder")
    in_torch = embedded(folder, store)
    as_onnx(folder, "onnx/model_quantized.onnx")
    (folder / "model.safetensors").unlink()
    np.testing.assert_allclose(embedded(folder, store), in_torch, atol=2e-6)
    with pytest.raises(InputError, match=r"ONNX weights only.*head:encoder runs"):
        require_fit(folder, "encoder", trained=True)
