"""Put prompts to an OpenAI-compatible server with inspect_ai and print the answers and the seconds they took.

Runs in an environment of its own: `python inspect_rows.py JOB.json`, with {"url", "key", "max_tokens",
"prompts": [[{role, content}]]}; prints one line of JSON, {"seconds", "answers"}. Starting Python and importing is
not counted.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ["INSPECT_LOG_LEVEL"] = "error"

from inspect_ai import Task
from inspect_ai import eval as evaluate
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    get_model,
)
from inspect_ai.solver import generate

_KINDS = {"system": ChatMessageSystem, "user": ChatMessageUser, "assistant": ChatMessageAssistant}


def main(job_file: str) -> None:
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    samples = [
        Sample(input=[_KINDS[message["role"]](content=message["content"]) for message in prompt], id=place)
        for place, prompt in enumerate(job["prompts"])
    ]
    model = get_model(
        "openai-api/bench/local",
        base_url=job["url"],
        api_key=job["key"],
        config=GenerateConfig(max_tokens=job["max_tokens"], temperature=0.0),
    )
    with tempfile.TemporaryDirectory() as folder:
        task = Task(dataset=MemoryDataset(samples), solver=generate())
        started = time.perf_counter()
        (log,) = evaluate(task, model=model, log_dir=folder, display="none")
        seconds = time.perf_counter() - started
        if log.status != "success":
            raise SystemExit(f"inspect_ai: {log.status}: {log.error}")
        answers = {sample.id: sample.output.completion for sample in log.samples or []}
    print(json.dumps({"seconds": seconds, "answers": [answers[place] for place in range(len(samples))]}))


if __name__ == "__main__":
    main(sys.argv[1])
