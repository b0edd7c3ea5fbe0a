"""A question with options of its own, of which one is right; rows differ in their options and how many they have."""

from __future__ import annotations

from tuningfork.task.task_type import FieldType, LabelCounts, TaskType


def _accuracy(counts: LabelCounts) -> str:
    """Where an option stands is chance, so that no place of it is a class."""
    return "accuracy"


TYPE = TaskType(
    name="choice",
    kind="category",
    default_metric=_accuracy,
    fields=(
        FieldType("context", "what the question is about", is_optional=True),
        FieldType("question", "the question"),
        FieldType("choices", "the options", is_list=True),
    ),
    known_columns=(
        ("question", "choices"),
        ("question", "options"),
        ("question_stem", "choices"),
        ("question.stem", "question.choices"),
        ("stem", "choices"),
        ("query", "choices"),
        ("input", "choices"),
        ("ctx", "endings"),
        ("goal", "sol1,sol2"),
        ("sentence", "option1,option2"),
    ),
    metrics_beside=("accuracy",),
    answers_among="options",
)
