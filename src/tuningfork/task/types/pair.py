"""Two texts a row and one label: entailment, paraphrase, the stance of a text towards a target."""

from __future__ import annotations

from tuningfork.task.task_type import (
    FURTHER_LABELS,
    USUAL_LABELS,
    FieldType,
    PromptWords,
    TaskType,
    accuracy_or_macro_f1,
)

_PROMPTS = (
    PromptWords(
        style="classify",
        instruction=(
            "Each time you are shown two texts, {captions[text_a]} and {captions[text_b]}. Choose the label that fits "
            "the two together. The possible labels are:\n{labels}\nReply with one label and nothing else."
        ),
        row="{captions[text_a]}: {text_a}\n{captions[text_b]}: {text_b}\nLabel:",
        as_system=False,
    ),
    PromptWords(
        style="relate",
        instruction=(
            "You judge how two texts relate to each other. Read {captions[text_a]} and {captions[text_b]} and answer "
            "with the one label that fits the pair best.\n\nLabels:\n{labels}\n\n"
            "Answer with the label only, written exactly as above."
        ),
        row="{captions[text_a]}: {text_a}\n{captions[text_b]}: {text_b}\nLabel:",
        as_system=True,
    ),
    PromptWords(
        style="annotator",
        instruction=(
            "You are a careful annotator of pairs of texts. For every pair, choose one of these categories:\n{labels}\n"
            "Reply with the name of the category and nothing else."
        ),
        row=(
            '{captions[text_a]}: "{text_a}"\n{captions[text_b]}: "{text_b}"\n\n'
            "Which category describes {captions[text_b]} beside {captions[text_a]}?"
        ),
        as_system=True,
    ),
)

TYPE = TaskType(
    name="pair",
    kind="category",
    default_metric=accuracy_or_macro_f1,
    fields=(FieldType("text_a", "the first text"), FieldType("text_b", "the second text")),
    known_columns=(
        ("text_a", "text_b"),
        ("premise", "hypothesis"),
        ("sentence1", "sentence2"),
        ("sentence_1", "sentence_2"),
        ("sentence_a", "sentence_b"),
        ("question1", "question2"),
        ("text1", "text2"),
        ("text_1", "text_2"),
        ("texta", "textb"),
        ("sentencea", "sentenceb"),
        ("question_1", "question_2"),
        ("query", "passage"),
        ("query", "document"),
        ("question", "sentence"),
        ("question", "passage"),
        ("claim", "evidence"),
        ("target", "text"),
        ("target", "tweet"),
    ),
    known_answers=(
        (*USUAL_LABELS, "gold_label", "is_duplicate", "stance"),
        (*FURTHER_LABELS, "gold", "answer", "entailment_judgment", "relation"),
    ),
    prompts=_PROMPTS,
)
