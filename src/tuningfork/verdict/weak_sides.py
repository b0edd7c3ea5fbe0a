"""Sides on which only small models were measured: what a larger one would have done is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from tuningfork.arms.spec import ArmSpec
from tuningfork.models.suggestions import BASE_SIZE, next_encoder, parameters_of, size_in_words
from tuningfork.study.records import StudyRecords
from tuningfork.task.command import abridged
from tuningfork.verdict.money import has_own_server
from tuningfork.verdict.names import model_in, parameters_in, readable_model
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import Caution

WEAK_BELOW = 7e9
"""Parameters below which an LLM says little about what LLMs can do."""

WEAK_ENCODER_BELOW = BASE_SIZE
"""Parameters below which an encoder says little about what encoders can do."""

_READS_NO_CONTEXT = frozenset({"wordllama"})
_CHARACTERS_A_TOKEN = 4.0


@dataclass(frozen=True, slots=True)
class WeakSides:
    """Which sides were measured with small models only."""

    llm: bool
    encoder: bool

    @property
    def sentence(self) -> str | None:
        """'Larger LLMs were not measured.'; one sentence, whichever sides it is of."""
        of = [name for name, weak in (("LLMs", self.llm), ("encoders", self.encoder)) if weak]
        return f"Larger {' and '.join(of)} were not measured." if of else None


def weak_sides(scored: Scored) -> WeakSides:
    """Look at the arms whose answers were read."""
    return WeakSides(is_weak_llm_side(scored.read), is_weak_encoder_side(scored.read, scored.records.model_sizes))


def is_weak_llm_side(arms: Sequence[ScoredArm]) -> bool:
    """Whether LLMs were measured, and only small ones (or unknown sizes of ones that this program runs itself)."""
    llms = [arm for arm in arms if arm.side == "llm"]
    return bool(llms) and all(_is_weak(arm) for arm in llms)


def is_weak_encoder_side(arms: Sequence[ScoredArm], sizes: Mapping[str, int]) -> bool:
    """Whether models were trained, and only small ones. Of one whose size is not known (answers made elsewhere, say)
    nobody can say that it is small."""
    trained = [arm for arm in arms if arm.side == "fine-tuned"]
    return bool(trained) and all(_encoder_size(arm, sizes) < WEAK_ENCODER_BELOW for arm in trained)


def weak_cautions(scored: Scored, weak: WeakSides) -> list[Caution]:
    """One caution a weak side: what was measured, and the arm to add."""
    found = []
    if weak.llm:
        found.append(_weak_llm(scored))
    if weak.encoder:
        found.append(_weak_encoder(scored))
    return found


def _weak_llm(scored: Scored) -> Caution:
    names = ", ".join(dict.fromkeys(readable_model(model_in(arm.arm)) for arm in scored.read if arm.side == "llm"))
    message = (
        f"Only small LLMs were measured ({names}); larger ones (7B parameters and more) were not. Add one: "
        f"{abridged(scored.task.spec, '--arm prompt:PROVIDER/MODEL')}"
    )
    return Caution(code="weak_llm", message=message)


def _weak_encoder(scored: Scored) -> Caution:
    trained, sizes = [arm for arm in scored.read if arm.side == "fine-tuned"], scored.records.model_sizes
    largest = max(trained, key=lambda arm: _encoder_size(arm, sizes))
    size, model = _encoder_size(largest, sizes), ArmSpec.parse(largest.arm).model
    if size:
        kind = ", which reads no context" if model in _READS_NO_CONTEXT else ""
        told = f"The largest encoder measured has {size_in_words(size)} parameters ({readable_model(model)}{kind})"
    else:
        told = "No encoder was measured"
    message = f"{told}; larger ones ({size_in_words(WEAK_ENCODER_BELOW)} parameters and more) were not"
    arm = encoder_to_add(scored)
    add = "" if arm is None else f" Add one: {abridged(scored.task.spec, f'--arm {quote(arm)}')}"
    return Caution(code="weak_encoder", message=f"{message}.{add}")


def encoder_to_add(scored: Scored) -> str | None:
    """The arm of the encoder to measure next, by the rows' language and length and by the labels that there are."""
    lengths = [len(text) for text in scored.task.evaluation.texts]
    found = next_encoder(
        [ArmSpec.parse(arm.arm).model for arm in scored.read],
        english=_mostly_english(scored.records),
        tokens=sum(lengths) / len(lengths) / _CHARACTERS_A_TOKEN if lengths else None,
        n_labels=len(scored.task.pool),
    )
    return None if found is None else found.spec


def _mostly_english(records: StudyRecords) -> bool:
    """Where nothing was told of the language, the rows count as English, which the models here know."""
    if records.profile is None:
        return True
    languages = records.profile.data.languages.as_record()
    return not languages.told or dict(languages.shares).get("en", 0.0) >= 0.5


def _encoder_size(arm: ScoredArm, sizes: Mapping[str, int]) -> float:
    """Parameters; none where no encoder is in it, and without bound where nobody knows."""
    spec = ArmSpec.parse(arm.arm)
    if spec.family == "linear":
        return 0.0
    if spec.family == "predictions":
        return float("inf")
    return parameters_of(spec.model) or sizes.get(spec.model) or parameters_in(spec.model) or float("inf")


def _is_weak(arm: ScoredArm) -> bool:
    parameters = parameters_in(model_in(arm.arm)) or parameters_in(arm.model)
    return parameters < WEAK_BELOW if parameters is not None else bool(model_in(arm.arm)) and has_own_server(arm.arm)
