"""How arms read in sentences: 'MiniLM', 'SmolLM2-135M, 5 shots', 'TF-IDF and a linear classifier'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from tuningfork.arms.results import Side
from tuningfork.arms.spec import ONLY, ArmSpec

SIDE_NAMES: dict[Side, str] = {"llm": "LLM", "fine-tuned": "fine-tuned", "combined": "combined"}

_KNOWN = {
    "minilm": "MiniLM",
    "minilm-int8": "MiniLM (int8)",
    "wordllama": "WordLlama",
    "smollm2": "SmolLM2",
    "qwen2.5": "Qwen2.5",
    "qwen3": "Qwen3",
    "gemma3": "Gemma3",
    "llama3": "Llama3",
    "coder": "Coder",
    "instruct": "Instruct",
}
_SIZE = re.compile(r"(?<![\w.])(?:(\d+)x)?(\d+(?:\.\d+)?)([mb])(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArmName:
    """One arm in words.

    Attributes:
        short: the model with what sets the arm apart: 'MiniLM', 'SmolLM2-135M, 5 shots'.
        order: what to do, to open a sentence: 'Fine-tune MiniLM', 'Prompt SmolLM2-135M, 5 shots',
            'Train a small model (TF-IDF and a linear classifier)'.
    """

    short: str
    order: str


def name_of(arm: str, side: Side) -> ArmName:
    """The arm named by a spec, in words."""
    spec = ArmSpec.parse(arm)
    model = readable_model(spec.model)
    small = {
        "linear": "TF-IDF and a linear classifier",
        "head": f"{model} embeddings and logistic regression",
        "blend": f"TF-IDF and {model} embeddings, each with a linear classifier",
    }
    if spec.family in small:
        return _small_model(small[spec.family], spec)
    if spec.family == "cosine":
        told = f"cosine of question and option ({model}), untaught"
        return ArmName(told, f"Take the option nearest to its question ({model} embeddings)")
    if spec.family == "predictions":
        who = model_in(arm)
        if "model" in spec.options:
            return ArmName(who, f"Use {who}")
        return ArmName(f"answers in {who}", f"Use the {SIDE_NAMES[side]} arm whose answers are in {who}")
    short = ", ".join([model or spec.family, *_traits(spec)])
    verb = {"llm": "Prompt", "fine-tuned": "Fine-tune", "combined": "Combine"}[side]
    return ArmName(short, f"{verb} {short}")


def model_in(arm: str) -> str:
    """The model that a spec names, as it is written there; of answers made elsewhere who is said to have answered, else
    the file's name (the folders that it lies in say nothing of a model)."""
    spec = ArmSpec.parse(arm)
    return spec.options.get("model") or PurePath(spec.model).name if spec.family == "predictions" else spec.model


def readable_model(model: str) -> str:
    """'smollm2-135m' -> 'SmolLM2-135M', 'openai/gpt-5-mini' -> 'gpt-5-mini', a path -> its last part."""
    if model in _KNOWN:
        return _KNOWN[model]
    last = model.removeprefix("hf:").rstrip("/").split("/")[-1]
    parts = [_KNOWN.get(part.lower(), part.upper() if _SIZE.fullmatch(part) else part) for part in last.split("-")]
    return "-".join(parts)


def parameters_in(name: str) -> float | None:
    """Parameters as a model's name tells them: '135m' -> 135e6, '8x7b' -> 56e9; None if it does not."""
    sizes = [
        int(times or 1) * float(number) * {"m": 1e6, "b": 1e9}[unit.lower()]
        for times, number, unit in _SIZE.findall(name.replace("_", "-"))
    ]
    return max(sizes, default=None)


def _small_model(short: str, spec: ArmSpec) -> ArmName:
    shown = ", ".join([short, *_traits(spec)])
    return ArmName(shown, f"Train a small model ({shown})")


def _traits(spec: ArmSpec) -> list[str]:
    """What sets this arm apart from others with its model."""
    options = dict(spec.options)
    traits = []
    if (shots := options.pop("shots", None)) is not None:
        traits.append("zero-shot" if shots == "0" else f"{shots} shot{'' if shots == '1' else 's'}")
    elif spec.family == "prompt":
        traits.append("zero-shot")
    if (select := options.pop("select", None)) is not None:
        traits.append({"nearest": "nearest examples", "fixed": "fixed examples"}.get(select, select))
    if (layers := options.pop("layers", None)) is not None:
        traits.append(
            "all layers" if layers == "all" else f"top {layers} layers" if layers.isdecimal() else f"{layers} layers"
        )
    if (only := options.pop(ONLY, None)) is not None:
        traits.append(f"{only} alone")
    silent = {"side", "key_env", "insecure", "local"}
    return traits + [f"{key} {value}" for key, value in options.items() if key not in silent]
