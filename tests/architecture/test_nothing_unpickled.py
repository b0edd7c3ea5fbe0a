"""Loading a file never runs what is in it: no pickle, no code that comes with a model, no archive unpacked by names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "tuningfork"
PICKLES = {"pickle", "_pickle", "cPickle", "dill", "joblib", "cloudpickle", "shelve", "marshal", "jsonpickle"}
RUNS_CODE = {"unsafe_load", "full_load", "unsafe_load_all", "full_load_all", "read_pickle", "to_pickle"}
UNPACKS = {"extract", "extractall", "unpack_archive"}


def offences(code: str) -> Iterator[str]:
    """What in a module could run what a file holds, or write where a file's inside says."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (
                f"line {node.lineno}: import {name.name}" for name in node.names if _first(name.name) in PICKLES
            )
        elif isinstance(node, ast.ImportFrom) and _first(node.module or "") in PICKLES:
            yield f"line {node.lineno}: from {node.module}"
        elif isinstance(node, ast.Call):
            yield from (f"line {node.lineno}: {what}" for what in _call(node))


def _call(node: ast.Call) -> Iterator[str]:
    given = {one.arg: ast.unparse(one.value) for one in node.keywords}
    called = ast.unparse(node.func)
    name = called.rpartition(".")[2]
    if name in RUNS_CODE | UNPACKS or called in {"eval", "exec"}:
        yield f"{name}()"
    if called == "torch.load" and given.get("weights_only") != "True":
        yield "torch.load without weights_only=True"
    if called == "yaml.load" and not given.get("Loader", "").startswith(("_", "yaml.Safe", "yaml.CSafe")):
        yield "yaml.load with a loader that is not known to be safe"
    if given.get("allow_pickle", "False") != "False":
        yield "allow_pickle"
    if given.get("trust_remote_code", "False") != "False":
        yield "trust_remote_code"
    is_weights = name == "from_pretrained" and "Model" in called
    if is_weights and given.get("use_safetensors") != "True":
        yield "weights from_pretrained without use_safetensors=True, which takes pickled ones"
    if called == "torch.save":
        yield "torch.save, which pickles"


def _first(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "import joblib as j",
        "from dill import loads",
        "def f():\n    from pickle import load",
        "import torch\ntorch.load(path)",
        "torch.load(path, weights_only=False)",
        "torch.save(model, path)",
        "np.load(path, allow_pickle=True)",
        "polars.read_pickle(path)",
        "yaml.load(text, Loader=yaml.Loader)",
        "yaml.unsafe_load(text)",
        "AutoModel.from_pretrained(folder)",
        "AutoTokenizer.from_pretrained(folder, trust_remote_code=True)",
        "zipfile.ZipFile(path).extractall(folder)",
        "wheel.extract(member, folder)",
        "eval(text)",
    ],
)
def test_the_scan_sees_every_way(code: str) -> None:
    assert list(offences(code))


@pytest.mark.parametrize(
    "code",
    ["import json", "torch.load(path, weights_only=True)", "np.load(path, allow_pickle=False)", "model.eval()"],
)
def test_the_scan_lets_the_rest_be(code: str) -> None:
    assert not list(offences(code))


def test_no_module_unpickles_or_runs_what_a_file_holds() -> None:
    modules = sorted(SOURCE.rglob("*.py"))
    assert len(modules) > 100
    found = {str(path.relative_to(SOURCE)): list(offences(path.read_text(encoding="utf-8"))) for path in modules}
    assert not {name: told for name, told in found.items() if told}
