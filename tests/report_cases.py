"""Verdicts for the report's tests: what people meet, and what a hostile file could hold."""

from __future__ import annotations

from dataclasses import replace

from builders import PlantedArm, make_records
from tuningfork.arms.records import TrialPlan
from tuningfork.study.records import StudyRecords
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Evaluation
from tuningfork.task.schema import Note

HOSTILE_TEXTS = (
    "<script>window.hacked = 1</script>",
    '<img src="x" onerror="window.hacked = 2">',
    '<svg onload="window.hacked = 3"><circle r="9"/></svg>',
    '<a href="javascript:window.hacked = 4">click</a>',
    "</style></pre></details><iframe src='http://127.0.0.1:9/'></iframe>",
    "{{ 7 * 7 }} {% raw %} \x1b[31mred\x1b[0m \x9b2J \x07 \u202egnp.exe \x00",
    "long " * 400,
)
_PROMPT_TEXT = "Classify the message.\n" + HOSTILE_TEXTS[0]

MINILM = PlantedArm(
    "finetune:minilm",
    accuracy={32: 0.6, 64: 0.7, 128: 0.8, 256: 0.86, 512: 0.91},
    spread=0.02,
    ms_per_row=12.0,
    validation_accuracy=0.9,
    probabilities=True,
)
LINEAR = PlantedArm(
    "linear",
    accuracy={8: 0.3, 16: 0.4, 32: 0.55, 64: 0.66, 128: 0.75, 256: 0.8, 512: 0.84, 1000: 0.86},
    seeds=10,
    spread=0.02,
    ms_per_row=0.05,
    validation_accuracy=0.85,
    probabilities=True,
)
HEAD = PlantedArm(
    "head:minilm",
    accuracy={8: 0.45, 16: 0.5, 32: 0.62, 64: 0.7, 128: 0.79, 256: 0.84, 512: 0.86, 1000: 0.87},
    seeds=10,
    spread=0.02,
    ms_per_row=3.0,
    validation_accuracy=0.87,
)
SMALL_LLM = PlantedArm(
    "prompt:smollm2-135m?shots=5",
    accuracy={5: 0.73},
    seeds=3,
    ms_per_row=400.0,
    invalid=0.3,
    validation_accuracy=0.7,
    details=(
        ("wording", "plain: fewer than 50 labels"),
        ("wording_scores", '{"plain": 0.71, "strict": null, "short": 0.654}'),
        ("changed_on_repeat", "0.0500"),
        ("prompt", _PROMPT_TEXT),
    ),
)
REMOTE = PlantedArm(
    "prompt:openai/gpt-5-mini",
    accuracy={0: 0.84},
    deterministic=True,
    usd=0.0005,
    ms_per_row=800.0,
    validation_accuracy=0.83,
    probabilities=True,
)
FAILED = PlantedArm("finetune:xlm", accuracy={32: 0.5}, failure=f"no memory for {HOSTILE_TEXTS[0]}")
MANY_SEEDS = PlantedArm("linear", accuracy={32: 0.6, 64: 0.7, 128: 0.8, 256: 0.85, 512: 0.9}, seeds=12, spread=0.04)
NEAREST = PlantedArm("prompt:openai/m?shots=8&select=nearest", accuracy={32: 0.7, 64: 0.74, 128: 0.78}, seeds=3)
ELSEWHERE = PlantedArm(
    "predictions:answers.csv?side=combined", accuracy={0: 0.8}, side="combined", deterministic=True, n_labels={0: None}
)
_CHEAP_LLM = PlantedArm("prompt:openai/gpt-5-mini", accuracy={0: 0.7}, deterministic=True, usd=0.001)

_CASES: dict[str, dict[str, object]] = {
    "full": {
        "arms": [SMALL_LLM, REMOTE, MINILM, LINEAR, HEAD, FAILED],
        "labels": 4,
        "task_notes": (Note("dropped", f"2 rows were dropped, first: {HOSTILE_TEXTS[0]}"),),
    },
    "reliable": {"arms": [MANY_SEEDS, _CHEAP_LLM], "usd_per_hour": 0.5},
    "stays ahead": {"arms": [PlantedArm("linear", accuracy={32: 0.5, 128: 0.6}), REMOTE]},
    "undecided": {"arms": [PlantedArm("linear", accuracy={128: 0.82}), REMOTE], "rows": 200},
    "one seed": {"arms": [PlantedArm("linear", accuracy={128: 0.9}, seeds=1), REMOTE]},
    "llm curve": {"arms": [PlantedArm("linear", accuracy={32: 0.5, 64: 0.52, 128: 0.55}, seeds=3), NEAREST, ELSEWHERE]},
    "one side": {"arms": [MINILM]},
    "nobody": {"arms": [FAILED]},
    "provisional": {
        "arms": [PlantedArm("linear", accuracy={32: 0.6, 128: 0.8}), REMOTE],
        "remaining": [TrialPlan(arm="finetune:minilm", level=32, n_labels=32, seed=0)],
    },
    "crowded": {
        "arms": [
            *(
                PlantedArm(
                    f"finetune:hf:organisation/a-rather-long-model-name-{i}-base?layers={i + 2}",
                    accuracy={8: 0.5, 64: 0.7 + 0.002 * i, 512: 0.8 + 0.003 * i},
                    seeds=3,
                    ms_per_row=10.0 + i,
                )
                for i in range(6)
            ),
            *(
                PlantedArm(
                    f"prompt:openai/m{i}?shots={i}", accuracy={i: 0.79 + 0.004 * i}, seeds=3, ms_per_row=300.0 + i
                )
                for i in range(5)
            ),
        ],
        "labels": 77,
    },
    "macro": {"arms": [MINILM, REMOTE], "metric": "macro_f1", "labels": 5, "label_weights": [8, 1, 1, 1, 1]},
}
CASES = tuple(_CASES)


def records_for(case: str) -> StudyRecords:
    """Records of one case."""
    return make_records(**_CASES[case])  # type: ignore[arg-type]


def hostile(records: StudyRecords, row_texts: tuple[str, ...] = HOSTILE_TEXTS) -> StudyRecords:
    """The same study on rows and labels that try to break out of the page."""
    task = records.task
    rows = task.evaluation
    texts = tuple(row_texts[place % len(row_texts)] for place in range(len(rows)))
    labels = LabelSpace(tuple(Label(f"l{i}", HOSTILE_TEXTS[i % 4], HOSTILE_TEXTS[0]) for i in range(len(task.labels))))
    evaluation = Evaluation(rows.ids, texts, rows.gold, rows.groups)
    return replace(records, task=replace(task, evaluation=evaluation, labels=labels))
