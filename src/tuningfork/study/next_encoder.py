"""The encoder to measure next, told before a run."""

from __future__ import annotations

from collections.abc import Sequence

from tuningfork.models.suggestions import BASE_SIZE, Suggestion, next_encoder, parameters_of, size_in_words
from tuningfork.profile.languages import languages_of
from tuningfork.study.plan import StudyPlan
from tuningfork.task.command import command_with_arms
from tuningfork.task.schema import Note, TaskData

_CODE = "next_encoder"
_TEXTS_LOOKED_AT = 200
_CHARACTERS_A_TOKEN = 4.0
_ENGLISH_FROM = 0.5


def next_encoder_notes(plan: StudyPlan, task: TaskData) -> tuple[Note, ...]:
    """What a larger encoder would be, with the whole command, where the plan has none of base size."""
    trained = [arm.spec for arm in plan.arms if arm.family.models(arm.spec)]
    if not trained or any((parameters_of(spec.model) or BASE_SIZE) >= BASE_SIZE for spec in trained):
        return ()
    found = next_encoder(
        [spec.model for spec in trained],
        english=_mostly_english(task.pool.texts),
        tokens=plan.setting.mean_characters / _CHARACTERS_A_TOKEN,
        n_labels=len(task.pool),
    )
    if found is None:
        return ()
    largest = size_in_words(max(parameters_of(spec.model) or 0 for spec in trained))
    arms = [*(arm.spec.text for arm in plan.arms), found.spec]
    message = (
        f"The largest encoder here has {largest} parameters. Next would be {described(found)}: "
        f"{command_with_arms(task.spec, arms)}"
    )
    return (Note(_CODE, message),)


def described(encoder: Suggestion) -> str:
    """'all-mpnet-base-v2 (109 M, Apache-2.0, English, 384 tokens)'."""
    languages = "English" if encoder.languages == "en" else "many languages"
    return f"{encoder.name} ({encoder.size}, {encoder.licence}, {languages}, {encoder.context:,} tokens)"


def _mostly_english(texts: Sequence[str]) -> bool:
    """Where too little can be told, the rows count as English, which the models here know."""
    languages = languages_of(texts[:_TEXTS_LOOKED_AT])
    shares = dict(languages.shares)
    return languages.told < _TEXTS_LOOKED_AT / 20 or shares.get("en", 0.0) >= _ENGLISH_FROM
