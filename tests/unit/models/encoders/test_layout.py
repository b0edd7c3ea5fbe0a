"""How a folder describes its encoder, and how token vectors become one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tuningfork.errors import InputError
from tuningfork.models.encoders.layout import pool, read_layout


def encoder_folder(folder: Path, **files: dict[str, Any]) -> Path:
    contents = {"config": {"max_position_embeddings": 512}, **files}
    for name, content in contents.items():
        file = folder / f"{name.replace('__', '/')}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def pooling_config(**modes: Any) -> dict[str, Any]:
    return {"word_embedding_dimension": 4, **modes}


@pytest.mark.parametrize(
    ("config", "pooling"),
    [
        (pooling_config(pooling_mode_mean_tokens=True, pooling_mode_cls_token=False), "mean"),
        (pooling_config(pooling_mode_mean_tokens=False, pooling_mode_cls_token=True), "cls"),
        (pooling_config(pooling_mode_max_tokens=True), "max"),
        (pooling_config(pooling_mode_lasttoken=True), "last"),
        (pooling_config(pooling_mode="cls"), "cls"),
    ],
)
def test_pooling_is_read_from_the_folder(tmp_path: Path, config: dict[str, Any], pooling: str) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps(config))
    assert read_layout(encoder_folder(tmp_path)).pooling == pooling


def test_without_a_word_on_pooling_it_is_the_mean(tmp_path: Path) -> None:
    assert read_layout(encoder_folder(tmp_path)).pooling == "mean"


@pytest.mark.parametrize(
    "config",
    [
        pooling_config(pooling_mode_mean_tokens=True, pooling_mode_cls_token=True),
        pooling_config(pooling_mode_weightedmean_tokens=True),
        pooling_config(pooling_mode="weightedmean"),
    ],
)
def test_a_pooling_that_is_not_kept_is_refused(tmp_path: Path, config: dict[str, Any]) -> None:
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError, match="pooling"):
        read_layout(encoder_folder(tmp_path))


def test_the_length_limit_is_the_folder_s_own(tmp_path: Path) -> None:
    assert read_layout(encoder_folder(tmp_path)).max_tokens == 512
    assert read_layout(encoder_folder(tmp_path, tokenizer_config={"model_max_length": 10**30})).max_tokens == 512
    assert read_layout(encoder_folder(tmp_path, tokenizer_config={"model_max_length": 384})).max_tokens == 384
    assert read_layout(encoder_folder(tmp_path, sentence_bert_config={"max_seq_length": 128})).max_tokens == 128


def test_a_folder_that_holds_no_encoder_is_told_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no config\.json"):
        read_layout(tmp_path)
    encoder_folder(tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(InputError, match="pickled"):
        read_layout(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"onnx")
    assert read_layout(tmp_path).onnx == tmp_path / "model.onnx"
    (tmp_path / "config.json").write_text("{not json")
    with pytest.raises(InputError, match=r"config\.json: is not valid JSON"):
        read_layout(tmp_path)


@pytest.mark.parametrize("pooling", ["mean", "cls", "max", "last"])
def test_pooling_sees_the_tokens_and_never_the_padding(pooling: str) -> None:
    random = np.random.default_rng(0)
    states = random.normal(size=(3, 5, 4)).astype(np.float32)
    lengths = [5, 2, 1]
    mask = np.array([[1] * n + [0] * (5 - n) for n in lengths])
    states[mask == 0] = 1e6
    pooled = pool(states, mask, pooling)  # type: ignore[arg-type]
    by_hand = {"mean": lambda t: t.mean(0), "cls": lambda t: t[0], "max": lambda t: t.max(0), "last": lambda t: t[-1]}
    for row, length in enumerate(lengths):
        expected = by_hand[pooling](states[row, :length].astype(np.float64))
        np.testing.assert_allclose(pooled[row], expected / np.linalg.norm(expected), rtol=1e-5)
