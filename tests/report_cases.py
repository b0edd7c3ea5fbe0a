"""Verdicts for the report's tests: what people meet, and what a hostile file could hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from builders import PlantedArm, make_records
from tuningfork.arms.results import TrialPlan
from tuningfork.study.records import StudyRecords
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Evaluation
from tuningfork.task.schema import Note, TaskData

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
        ("wording_answers", '{"plain": [0, 1, 0, 1, 0, 0, 1, 1], "short": [0, 0, 0, 0, 0, 0, 0, 0]}'),
        ("changed_on_repeat", "0.0500"),
        ("injections", '{"tried": 20, "flipped": 13}'),
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
    "open ends": {
        "arms": [PlantedArm("linear", accuracy={32: 0.73, 128: 0.83, 512: 0.85}, seeds=6), REMOTE],
        "rows": 150,
    },
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


SHOWN = (
    *("task", "file", "label_name", "row_id", "row_text", "task_note", "study_note", "trial_note", "detail_value"),
    *("prompt", "model", "failure", "llm_spec", "tuned_spec", "file_spec", "option", "machine", "version"),
    "fingerprint",
)
"""Where text of users, models and servers stands in the report."""

PLACES = (
    *SHOWN,
    *("sentence", "group_name", "label_value", "label_description", "detail_name"),
    *("task_code", "study_code", "trial_code"),
)
"""Wherever such text is in the records of a study."""


def payload(place: str) -> str:
    """Markup, addresses, formulas and escapes that tell on themselves by the place they were planted in."""
    return (
        f"{place}=1</title></style></script><script>window.hacked='{place}';alert('{place}')</script>"
        f"<img src=http:&#47;&#47;127.0.0.1:9/{place} onerror=\"window.hacked='{place}'\">"
        f"<svg onload='window.hacked=1'><a href='javascript:window.hacked=1'>x</a></svg>'\"><iframe srcdoc=x>"
        f"=cmd|' /C calc'!A0 {{{{ 7*7 }}}} [red]{place}[/red] [link=http:&#47;&#47;x]y[/link] "
        f"\x1b[31m\x1b]8;;http:&#47;&#47;x\x07\x1b]52;c;eA==\x07\x9b2J\x00\x08\x7f\u202e\u2066\ud800\ufffe"
    )


def hostile_everywhere() -> StudyRecords:
    """A study with a payload in every place of `PLACES`."""
    said = {place: payload(place) for place in PLACES}
    in_spec = {
        place: said[place].replace("?", "").replace("&", "+") for place in ("llm_spec", "tuned_spec", "file_spec")
    }
    notes = (Note(said["trial_code"], said["trial_note"]),)
    details = ((said["detail_name"], said["detail_value"]), ("prompt", said["prompt"]))
    arms = [
        replace(SMALL_LLM, arm=f"prompt:{in_spec['llm_spec']}", model=said["model"], details=details, notes=notes),
        replace(REMOTE, arm=f"prompt:m?{said['option'].replace('&', '+')}"),
        replace(MINILM, arm=f"finetune:hf:{in_spec['tuned_spec']}", model=said["model"], notes=notes),
        replace(ELSEWHERE, arm=f"predictions:{in_spec['file_spec']}?side=combined"),
        replace(FAILED, failure=said["failure"]),
    ]
    records = make_records(
        arms=arms,
        labels=3,
        rows=120,
        groups=7,
        task_notes=(Note("unnamed_labels", said["task_note"]), Note(said["task_code"], said["task_note"])),
        study_notes=(Note(said["study_code"], said["study_note"]),),
    )
    return replace(
        records,
        task=_planted(records.task, said),
        environment=((said["machine"], said["version"]),),
    )


def _planted(task: TaskData, said: dict[str, str]) -> TaskData:
    rows = task.evaluation
    count = range(len(rows))
    spec = task.spec.model_copy(
        update={"name": said["task"], "description": said["sentence"], "data": Path(said["file"].replace("/", "-"))}
    )
    labels = [(said[f"label_{part}"] for part in ("value", "name", "description")) for _ in task.labels.labels]
    return replace(
        task,
        spec=spec,
        labels=LabelSpace(
            tuple(Label(f"{value}{i}", f"{name}{i}", about) for i, (value, name, about) in enumerate(labels))
        ),
        evaluation=Evaluation(
            tuple(f"{said['row_id']}:{i}" for i in count),
            tuple(f"{said['row_text']} {i}" for i in count),
            rows.gold,
            tuple(f"{said['group_name']}{i % 7}" for i in count),
        ),
        fingerprint=said["fingerprint"],
    )
