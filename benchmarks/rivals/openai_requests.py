"""Put prompts to an OpenAI-compatible server with the openai package, several at a time.

Runs in an environment of its own: `python openai_requests.py JOB.json`, with {"url", "under_way", "retries",
"prompts": [[{role, content}]]}; prints one line of JSON, {"seconds", "answered"}. Starting Python and importing is not
counted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI, OpenAIError


async def answered(job: dict[str, Any]) -> int:
    """How many of the prompts got an answer within the package's own retries."""
    places = asyncio.Semaphore(job["under_way"])
    async with AsyncOpenAI(base_url=job["url"], api_key="none", max_retries=job["retries"]) as client:

        async def one(messages: list[dict[str, str]]) -> bool:
            async with places:
                try:
                    await client.chat.completions.create(
                        model="m", messages=messages, temperature=0, max_tokens=64, logprobs=True, top_logprobs=20
                    )
                except OpenAIError:
                    return False
                return True

        return sum(await asyncio.gather(*map(one, job["prompts"])))


def main(job_file: str) -> None:
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    started = time.perf_counter()
    number = asyncio.run(answered(job))
    print(json.dumps({"seconds": time.perf_counter() - started, "answered": number}))


if __name__ == "__main__":
    main(sys.argv[1])
