"""Two texts a row and one label: entailment, paraphrase, the stance of a text towards a target."""

from __future__ import annotations

from tuningfork.task.task_type import FURTHER_LABELS, USUAL_LABELS, FieldType, TaskType, accuracy_or_macro_f1

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
)
