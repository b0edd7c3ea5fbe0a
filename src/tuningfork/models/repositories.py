"""Which files of a Hub repository are worth fetching: one copy of the weights, tokenizer and configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import PurePosixPath

from tuningfork.models.downloads import SourceFailed
from tuningfork.models.hub import RemoteFile, Repository
from tuningfork.models.references import ModelKind

WEIGHT_FORMATS = ("safetensors", "onnx", "gguf")

_ONNX = ("onnx/model.onnx", "model.onnx")
_CONFIGURATION = re.compile(
    r"(config|modules|sentence_bert_config|config_sentence_transformers|tokenizer|tokenizer_config|special_tokens_map"
    r"|added_tokens|vocab)\.json|vocab\.txt|merges\.txt|[\w.]+\.model|\d+_\w+/(config\.json|model\.safetensors)"
)
_SHARD = re.compile(r"(.+)-00001-of-(\d{5})\.gguf")
_GGUF_PREFERENCE = ("q4_k_m", "q8_0", "q5_k_m", "q4_0", "q4_1")
"""Q4_K_M first, as other tools do: the size that fits most machines. `hf:OWNER/NAME/FILE.gguf` names another."""


def choose_files(
    repository: Repository, *, file: str | None = None, kind: ModelKind | None = None
) -> tuple[str, tuple[RemoteFile, ...]]:
    """The weights' format (of `WEIGHT_FORMATS`) and the files to fetch, weights first.

    Safetensors where PyTorch is installed, ONNX where it is not; GGUF for an LLM, or where there is nothing else.

    Raises:
        SourceFailed: no weights in these formats (a pickled file, `pytorch_model.bin`, is never loaded).
    """
    files = {item.path: item for item in repository.files if _stays_inside(item.path)}
    if file is not None:
        return _format_of(file), _named(repository, files, file)
    gguf = [path for path in files if path.endswith(".gguf") and "mmproj" not in path.lower()]
    if gguf and (kind == "llm" or "config.json" not in files):
        return "gguf", tuple(files[path] for path in _with_shards(_preferred(gguf), files))
    if kind == "llm":
        raise SourceFailed(f"{repository.name} has no GGUF file, which a local LLM is")
    weights = [path for path in files if re.fullmatch(r"model(-\d+-of-\d+)?\.safetensors(\.index\.json)?", path)]
    onnx = next((path for path in _ONNX if path in files), None)
    if onnx is not None and (not weights or find_spec("torch") is None):
        weights = [onnx, *(path for path in files if path == f"{onnx}_data")]
    if not weights:
        raise SourceFailed(f"{repository.name} has no weights in the formats safetensors, ONNX (model.onnx) or GGUF")
    rest = [path for path in files if _CONFIGURATION.fullmatch(path) and path not in weights]
    return _format_of(weights[0]), tuple(files[path] for path in [*weights, *rest])


def _named(repository: Repository, files: dict[str, RemoteFile], file: str) -> tuple[RemoteFile, ...]:
    if file not in files:
        offered = ", ".join(path for path in files if path.endswith(".gguf")) or "no GGUF file"
        raise SourceFailed(f"{repository.name} has no {file} (it has {offered})")
    return tuple(files[path] for path in _with_shards(file, files))


def _preferred(paths: Sequence[str]) -> str:
    for quantisation in _GGUF_PREFERENCE:
        for path in sorted(paths):
            if quantisation in path.lower():
                return path
    return min(paths)


def _with_shards(path: str, files: dict[str, RemoteFile]) -> list[str]:
    """A model in several GGUF files is opened by its first; the others have to lie beside it."""
    matched = _SHARD.fullmatch(path)
    if matched is None:
        return [path]
    beginning, ending = f"{matched[1]}-", f"-of-{matched[2]}.gguf"
    return sorted(other for other in files if other.startswith(beginning) and other.endswith(ending))


def _format_of(path: str) -> str:
    return next((name for name in WEIGHT_FORMATS if f".{name}" in path.lower()), "safetensors")


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and ".." not in parts and not path.startswith("/") and "\\" not in path and ":" not in path
