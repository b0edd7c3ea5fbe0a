"""Prompting a local model: our client and inspect_ai, on the same server and as each comes.

    BENCH_PYTHON=.venv-rivals/bin/python python benchmarks/prompt_local.py

`BENCH_PYTHON` is an interpreter with inspect_ai (`make bench` makes one).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import common
from trials import Rows

from tuningfork.arms.prompt.asking import Asker
from tuningfork.arms.prompt.forms.category import FORM
from tuningfork.arms.prompt.forms.parsing import LabelParser
from tuningfork.arms.prompt.rows import PromptTask
from tuningfork.arms.prompt.shots import FixedShots, shots_of, walk
from tuningfork.arms.prompt.wordings import wordings_of
from tuningfork.models.llm.client import LlmClient
from tuningfork.models.llm.gguf_format import fastest_format
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.ports import JournalEntry, JournalKey
from tuningfork.models.store import ModelStore
from tuningfork.study.budget import LedgerJournal, LedgerMeter
from tuningfork.study.ledger import Ledger

ROWS, SHOTS, REPEATS = 300, 5, 3
MODEL, DATA = "smollm2-135m", "tweet_emotion"


@dataclass
class Run:
    """Rows a second of one run, the answers, and where known how much of the time the server computed and how many
    tokens it read for a row."""

    rate: float
    answers: list[str]
    busy: float | None = None
    tokens: float | None = None


def main() -> None:
    store, rows = ModelStore(), Rows.of(DATA, pool=400, test=ROWS)
    found: dict[str, list[Run]] = {"ours": [], "inspect_ai": [], "inspect_ai, file as shipped": []}
    for _ in range(REPEATS):
        with opened(store) as (chat, journal):
            found["ours"].append(ours(chat, journal, rows))
            prompts = prompts_for(chat, rows)
            connection = chat._connection
            key = connection.address.key or ""
            found["inspect_ai"].append(inspect(connection.url, key, prompts))
    with as_shipped(store.locate(MODEL, "llm")) as (url, key):
        for _ in range(REPEATS):
            found["inspect_ai, file as shipped"].append(inspect(url, key, prompts))
    report(found, rows, store)


def report(found: dict[str, list[Run]], rows: Rows, store: ModelStore) -> None:
    rates = {name: [run.rate for run in runs] for name, runs in found.items()}
    mine, same, shipped = (statistics.median(values) for values in rates.values())
    busy = statistics.median(run.busy or 0.0 for run in found["ours"])
    tokens = statistics.median(run.tokens or 0.0 for run in found["ours"])
    choice = fastest_format(store.locate(MODEL, "llm"), store.cache)
    at_best = choice.measured.get(choice.format)
    in_long_prompts = (
        f"; long prompts in the same format ({choice.format}) were read at {at_best:.0f}" if at_best else ""
    )
    parser = LabelParser(rows.labels.names)
    accuracy = {
        name: sum(parser.parse(answer) == gold for answer, gold in zip(runs[0].answers, rows.gold, strict=True)) / ROWS
        for name, runs in found.items()
    }
    common.write(
        "prompt_local",
        f"How many rows a second does a local {MODEL} answer with {SHOTS} shared shots, on the processor?",
        rates,
        unit="rows a second",
        goals=[
            common.Goal("at least 1.15 x inspect_ai on the same server", round(mine / same, 2), mine >= 1.15 * same),
            common.Goal("the server computes for at least 90 % of the time", round(busy, 3), busy >= 0.9),
        ],
        limit=f"The server computes for {100 * busy:.1f} % of the wall time; the rest is between two requests. A row "
        f"adds {tokens:.0f} tokens, which it reads at {tokens * mine / busy:.0f} tokens a second{in_long_prompts}. "
        f"Beside inspect_ai on the file as shipped it is {mine / shipped:.2f} x; with no time between "
        f"requests it would be {mine / busy / shipped:.2f} x.",
        packages=("tuningfork-nlp", "xllamacpp", "httpx"),
        more={"rows": ROWS, "accuracy": {name: round(value, 3) for name, value in accuracy.items()}},
    )


def asker_of(chat: LlmClient, rows: Rows) -> tuple[Asker, FixedShots]:
    sample = rows.sample(60, seed=0)
    shown, _ = walk(sample.texts, sample.gold, SHOTS, len(rows.labels))
    form = FORM(PromptTask(rows.labels))
    asker = Asker(chat, form, longest=form.rows(rows.pool.inputs))
    return asker, FixedShots(shots_of(form, sample, shown))


class WatchedJournal(LedgerJournal):
    """A study's own journal that adds up how long the server says it computed."""

    computed = 0.0
    tokens = 0

    def put(self, key: JournalKey, entry: JournalEntry) -> None:
        super().put(key, entry)
        timings = entry.response["timings"]
        self.computed += (timings["prompt_ms"] + timings["predicted_ms"]) / 1000
        self.tokens += timings["prompt_n"]


@contextmanager
def opened(store: ModelStore) -> Iterator[tuple[LlmClient, WatchedJournal]]:
    """The built-in server and its client, as a study opens them."""
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
        journal = WatchedJournal(ledger)
        meter = LedgerMeter(ledger, None)
        with open_chat_model(MODEL, None, {}, store=store, journal=journal, meter=meter, prices={}) as chat:
            assert isinstance(chat, LlmClient)
            yield chat, journal


def prompts_for(chat: LlmClient, rows: Rows) -> list[list[dict[str, str]]]:
    """The very messages that our arm sends."""
    asker, source = asker_of(chat, rows)
    wording = wordings_of(asker.form.task.type)[0]
    questions = [asker.question(wording, source, row) for row in asker.form.rows(rows.test)]
    return [
        [{"role": message.role, "content": message.content} for message in question.messages] for question in questions
    ]


def ours(chat: LlmClient, journal: WatchedJournal, rows: Rows) -> Run:
    asker, source = asker_of(chat, rows)
    wording, asked = wordings_of(asker.form.task.type)[0], asker.form.rows(rows.test)
    # The shared prefix is there, as it is for the rival.
    asker.ask(wording, source, asker.form.rows(rows.pool.inputs)[-3:])
    computed, tokens, started = journal.computed, journal.tokens, time.perf_counter()
    answers = asker.ask(wording, source, asked)
    seconds = time.perf_counter() - started
    busy, read = (journal.computed - computed) / seconds, (journal.tokens - tokens) / ROWS
    return Run(ROWS / seconds, [reply.text for reply in answers.replies], busy, read)


def inspect(url: str, key: str, prompts: Sequence[list[dict[str, str]]]) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.json"
        job.write_text(json.dumps({"url": url, "key": key, "prompts": prompts, "max_tokens": 16}), encoding="utf-8")
        python = os.environ.get("BENCH_PYTHON", "python")
        script = Path(__file__).parent / "rivals" / "inspect_rows.py"
        made = subprocess.run([python, str(script), str(job)], check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(made.stdout.splitlines()[-1])
    return Run(len(prompts) / result["seconds"], result["answers"])


@contextmanager
def as_shipped(gguf: Path) -> Iterator[tuple[str, str]]:
    """A llama.cpp server with its own defaults on the file as it was published."""
    code = (
        "import sys, time, xllamacpp as x\n"
        "p = x.CommonParams(); p.model.path = sys.argv[1]; p.api_keys = ['bench']; p.port = 0\n"
        "s = x.Server(p); print(s.listening_address, flush=True)\n"
        "while True: time.sleep(1)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(gguf)], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("http"):
                break
        try:
            yield f"{line.strip()}/v1", "bench"
        finally:
            running.kill()


if __name__ == "__main__":
    main()
