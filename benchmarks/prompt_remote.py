"""A remote LLM behind a rate limit: our client against the openai package's, and its memory over many requests.

python benchmarks/prompt_remote.py [--requests 100000]            (BENCH_PYTHON: a Python that has the package `openai`)
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import common
import psutil
from limited_server import HINTS, counts, limited_server

from tuningfork.models.llm.chat import Choices, Message, Question
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.store import ModelStore
from tuningfork.study.budget import LedgerJournal, LedgerMeter
from tuningfork.study.ledger import Ledger

RATE, BURST = 200.0, 200.0
SECONDS = 30
REPEATS = 3
UNDER_WAY = 16
RETRIES = 5
BLOCK = 1000
FLAT_MB = 8.0
LABELS = ("spam", "ham")
INSTRUCTION = "Is the message spam or ham? Reply with one label and nothing else."


def main(requests: int) -> None:
    shares: dict[str, list[float]] = {}
    failed: dict[str, int] = {}
    refused: dict[str, int] = {}
    for _ in range(REPEATS):
        for hint in HINTS:
            for name, work in (("ours", ours), ("openai", openai_with_a_semaphore)):
                run = f"{name}, 429 tells {hint}"
                with limited_server(rate=RATE, burst=BURST, hint=hint) as address:
                    share, lost = share_of_the_limit(work, address)
                    refused[run] = refused.get(run, 0) + counts(address)["refused"]
                shares.setdefault(run, []).append(share)
                failed[run] = failed.get(run, 0) + lost
    rate, memory = memory_over(requests)
    lowest = min(statistics.median(values) for name, values in shares.items() if name.startswith("ours"))
    growth = memory[-1] - memory[len(memory) // 5]
    common.write(
        "prompt_remote",
        f"How much of a limit of {RATE:.0f} requests a second is used, answers taking 50 ± 20 ms?",
        shares,
        unit="share of what the limit lets through",
        goals=[
            common.Goal(
                "at least 0.95 x the rate limit, however the server tells of it", round(lowest, 3), lowest >= 0.95
            ),
            common.Goal(f"memory flat over {requests:,} requests (MB grown)", round(growth, 1), growth <= FLAT_MB),
        ],
        limit=f"the rate limit itself: {lowest:.3f} of it is used; without one, {rate:.0f} requests a second",
        packages=("tuningfork-nlp", "httpx"),
        more={
            "requests that failed for good": failed,
            "requests refused and sent again": refused,
            "memory in MB, after every tenth of the requests": [round(value, 1) for value in memory],
            "requests a second without a limit, everything kept in the ledger": round(rate, 1),
        },
    )


def share_of_the_limit(work: Callable[[str, int], tuple[float, int]], address: str) -> tuple[float, int]:
    """Requests answered as a share of those the limit lets through in that time, and how many failed."""
    number = int(RATE * SECONDS + BURST)
    seconds, answered = work(address, number)
    return answered / (RATE * seconds + BURST), number - answered


def ours(address: str, number: int) -> tuple[float, int]:
    """Seconds and answers, as in a study: every request reserved and kept in a ledger on disk."""
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
        journal, meter = LedgerJournal(ledger), LedgerMeter(ledger, None)
        with open_chat_model(
            "m", f"{address}/v1", {}, store=ModelStore(), journal=journal, meter=meter, prices={}
        ) as model:
            asked, started = questions(0, number), time.perf_counter()
            answered = len(model.answer(asked))
            return time.perf_counter() - started, answered


def openai_with_a_semaphore(address: str, number: int) -> tuple[float, int]:
    """Seconds and answers of the openai package for the same requests, with as many retries as ours."""
    prompts = [
        [{"role": message.role, "content": message.content} for message in question.messages]
        for question in questions(0, number)
    ]
    job = {"url": f"{address}/v1", "under_way": UNDER_WAY, "retries": RETRIES, "prompts": prompts}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "job.json"
        file.write_text(json.dumps(job), encoding="utf-8")
        script = Path(__file__).parent / "rivals" / "openai_requests.py"
        python = os.environ.get("BENCH_PYTHON", "python")
        made = subprocess.run([python, str(script), str(file)], check=True, stdout=subprocess.PIPE, text=True)
    result = json.loads(made.stdout.splitlines()[-1])
    return result["seconds"], result["answered"]


def memory_over(requests: int) -> tuple[float, list[float]]:
    """Requests a second of a server without a limit, and MB of this process after every tenth of them."""
    process, seconds = psutil.Process(), 0.0
    memory: list[float] = []
    with (
        limited_server(rate=1e9, burst=1e9, seconds=0.005, jitter=0.002) as address,
        tempfile.TemporaryDirectory() as folder,
        Ledger(Path(folder)) as ledger,
        open_chat_model(
            "m",
            f"{address}/v1",
            {},
            store=ModelStore(),
            journal=LedgerJournal(ledger),
            meter=LedgerMeter(ledger, None),
            prices={},
        ) as model,
    ):
        for start in range(0, requests, BLOCK):
            asked = questions(start, min(BLOCK, requests - start))
            seconds += common.timed(partial(model.answer, asked))
            if len(memory) < 10 * (start + len(asked)) // requests:
                memory.append(process.memory_info().rss / 2**20)
    return requests / seconds, memory


def questions(start: int, number: int) -> list[Question]:
    """Different rows, asked alike."""
    return [
        Question(
            messages=(Message("system", INSTRUCTION), Message("user", f"message number {row}: win money now")),
            held_to=Choices(LABELS),
        )
        for row in range(start, start + number)
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=100_000, help="for the memory, in all")
    main(parser.parse_args().requests)
