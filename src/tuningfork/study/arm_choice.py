"""Which arms a study has when the user names none: what is there, and why each is in or out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from tuningfork.arms.family import FAMILIES
from tuningfork.arms.results import Side
from tuningfork.arms.spec import ONLY, ArmSpec
from tuningfork.errors import InputError
from tuningfork.models.hardware import hardware
from tuningfork.study.settings import StudySettings
from tuningfork.task.task_type import TASK_TYPES

_MEMORY_FOR_SMALL_LLM = 1_500_000_000

_PAID_DEFAULTS = (
    ("OPENAI_API_KEY", "prompt:openai/gpt-5-mini"),
    ("ANTHROPIC_API_KEY", "prompt:anthropic/claude-haiku-4-5"),
    ("GEMINI_API_KEY", "prompt:google/gemini-2.5-flash"),
    ("MISTRAL_API_KEY", "prompt:mistral/mistral-small-latest"),
)
"""A cheap current model for each key, tried only when a dollar budget was given: rows would leave the machine."""


@dataclass(frozen=True, slots=True)
class ArmChoice:
    """The arms of a study with the reason each is in, and what was left out and why."""

    arms: tuple[tuple[ArmSpec, str], ...]
    left_out: tuple[str, ...]

    @property
    def sides(self) -> dict[str, Side]:
        """Each arm, as given, with its side."""
        return {spec.text: FAMILIES.get(spec.family).side_of(spec) for spec, _ in self.arms}


def choose_arms(settings: StudySettings, type_name: str) -> ArmChoice:
    """The user's arms, or a sensible set of those that can do the task's type.

    Raises:
        InputError: a spec that cannot work, or not with rows of this type.
        UnknownName: there is no such task type.
    """
    type_ = TASK_TYPES.get(type_name)
    chosen = [(spec, "asked for") for spec in settings.arms]
    left_out: list[str] = []
    if not chosen:
        chosen, left_out = _sensible_set(settings)
        if type_.answers_among == "options":
            chosen.insert(0, ("cosine:minilm", "the option nearest to its question: what an encoder knows untaught"))
    checks = [] if type_.has_one_text else [(f"linear?{ONLY}={field.name}", field.says) for field in type_.required]
    named = {text for text, _ in chosen}
    chosen += [(arm, f"a check of shortcuts: what {says} alone tells") for arm, says in checks if arm not in named]
    specs: list[tuple[ArmSpec, str]] = []
    for spec, why in [(ArmSpec.parse(text), why) for text, why in chosen]:
        family = FAMILIES.get(spec.family)
        cannot = family.cannot_do(spec, type_)
        if cannot is not None and settings.arms:
            raise InputError(f"{spec.text!r} cannot do rows of type {type_.name}: {cannot}", remedy="Leave it out.")
        if cannot is not None:
            left_out.append(f"{spec.text}: {cannot}")
            continue
        family.check(spec)
        specs.append((spec, why))
    return ArmChoice(tuple(specs), tuple(left_out))


def demo_arms() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The arms of the demonstration: the sensible set without any paid model, and what is missing from it."""
    chosen, left_out = _local_arms()
    return tuple(text for text, _ in chosen), tuple(left_out)


def _sensible_set(settings: StudySettings) -> tuple[list[tuple[str, str]], list[str]]:
    chosen, left_out = _local_arms()
    paid, unused = _paid_arms(settings.budget_usd)
    return [*chosen, *paid], [*left_out, *unused]


def _local_arms() -> tuple[list[tuple[str, str]], list[str]]:
    """What runs on this machine, without a key or a bill."""
    chosen = [
        ("linear", "the baseline below which nothing is worth its price"),
        ("head:wordllama", "static embeddings: nearly as fast, and often better with few labels"),
        ("head:minilm", "a frozen small encoder: strong from few labels, no GPU needed"),
    ]
    left_out: list[str] = []
    if find_spec("torch") and find_spec("transformers"):
        chosen.append(("finetune:minilm", "a small encoder trained on your labels"))
    else:
        left_out.append("finetune:minilm needs PyTorch: pip install 'tuningfork-nlp[finetune]'")
    if hardware().memory_bytes >= _MEMORY_FOR_SMALL_LLM:
        chosen.append(("prompt:smollm2-135m?shots=5", "the small local LLM: no key, no bill, rows stay here"))
    else:
        left_out.append("prompt:smollm2-135m needs 1.5 GB of memory")
    return chosen, left_out


def _paid_arms(budget_usd: float | None) -> tuple[Sequence[tuple[str, str]], Sequence[str]]:
    """One arm for each key in the environment, if the user gave a dollar budget."""
    found = [(key, arm) for key, arm in _PAID_DEFAULTS if os.environ.get(key)]
    if budget_usd:
        return [(arm, f"{key} is set and a dollar budget was given") for key, arm in found], ()
    return (), [f"{arm}: {key} is set; give --budget-usd (or --arm) to measure it" for key, arm in found]
