"""An encoder's matrix products in whole numbers, where this processor multiplies bytes exactly.

A file whose weights are stored in 8 bits is usually computed in full precision: the weights are turned into floats
first. Here each token's state is rounded to 8 bits as well, by a scale of its own (Dettmers et al., LLM.int8(), arXiv
2208.07339, section 2.1: row-wise scales), the products are made in whole numbers, and the result is scaled back. A
scale a token, not one a batch, keeps a text's vector the same whatever its neighbours are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tuningfork.foundation.files import write_bytes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import GraphProto, NodeProto, TensorProto

FORM = "w8a8"
"""Weights and activations in 8 bits."""

_MIDDLE, _LARGEST = 128, 127
_OPERATORS, _FORMAT = 17, 10
"""Versions of ONNX's operators and of its files, of the oldest ONNX Runtime that is admitted."""


@cache
def exact_here() -> bool:
    """Whether ONNX Runtime's products of bytes are exact on this processor.

    On x86 without VNNI pairs of products are added in 16 bits, which overflow; such processors are no faster with
    bytes than with floats either.
    """
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    rows, inner, columns = 4, 64, 32
    states = np.full((rows, inner), 255, np.uint8)
    weights = np.full((inner, columns), 127, np.int8)
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["states", "weights"], ["products"])],
        "largest products",
        [helper.make_tensor_value_info("states", TensorProto.UINT8, [rows, inner])],
        [helper.make_tensor_value_info("products", TensorProto.INT32, [rows, columns])],
        [numpy_helper.from_array(weights, "weights")],
    )
    operators = [helper.make_opsetid("", _OPERATORS)]
    model = helper.make_model(graph, opset_imports=operators, ir_version=_FORMAT)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    products = session.run(None, {"states": states})[0]
    return bool((products == inner * 255 * 127).all())


def with_integer_products(onnx: Path, target: Path) -> Path:
    """The file with its products in whole numbers: made once, at `target`.

    Args:
        onnx: a file whose weights are int8 with a scale a column, turned into floats by Cast and Mul before MatMul.
            It is not changed.

    Raises:
        OSError: `target` cannot be written.
    """
    if not target.is_file():
        import onnx as library

        model = library.load(str(onnx))
        _rewrite(model.graph)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(target, model.SerializeToString())
    return target


def _rewrite(graph: GraphProto) -> None:
    makers = {output: node for node in graph.node for output in node.output}
    constants = {tensor.name: tensor for tensor in graph.initializer}
    rounded: dict[str, tuple[str, str]] = {}
    nodes: list[NodeProto] = []
    for node in graph.node:
        weights = _stored_in_bytes(node, makers, constants)
        if weights is None:
            nodes.append(node)
            continue
        states = node.input[0]
        if states not in rounded:
            added, rounded[states] = _rounding(states, f"rounded_{len(rounded)}")
            nodes += added
        nodes += _product(*rounded[states], *weights, node.output[0])
    left = _still_read(nodes, [output.name for output in graph.output])
    graph.ClearField("node")
    graph.node.extend(left)
    graph.initializer.extend(_constants())


def _stored_in_bytes(
    node: NodeProto, makers: Mapping[str, NodeProto], constants: Mapping[str, TensorProto]
) -> tuple[str, str] | None:
    """Names of the int8 weights and of their scales, for a product with such weights; None for any other node."""
    from onnx import TensorProto

    if node.op_type != "MatMul" or node.input[1] not in makers:
        return None
    scaling = makers[node.input[1]]
    if scaling.op_type != "Mul" or scaling.input[0] not in makers or scaling.input[1] not in constants:
        return None
    cast = makers[scaling.input[0]]
    if cast.op_type != "Cast" or cast.input[0] not in constants:
        return None
    weights, scales = constants[cast.input[0]], constants[scaling.input[1]]
    a_scale_a_column = list(scales.dims) == [1, weights.dims[-1]]
    return (weights.name, scales.name) if weights.data_type == TensorProto.INT8 and a_scale_a_column else None


def _rounding(states: str, name: str) -> tuple[list[NodeProto], tuple[str, str]]:
    """Nodes that round states to bytes around 128, and the names of the bytes and of each token's scale."""
    from onnx import helper

    size, most, above_zero, scale, units, rounded = (
        f"{name}_{part}" for part in ("size", "most", "above_zero", "scale", "units", "bytes")
    )
    nodes = [
        helper.make_node("Abs", [states], [size]),
        helper.make_node("ReduceMax", [size], [most], axes=[-1], keepdims=1),
        helper.make_node("Max", [most, "smallest_scale"], [above_zero]),
        helper.make_node("Mul", [above_zero, "a_step"], [scale]),
        helper.make_node("Div", [states, scale], [units]),
        helper.make_node("QuantizeLinear", [units, "one", "middle"], [rounded]),
    ]
    return nodes, (rounded, scale)


def _product(rounded: str, scale: str, weights: str, scales: str, output: str) -> list[NodeProto]:
    from onnx import TensorProto, helper

    whole, real, of_token = (f"{output}_{part}" for part in ("whole", "real", "of_token"))
    return [
        helper.make_node("MatMulInteger", [rounded, weights, "middle"], [whole]),
        helper.make_node("Cast", [whole], [real], to=TensorProto.FLOAT),
        helper.make_node("Mul", [real, scale], [of_token]),
        helper.make_node("Mul", [of_token, scales], [output]),
    ]


def _still_read(nodes: Sequence[NodeProto], outputs: Iterable[str]) -> list[NodeProto]:
    """Without the nodes that made floats of weights which nothing reads any more."""
    read = {name for node in nodes for name in node.input}.union(outputs)
    left = [node for node in nodes if not read.isdisjoint(node.output)]
    return left if len(left) == len(nodes) else _still_read(left, outputs)


def _constants() -> list[TensorProto]:
    from onnx import numpy_helper

    values: dict[str, NDArray[np.generic]] = {
        "smallest_scale": np.asarray(1e-8, np.float32),
        "a_step": np.asarray(1 / _LARGEST, np.float32),
        "one": np.asarray(1, np.float32),
        "middle": np.asarray(_MIDDLE, np.uint8),
    }
    return [numpy_helper.from_array(value, name) for name, value in values.items()]
