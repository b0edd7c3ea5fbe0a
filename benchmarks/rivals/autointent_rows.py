"""Let AutoIntent choose and fit on labelled rows, label others, and print the labels and the seconds it took.

Runs in an environment of its own: `python autointent_rows.py JOB.json`, with {"encoder", "preset", "train": [{text,
label}], "test": [text]}; prints one line of JSON, {"seconds", "labels"}. Starting Python and importing is not counted.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ |= {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "true"}

from autointent import Dataset, Pipeline
from autointent.configs import LoggingConfig, SentenceTransformerEmbeddingConfig


def main() -> None:
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    logging.disable(logging.WARNING)
    names = sorted({row["label"] for row in job["train"]})
    rows = [{"utterance": row["text"], "label": names.index(row["label"])} for row in job["train"]]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOINTENT_CACHE"] = folder
        began = time.perf_counter()
        pipeline = Pipeline.from_preset(job["preset"])
        pipeline.set_config(
            SentenceTransformerEmbeddingConfig(model_name=job["encoder"], device="cpu", use_cache=False)
        )
        pipeline.set_config(LoggingConfig(project_dir=Path(folder), dump_modules=False, clear_ram=False))
        pipeline.fit(Dataset.from_dict({"train": rows}), refit_after=True)
        found = pipeline.predict(job["test"])
        seconds = time.perf_counter() - began
    labels = [None if place is None else names[int(place)] for place in found]
    print(json.dumps({"seconds": seconds, "labels": labels}))


if __name__ == "__main__":
    main()
