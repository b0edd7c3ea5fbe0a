"""Which files of a Hub repository are worth fetching: one copy of the weights, tokenizer and configuration."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import PurePosixPath

from tuningfork.models.downloads import SourceRefused
from tuningfork.models.hub import RemoteFile, Repository
from tuningfork.models.references import ModelKind

WEIGHT_FORMATS = ("safetensors", "onnx", "gguf")

_ONNX_PREFERENCE = (
    *("model", "model_quantized", "model_int8", "model_uint8", "model_quint8_avx2"),
    *("model_qint8_avx512_vnni", "model_qint8_avx512", "model_qint8_arm64"),
)
"""Full precision first. Of files in whole numbers those first that are right on every processor: the last three lose
precision on processors without the instructions in their names. `hf:OWNER/NAME/FILE.onnx` names another."""
_ONNX_FOLDERS = ("onnx/", "")
_TOKENIZERS = re.compile(r"tokenizer\.json|vocab\.(txt|json)|[\w.]+\.model")
_PICKLED = re.compile(r"(pytorch_model.*\.(bin|pt)|model\.(pt|pth|ckpt|pkl))(\.index\.json)?")
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
        SourceRefused: no weights in these formats (a pickled file, `pytorch_model.bin`, is never loaded), or no
            tokenizer; what to do about it is in it.
    """
    files = {item.path: item for item in repository.files if _stays_inside(item.path)}
    if file is not None and not file.endswith(".onnx"):
        return _format_of(file), _named(repository, files, file)
    gguf = [path for path in files if path.endswith(".gguf") and "mmproj" not in path.lower()]
    if file is None and gguf and (kind == "llm" or "config.json" not in files):
        return "gguf", tuple(files[path] for path in _with_shards(_preferred(gguf), files))
    if kind == "llm":
        raise SourceRefused(
            f"has no GGUF file in {repository.name}, which a local LLM is",
            remedy="Name a repository with GGUF files, as a rule OWNER/NAME-GGUF",
        )
    weights = _encoder_weights(repository, files, file)
    rest = [path for path in files if _CONFIGURATION.fullmatch(path) and path not in weights]
    if not any(_TOKENIZERS.fullmatch(path) for path in rest):
        raise SourceRefused(
            f"has no tokenizer in {repository.name} (no tokenizer.json, vocab.txt or *.model)",
            remedy="Name a repository that has one, or a folder into which you put the tokenizer.json of the model "
            "that it was made from",
        )
    return _format_of(weights[0]), tuple(files[path] for path in [*weights, *rest])


def _encoder_weights(repository: Repository, files: dict[str, RemoteFile], file: str | None) -> list[str]:
    """One copy of an encoder's weights."""
    if file is not None:
        return [found.path for found in _named(repository, files, file)]
    weights = ["model.safetensors"] if "model.safetensors" in files else []
    if not weights and "model.safetensors.index.json" in files:
        weights = [path for path in files if re.fullmatch(r"model(-\d+-of-\d+\.safetensors|\..*index\.json)", path)]
    onnx = _preferred_onnx(files)
    if onnx is not None and (not weights or find_spec("torch") is None):
        return [onnx, *(path for path in files if path == f"{onnx}_data")]
    if weights:
        return weights
    if pickled := [path for path in files if _PICKLED.fullmatch(path)]:
        raise SourceRefused(
            f"has only pickled weights in {repository.name} ({pickled[0]}), which are never loaded, for loading them "
            "can run any code",
            remedy=f"Look for a revision with model.safetensors (often hf:{repository.name}@refs/pr/1), or convert "
            "them where you trust them, with transformers' AutoModel.from_pretrained(…).save_pretrained(FOLDER), and "
            "name that folder",
        )
    raise SourceRefused(
        f"has no weights in {repository.name} in the formats safetensors, ONNX (model.onnx) or GGUF",
        remedy="Name a repository that has",
    )


def _preferred_onnx(files: dict[str, RemoteFile]) -> str | None:
    offered = (f"{folder}{name}.onnx" for name in _ONNX_PREFERENCE for folder in _ONNX_FOLDERS)
    return next((path for path in offered if path in files), None)


def _named(repository: Repository, files: dict[str, RemoteFile], file: str) -> tuple[RemoteFile, ...]:
    ending = PurePosixPath(file).suffix
    if file not in files:
        offered = ", ".join(path for path in files if path.endswith(ending)) or f"no {ending[1:].upper()} file"
        raise SourceRefused(f"has no {file} in {repository.name} (it has {offered})", remedy="Name one that it has")
    return tuple(files[path] for path in [*_with_shards(file, files), f"{file}_data"] if path in files)


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
