"""A question with options of its own, of which one is right; rows differ in their options and how many they have."""

from __future__ import annotations

from itertools import product

from tuningfork.task.task_type import FieldType, LabelCounts, PromptWords, TaskType

_QUESTIONS = (
    *("question", "question_stem", "stem", "query", "prompt", "input", "ctx", "goal", "startphrase", "sentence"),
    "premise",
)
_OPTIONS = (
    *("choices", "options", "endings", "candidates"),
    *("option*", "choice*", "ending*", "answer*", "sol*", "op*", "*"),
)

_ROW = "{captions[context]}: {context}\nQuestion: {question}\n{choices}\nAnswer:"

_PROMPTS = (
    PromptWords(
        style="answer",
        instruction=(
            "Choose the right option for each question. Reply with the letter of that option and nothing else."
        ),
        row=_ROW,
        as_system=False,
    ),
    PromptWords(
        style="exam",
        instruction=(
            "You take a multiple-choice test. Read the question and every option, and answer with the letter of the "
            "one option that fits best.\n\nAnswer with the letter only."
        ),
        row=_ROW,
        as_system=True,
    ),
    PromptWords(
        style="expert",
        instruction=(
            "You are a careful expert. Of the options to every question exactly one is right. Reply with its letter "
            "and nothing else."
        ),
        row="{captions[context]}: {context}\nQuestion: {question}\n\nOptions:\n{choices}\n\nWhich option is right?",
        as_system=True,
    ),
)


def _accuracy(counts: LabelCounts) -> str:
    """Where an option stands is chance, so that no place of it is a class."""
    return "accuracy"


TYPE = TaskType(
    name="choice",
    kind="category",
    default_metric=_accuracy,
    fields=(
        FieldType(
            "context",
            "what the question is about",
            is_optional=True,
            known_columns=("passage", "article", "paragraph", "premise"),
        ),
        FieldType("question", "the question"),
        FieldType("choices", "the options", is_list=True),
    ),
    known_columns=(*product(_QUESTIONS, _OPTIONS), ("question.stem", "question.choices")),
    known_answers=(
        ("answer", "answerkey", "answer_key", "label", "gold", "gold_label", "correct_answer", "correct_option"),
        ("answer_idx", "answer_index", "answer_id", "correct", "correct_index", "correct_idx", "target", "cop", "key"),
    ),
    metrics_beside=("accuracy",),
    answers_among="options",
    prompts=_PROMPTS,
)
