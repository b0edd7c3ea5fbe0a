"""`finetune:minilm` against the transformers `Trainer` with its defaults: same rows, epochs and batch size.

python benchmarks/finetune_trainer.py         (needs the extra `bench`)
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import common
import numpy as np
from trials import Rows, fit

from tuningfork.arms.family import FAMILIES
from tuningfork.models.hardware import let_threads_spin_briefly
from tuningfork.models.store import ModelStore
from tuningfork.task.rows import Gold

LABELS, TEST = 400, 600
EPOCHS, BATCH, RATE, TOKENS = 8, 16, 1e-4, 128
SEEDS = (0, 1, 2)
THEIRS, SAME, WHOLE, CHOSEN = (
    "Trainer, defaults",
    "ours, top two layers",
    "ours, all layers",
    "ours, as it comes",
)


def main() -> None:
    let_threads_spin_briefly()  # as the product does; before either loads PyTorch
    rows = Rows.of("tweet_emotion", pool=2000, test=TEST)
    scores: dict[str, list[float]] = {}
    seconds: dict[str, list[float]] = {}
    rivals: dict[str, Callable[[int], float]] = {
        THEIRS: lambda seed: trainer(rows, seed),
        SAME: lambda seed: ours(rows, f"finetune:minilm?layers=2&epochs={EPOCHS}", seed),
        WHOLE: lambda seed: ours(rows, f"finetune:minilm?layers=all&epochs={EPOCHS}", seed),
        CHOSEN: lambda seed: ours(rows, "finetune:minilm", seed),
    }
    for seed in SEEDS:
        for name, train in rivals.items():
            of_it = scores.setdefault(name, [])
            seconds.setdefault(name, []).append(common.timed(partial(of_it.extend, map(train, [seed]))))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    mean = {name: float(np.mean(values)) for name, values in scores.items()}
    same, whole, chosen = (medians[name] / medians[THEIRS] for name in (SAME, WHOLE, CHOSEN))
    width = 1.96 * float(np.sqrt(2 * 0.25 / TEST))
    common.write(
        "finetune_trainer",
        f"What does fine-tuning MiniLM on {LABELS} labels cost beside the transformers Trainer, prediction included?",
        seconds,
        unit="seconds",
        goals=[
            common.Goal("same epochs: at most 0.25 x the Trainer", round(same, 3), same <= 0.25),
            common.Goal("same epochs, all layers: at most 0.6 x the Trainer", round(whole, 3), whole <= 0.6),
            *(
                common.Goal(
                    f"{name}: score not lower by its interval (points)",
                    round(100 * (mean[name] - mean[THEIRS]), 2),
                    mean[name] >= mean[THEIRS] - width,
                )
                for name in (SAME, WHOLE, CHOSEN)
            ),
        ],
        limit="Forward and backward through the trained layers; frozen ones run once a study. As it comes all "
        f"layers are trained, for a number of epochs that follows from the label count: {chosen:.2f} x the Trainer.",
        packages=("tuningfork-nlp", "torch", "transformers", "accelerate"),
        more={"accuracy": mean, "labels": LABELS, "test rows": TEST, "seeds": len(SEEDS)},
    )


def ours(rows: Rows, spec: str, seed: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(FAMILIES.get("finetune"), spec, rows, LABELS, seed, Path(folder))
        return float((fitted.predict(rows.test)[0].labels == rows.gold).mean())


def trainer(rows: Rows, seed: int) -> float:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, Trainer, TrainingArguments

    folder = ModelStore().locate("minilm", "encoder")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=len(rows.labels))
    sample = rows.sample(LABELS, seed)

    class Data(torch.utils.data.Dataset):  # type: ignore[misc]
        def __init__(self, texts: Sequence[str], gold: Gold) -> None:
            self.encoded = tokenizer(list(texts), truncation=True, max_length=TOKENS)
            self.gold = gold

        def __len__(self) -> int:
            return len(self.gold)

        def __getitem__(self, place: int) -> dict[str, Any]:
            row = {name: values[place] for name, values in self.encoded.items()}
            return row | {"labels": int(self.gold[place])}

    with tempfile.TemporaryDirectory() as out:
        arguments = TrainingArguments(
            output_dir=out,
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            save_strategy="no",
            report_to=[],
            seed=seed,
            disable_tqdm=True,
            use_cpu=True,
        )
        run = Trainer(
            model=model, args=arguments, train_dataset=Data(sample.texts, sample.gold), processing_class=tokenizer
        )
        run.train()
        found = run.predict(Data(rows.test.texts, rows.gold)).predictions.argmax(axis=1)
    return float((found == rows.gold).mean())


if __name__ == "__main__":
    main()
