"""An OpenAI-compatible server on loopback that answers after a set time and bears so many requests a second, no more.

python benchmarks/limited_server.py --rate 200 --burst 200 --hint milliseconds

Prints its address. A bucket holds `burst` requests and fills at `rate` a second; a request that finds it empty gets
429. `POST /v1/chat/completions` answers, `GET /counts` says how many were answered and refused. A process of its own,
so that the client that is measured has its interpreter for itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

HINTS = ("milliseconds", "seconds", "allowance", "none")
"""How a 429 says when to come back: `retry-after-ms`, `Retry-After`, `x-ratelimit-reset-requests`, or not at all."""


@dataclass
class Bucket:
    """Requests that may come now: `burst` at most, `rate` a second on the average."""

    rate: float
    burst: float

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, time.monotonic()

    def take(self) -> float:
        """Seconds until a request may come; 0: it may, and has been taken."""
        now = time.monotonic()
        self._left, self._at = min(self.burst, self._left + (now - self._at) * self.rate), now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.rate


class Server:
    """Counts, and knows the answers."""

    def __init__(self, bucket: Bucket, *, seconds: float, jitter: float, hint: str) -> None:
        self.bucket, self.seconds, self.jitter, self.hint = bucket, seconds, jitter, hint
        self.answered = self.refused = 0
        candidates = [{"token": f"t{i}", "logprob": -0.1 - i, "bytes": [116]} for i in range(20)]
        token = {"token": "spam", "logprob": -0.1, "bytes": [115], "top_logprobs": candidates}
        choice = {"index": 0, "message": {"role": "assistant", "content": '{"label": "spam"}'}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 120, "completion_tokens": 6, "total_tokens": 126}
        body = {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "system_fingerprint": "fp"}
        self.body = json.dumps(body | {"choices": [choice | {"logprobs": {"content": [token] * 6}}], "usage": usage})

    async def respond(self, target: str) -> bytes:
        """A whole response to a request."""
        if target == "/counts":
            return _response(200, json.dumps({"answered": self.answered, "refused": self.refused}))
        wait = self.bucket.take()
        if wait > 0:
            self.refused += 1
            return _response(429, '{"error": {"message": "Rate limit reached"}}', *self._told(wait))
        await asyncio.sleep(self.seconds + random.uniform(-self.jitter, self.jitter))
        self.answered += 1
        return _response(200, self.body)

    def _told(self, wait: float) -> tuple[str, ...]:
        milliseconds = math.ceil(wait * 1000)
        return {
            "milliseconds": (f"retry-after-ms: {milliseconds}", f"retry-after: {math.ceil(wait)}"),
            "seconds": (f"retry-after: {math.ceil(wait)}",),
            "allowance": ("x-ratelimit-remaining-requests: 0", f"x-ratelimit-reset-requests: {milliseconds}ms"),
            "none": (),
        }[self.hint]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
                )
                await reader.readexactly(length)
                writer.write(await self.respond(head.split(b" ", 2)[1].decode()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _response(status: int, body: str, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status} X", "content-type: application/json", f"content-length: {len(body)}", *headers)
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


async def _main(given: argparse.Namespace) -> None:
    server = Server(Bucket(given.rate, given.burst), seconds=given.seconds, jitter=given.jitter, hint=given.hint)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=256)
    print(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", flush=True)
    await listening.serve_forever()


@contextmanager
def limited_server(**options: Any) -> Iterator[str]:
    """A running server; gives its address. Options are those of the command line."""
    given = [f"--{name}={value}" for name, value in options.items()]
    process = subprocess.Popen([sys.executable, __file__, *given], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def counts(address: str) -> dict[str, int]:
    """How many requests the server has answered and refused."""
    with urllib.request.urlopen(f"{address}/counts", timeout=10) as response:
        found: dict[str, int] = json.loads(response.read())
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--burst", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=0.05)
    parser.add_argument("--jitter", type=float, default=0.02)
    parser.add_argument("--hint", choices=HINTS, default="milliseconds")
    asyncio.run(_main(parser.parse_args()))
