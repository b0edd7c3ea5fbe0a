"""Single-label classification: each row has exactly one of a fixed set of labels."""

from __future__ import annotations

from tuningfork.task.task_type import PromptWords, TaskType, accuracy_or_macro_f1

_PROMPTS = (
    PromptWords(
        style="classify",
        instruction=("Classify each text. The possible labels are:\n{labels}\nReply with one label and nothing else."),
        row="Text: {text}\nLabel:",
        as_system=False,
    ),
    PromptWords(
        style="sort",
        instruction=(
            "You sort texts. Read the text and answer with the one label that fits it best.\n\nLabels:\n{labels}\n\n"
            "Answer with the label only, written exactly as above."
        ),
        row="Text: {text}\nLabel:",
        as_system=True,
    ),
    PromptWords(
        style="annotator",
        instruction=(
            "You are a careful annotator. For every text, choose one of these categories:\n{labels}\n"
            "Reply with the name of the category and nothing else."
        ),
        row='"{text}"\n\nWhich category describes this text?',
        as_system=True,
    ),
)
"""Decision record 0051 says how the first was found."""

TYPE = TaskType(name="classification", kind="category", default_metric=accuracy_or_macro_f1, prompts=_PROMPTS)
