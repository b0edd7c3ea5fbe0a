"""What a GGUF file says of its model, from the header alone."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tuningfork.models.llm.gguf_header import GgufHeader, read_header, type_name

DEFAULT_CONTEXT = 2048
"""Tokens of context where the file does not say; the least that a chat model of the last years was trained with."""

BYTES_OF_F16 = 2
SHARD = re.compile(r"(.+)-\d{5}-of-(\d{5})\.gguf")


def format_of(gguf: Path) -> str:
    """The weights' format in lower case: 'q4_k_m', 'q8_0', 'f16', …

    The name that the file was given when it was made; where there is none, the type of most of its weights.

    Raises:
        InputError: no readable GGUF file.
    """
    from gguf.constants import LlamaFileType

    header = read_header(gguf)
    code = header.integer("general.file_type")
    try:
        return str(LlamaFileType(code).name).removeprefix("MOSTLY_").removeprefix("ALL_").lower()
    except ValueError:
        return _commonest_type(header)


def parameters_of(gguf: Path) -> int:
    """Number of weights, over all parts of a divided file.

    Raises:
        InputError: no readable GGUF file.
    """
    return sum(tensor.elements for part in parts_of(gguf) for tensor in read_header(part).tensors)


def trained_context(gguf: Path) -> int:
    """Tokens of context that the model was trained with; 2048 where the file does not say.

    Raises:
        InputError: no readable GGUF file.
    """
    return read_header(gguf).integer("{arch}.context_length") or DEFAULT_CONTEXT


def file_size(gguf: Path) -> int:
    """Bytes, over all parts of a divided file."""
    return sum(part.stat().st_size for part in parts_of(gguf))


def parts_of(gguf: Path) -> tuple[Path, ...]:
    """The file itself, or all parts of a divided one (NAME-00001-of-00003.gguf) that are beside it."""
    divided = SHARD.fullmatch(gguf.name)
    return tuple(sorted(gguf.parent.glob(f"{divided[1]}-*-of-{divided[2]}.gguf"))) if divided else (gguf,)


def key_value_bytes(gguf: Path, context_tokens: int) -> int:
    """Memory for the keys and values of so many tokens in 16 bits; an upper bound for models that keep fewer.

    0 where the file lacks the figures, as for models without attention.
    """
    header = read_header(gguf)
    layers, heads = header.integer("{arch}.block_count"), header.integer("{arch}.attention.head_count")
    width = header.integer("{arch}.embedding_length")
    if not layers or not heads or not width:
        return 0
    shared_heads = header.integer("{arch}.attention.head_count_kv") or heads
    key = header.integer("{arch}.attention.key_length") or width // heads
    value = header.integer("{arch}.attention.value_length") or width // heads
    return layers * shared_heads * (key + value) * BYTES_OF_F16 * context_tokens


def vocabulary_size(gguf: Path) -> int:
    """Number of tokens the model knows; 0 where the file does not say."""
    header = read_header(gguf)
    table = next((tensor for tensor in header.tensors if tensor.name == "token_embd.weight"), None)
    return table.shape[-1] if table else header.integer("{arch}.vocab_size") or 0


def _commonest_type(header: GgufHeader) -> str:
    weights: Counter[int] = Counter()
    for tensor in header.tensors:
        weights[tensor.type_code] += tensor.elements
    code = weights.most_common(1)[0][0]
    return (type_name(code) or f"type{code}").lower()
