"""Matrix products in whole numbers, against the same arithmetic in numpy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tuningfork.models.encoders.integer_products import exact_here, with_integer_products

INNER, COLUMNS = 48, 24


def stored(folder: Path, weights: np.ndarray, scales: np.ndarray) -> Path:
    """A file that makes floats of stored bytes and multiplies by them twice, and once by weights that are floats."""
    nodes = [
        helper.make_node("Cast", ["bytes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scales"], ["weights"]),
        helper.make_node("MatMul", ["states", "weights"], ["first"]),
        helper.make_node("Relu", ["states"], ["positive"]),
        helper.make_node("MatMul", ["positive", "weights"], ["second"]),
        helper.make_node("Add", ["first", "second"], ["sum"]),
        helper.make_node("MatMul", ["sum", "whole"], ["answer"]),
    ]
    graph = helper.make_graph(
        nodes,
        "two products",
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["batch", "tokens", INNER])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["batch", "tokens", COLUMNS])],
        [
            numpy_helper.from_array(weights, "bytes"),
            numpy_helper.from_array(scales, "scales"),
            numpy_helper.from_array(np.eye(COLUMNS, dtype=np.float32), "whole"),
        ],
    )
    file = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10), str(file))
    return file


def run(file: Path, states: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"states": states})[0])


def rounded_product(states: np.ndarray, weights: np.ndarray, scales: np.ndarray) -> np.ndarray:
    scale = np.maximum(np.abs(states).max(axis=-1, keepdims=True), 1e-8) / 127
    return np.rint(states / scale).astype(np.int64) @ weights.astype(np.int64) * scale * scales


@pytest.fixture
def weights() -> np.ndarray:
    return np.random.default_rng(0).integers(-127, 128, (INNER, COLUMNS)).astype(np.int8)


@pytest.fixture
def scales() -> np.ndarray:
    return np.random.default_rng(1).uniform(0.001, 0.1, (1, COLUMNS)).astype(np.float32)


@pytest.mark.skipif(not exact_here(), reason="this processor's products of bytes are not exact")
def test_products_are_those_of_states_rounded_by_a_scale_a_token(
    tmp_path: Path, weights: np.ndarray, scales: np.ndarray
) -> None:
    states = np.random.default_rng(2).normal(size=(3, 5, INNER)).astype(np.float32)
    states[0, 1] *= 1e4
    states[0, 2] = 0.0
    made = with_integer_products(stored(tmp_path, weights, scales), tmp_path / "made" / "whole.onnx")
    expected = rounded_product(states, weights, scales) + rounded_product(np.maximum(states, 0), weights, scales)
    np.testing.assert_allclose(run(made, states), expected, rtol=1e-5, atol=1e-4)


def test_every_stored_product_is_made_in_whole_numbers_and_nothing_else_is_left(
    tmp_path: Path, weights: np.ndarray, scales: np.ndarray
) -> None:
    source = stored(tmp_path, weights, scales)
    before = source.read_bytes()
    made = with_integer_products(source, tmp_path / "whole.onnx")
    kinds = [node.op_type for node in onnx.load(str(made)).graph.node]
    assert (kinds.count("MatMulInteger"), kinds.count("MatMul"), kinds.count("QuantizeLinear")) == (2, 1, 2)
    assert kinds.count("Cast") == 2, "back from whole numbers, twice; no floats are made of weights any more"
    onnx.checker.check_model(onnx.load(str(made)))
    assert source.read_bytes() == before


def test_weights_with_one_scale_in_all_stay_as_they_are(tmp_path: Path, weights: np.ndarray) -> None:
    made = with_integer_products(stored(tmp_path, weights, np.float32([[0.1]])), tmp_path / "whole.onnx")
    assert "MatMulInteger" not in {node.op_type for node in onnx.load(str(made)).graph.node}


def test_it_is_made_once(tmp_path: Path, weights: np.ndarray, scales: np.ndarray) -> None:
    source, target = stored(tmp_path, weights, scales), tmp_path / "whole.onnx"
    first = with_integer_products(source, target).stat().st_mtime_ns
    assert with_integer_products(source, target).stat().st_mtime_ns == first
