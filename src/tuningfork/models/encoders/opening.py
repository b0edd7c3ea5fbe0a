"""From a reference to a running encoder: which weights, which runtime."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from tuningfork.errors import ModelUnavailable
from tuningfork.foundation.hashing import hash_of
from tuningfork.models.encoders.encoder import Encoder
from tuningfork.models.encoders.fitness import require_fit
from tuningfork.models.encoders.integer_products import FORM, exact_here, with_integer_products
from tuningfork.models.encoders.layout import EncoderLayout, read_layout
from tuningfork.models.hardware import gpu_name, usable_cores
from tuningfork.models.references import parse_reference
from tuningfork.models.starters import Starter
from tuningfork.models.store import ModelStore

Device = Literal["cpu", "cuda"]

_COMPACT = {"minilm": "minilm-int8"}
"""On a processor the int8 file stands in for full precision: no slower, as accurate, and no PyTorch is needed."""

_EXTRA = "pip install 'tuningfork-nlp[finetune]'"


def check_encoder(reference: str, store: ModelStore, *, trained: bool = False) -> None:
    """Make sure that an encoder of that name, repository or path could be opened; no request, no model started. One of
    the Hub is looked at if it was fetched.

    Args:
        trained: whether it is to be fine-tuned, which takes PyTorch weights and four times the memory.

    Raises:
        UnknownName, InputError: no such model (near names are given), or files that hold no encoder that could run.
        ModelUnavailable: a folder that needs PyTorch, where PyTorch is not installed.
    """
    store.check(reference, "encoder")
    model = parse_reference(reference, "encoder")
    if not isinstance(model, Starter) and store.is_present(reference, "encoder"):
        layout = require_fit(store.locate(reference, "encoder"), reference, trained=trained)
        if not trained:
            _runtime(layout, "cpu")


def make_ready(reference: str, store: ModelStore, *, trained: bool = False) -> None:
    """Fetch an encoder that the person named, and look at it, so that what is wrong with it is known before anything
    was run. A starter is known to be right and is fetched when it is needed.

    Raises:
        UnknownName, InputError: as `check_encoder`; or the Hub has no such model, or not for this token.
        ModelUnavailable: the Hub cannot be reached.
    """
    if not isinstance(parse_reference(reference, "encoder"), Starter):
        store.locate(reference, "encoder")
        check_encoder(reference, store, trained=trained)


def encoder_identity(reference: str, store: ModelStore) -> str:
    """64 hex digits that change when the weights that `open_encoder` would take change; no request. Whether the
    compact stand-in runs is the machine's affair, so both are in it. A Hub's model that is not here yet has others
    before than after it was fetched.

    Raises:
        UnknownName, InputError, ModelUnavailable: as `ModelStore.fingerprint_at_hand`.
    """
    names = [reference, *([_COMPACT[reference]] if reference in _COMPACT else [])]
    weights = [store.fingerprint_at_hand(name, "encoder") for name in names]
    return hash_of([*weights, *(FORM for name in names if name in _COMPACT.values())])


def open_encoder(reference: str, store: ModelStore, *, threads: int | None = None) -> Encoder:
    """The encoder, ready to embed; fetched if need be.

    `wordllama` is a table in numpy. `minilm` is its int8 file in ONNX Runtime, with products in whole numbers where
    this processor makes them exactly, or full precision on a GPU that PyTorch sees; `Encoder.name` says which. Any
    other model runs on such a GPU, else from `onnx/model.onnx` where its folder has one, else in PyTorch (extra
    `finetune`).

    Args:
        reference: a starter's name, `hf:OWNER/NAME[/FILE][@REVISION]`, or a folder.
        threads: threads on the processor; by default the cores that this process may use.

    Raises:
        UnknownName, InputError: no such model, or a folder that holds no encoder.
        ModelUnavailable: no source has it, or what would run it is not installed.
    """
    store.check(reference, "encoder")
    if reference == "wordllama":
        from tuningfork.models.encoders.static import StaticEncoder

        return StaticEncoder(store.locate(reference), name=reference, fingerprint=store.fingerprint(reference))
    count = threads or usable_cores()
    device: Device = "cpu" if gpu_name() is None else "cuda"
    if device == "cpu" and reference in _COMPACT:
        try:
            return _contextual(_COMPACT[reference], store, count, device)
        except ModelUnavailable as error:
            if find_spec("torch") is None:
                raise
            store.announce(f"{reference} runs at full precision in PyTorch, because {str(error).splitlines()[0]}")
    return _contextual(reference, store, count, device)


def _contextual(reference: str, store: ModelStore, threads: int, device: Device) -> Encoder:
    folder = store.locate(reference, "encoder")
    model = parse_reference(reference)
    layout = read_layout(folder) if isinstance(model, Starter) else require_fit(folder, reference)
    runtime = _runtime(layout, device)
    weights = store.fingerprint(reference, "encoder")
    identity: list[object] = [weights, runtime, layout.pooling, layout.max_tokens]
    name = Path(reference).name if isinstance(model, Path) else reference
    if layout.prefix:
        identity.append(layout.prefix)
        store.announce(f"{name} reads every text after {layout.prefix!r}, as it was trained to.")
    if runtime == "onnx" and layout.onnx is not None:
        from tuningfork.models.encoders.onnx import OnnxEncoder

        file = layout.onnx
        if reference in _COMPACT.values() and exact_here():
            name, identity = f"{name} {FORM}", [*identity, FORM]
            file = with_integer_products(file, store.cache / "formats" / f"{reference}-{weights[:12]}.{FORM}.onnx")
        return OnnxEncoder(layout, file, name=name, fingerprint=hash_of(identity), threads=threads)
    from tuningfork.models.encoders.pytorch import TorchEncoder

    return TorchEncoder(layout, name=name, fingerprint=hash_of(identity), threads=threads, device=device)


def _runtime(layout: EncoderLayout, device: Device) -> Literal["onnx", "torch"]:
    if layout.onnx is not None and (device == "cpu" or not layout.safetensors):
        return "onnx"
    missing = [package for package in ("torch", "transformers") if find_spec(package) is None]
    if missing:
        raise ModelUnavailable(
            f"{layout.folder} has no onnx/model.onnx, and its other weights need {' and '.join(missing)}: {_EXTRA}"
        )
    return "torch"
