"""Real OpenAI-compatible HTTP servers on loopback whose habits a test writes down.

    with ScriptedServer(always("spam"), refuses("temperature"), refuses("logprobs")) as server:
        ...                        # ask `server.url`, e.g. as prompt:MODEL@URL
    server.requests                # everything that was asked, in order

The first argument says what the model answers (a function of the request); the others are rules, tried in order: the
first that has something to say about a request decides. Ready-made answers: `always`, `planted`, `in_prose`. Ready-made
rules: `wants_key`, `refuses`, `fails`, `throttles`, `resets`, `cuts`, `says`, `no_choices`, `silent`, `runs_out_below`.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Asked:
    """One request as it came in.

    Attributes:
        path, headers (names in lower case), body: as sent.
        number: 0 for the first chat request of this server.
        at: `time.monotonic()`.
    """

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    number: int
    at: float

    @property
    def text(self) -> str:
        """The last user message."""
        return str([m["content"] for m in self.body["messages"] if m["role"] == "user"][-1])


@dataclass(frozen=True)
class Answered:
    """What the server sends back.

    Attributes:
        cut_after: bytes of the body after which the connection breaks; None: it does not.
        resets: whether it breaks with a reset, or is closed in good order.
        wait: seconds before anything is sent.
        trickle: seconds between the body's pieces of a few bytes; None: it is sent as a whole.
    """

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    resets: bool = True
    wait: float = 0.0
    trickle: float | None = None


_PIECE = 32
"""Bytes of a body that trickles."""

Answer = Callable[[Asked], str]
Rule = Callable[[Asked], Answered | None]


class ScriptedServer:
    """A server on a free loopback port, for the length of a `with` block.

    Args:
        answer: what the model says to a request.
        rules: the server's habits; see this module's own words.
        model: its name in responses; None: the one asked for.
        fingerprint: its `system_fingerprint`.
        usage: tokens that every response reports, or None for no `usage` at all.
        obedient: whether it keeps a constraint (it then wraps its answer as the constraint says).
        logprobs: whether it gives log-probabilities to those who ask.
        seconds: how long it thinks about every answer.
        models: names that GET /v1/models lists; None: it has no such call.
    """

    def __init__(
        self,
        answer: Answer,
        *rules: Rule,
        model: str | None = None,
        fingerprint: str | None = "fp_1",
        usage: Mapping[str, Any] | None = None,
        obedient: bool = True,
        logprobs: bool = True,
        seconds: float = 0.0,
        models: Sequence[str] | None = None,
    ) -> None:
        self.answer, self.rules, self.models = answer, rules, models
        self.model, self.fingerprint, self.obedient, self.logprobs = model, fingerprint, obedient, logprobs
        self.usage = {"prompt_tokens": 10, "completion_tokens": 2} if usage is None else dict(usage)
        self.seconds = seconds
        self.requests: list[Asked] = []
        self.under_way, self.most_under_way = 0, 0
        self._guard = threading.Lock()
        self._server = _QuietServer(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Base of its API, ending in /v1."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def sent(self, parameter: str) -> list[Any]:
        """The values that requests had for a parameter, where they had it."""
        return [request.body[parameter] for request in self.requests if parameter in request.body]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, path: str, headers: Mapping[str, str], body: dict[str, Any]) -> Answered:
        """Note a request and decide about it."""
        with self._guard:
            asked = Asked(path, headers, body, len(self.requests), time.monotonic())
            self.requests.append(asked)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            for rule in self.rules:
                decided = rule(asked)
                if decided is not None:
                    return decided
            if self.seconds:
                time.sleep(self.seconds)
            return Answered(body=json.dumps(self.completion(asked)))
        finally:
            with self._guard:
                self.under_way -= 1

    def completion(self, asked: Asked) -> dict[str, Any]:
        """A whole response."""
        said = self.answer(asked)
        if self.obedient and "response_format" in asked.body:
            said = json.dumps({"label": said})
        choice: dict[str, Any] = {
            "index": 0,
            "message": {"role": "assistant", "content": said},
            "finish_reason": "stop",
        }
        if self.logprobs and asked.body.get("logprobs"):
            other = {"token": "other", "logprob": -3.0}
            top = [{"token": said, "logprob": -0.1}, other]
            choice["logprobs"] = {"content": [{"token": said, "logprob": -0.1, "top_logprobs": top}]}
        response = {"id": "x", "object": "chat.completion", "model": self.model or asked.body["model"]}
        if self.fingerprint is not None:
            response["system_fingerprint"] = self.fingerprint
        return response | {"choices": [choice], "usage": self.usage}


# What the model answers -----------------------------------------------------------------------------------------


def always(text: str) -> Answer:
    """The same to everybody."""
    return lambda asked: text


def planted(gold: Mapping[str, str], share: float, *, seed: int = 0) -> Answer:
    """Right on exactly round(share * rows) of the rows, wrong on the others, the same each time.

    Args:
        gold: text of a row -> its label. The row asked about is the one that ends last in the last user message.
    """
    labels, texts = sorted(set(gold.values())), sorted(gold)
    random.Random(seed).shuffle(texts)
    right = set(texts[: round(share * len(texts))])

    def answer(asked: Asked) -> str:
        found = max(texts, key=lambda text: (_end_of(text, asked.text), len(text)))
        if found in right:
            return gold[found]
        return labels[(labels.index(gold[found]) + 1) % len(labels)]

    return answer


def in_prose(answer: Answer, words: str = "Well, that is a difficult one. I would say that {} fits it best.") -> Answer:
    """The same answer, told as a model does that knows no constraint."""
    return lambda asked: words.format(answer(asked))


# Habits of the server -------------------------------------------------------------------------------------------


def error(status: int, message: str, *, code: str | None = None, param: str | None = None, **headers: str) -> Answered:
    """An error as OpenAI writes it."""
    body = {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
    return Answered(status, json.dumps(body), {name.replace("_", "-"): value for name, value in headers.items()})


def wants_key(key: str) -> Rule:
    """401 to everybody who does not bring the key."""

    def rule(asked: Asked) -> Answered | None:
        if asked.headers.get("authorization") == f"Bearer {key}":
            return None
        return error(401, f"Incorrect API key provided: {asked.headers.get('authorization')}", code="invalid_api_key")

    return rule


def refuses(parameter: str, *, named: bool = True) -> Rule:
    """400 to a request with the parameter; `named=False`: only the message names it, as many servers do."""

    def rule(asked: Asked) -> Answered | None:
        if parameter not in asked.body:
            return None
        return error(
            400,
            f"Unsupported parameter: '{parameter}' is not supported with this model.",
            code="unsupported_parameter" if named else None,
            param=parameter if named else None,
        )

    return rule


def answers(body: str, status: int, *, times: int | None = None, **headers: str) -> Rule:
    """A fixed status and body, the first `times` times."""
    return _first(times, lambda asked: Answered(status, body, {k.replace("_", "-"): v for k, v in headers.items()}))


def fails(status: int = 500, *, times: int | None = None) -> Rule:
    """A server error."""
    return _first(times, lambda asked: error(status, "something broke"))


def throttles(*, times: int | None = None, retry_after: float | None = None) -> Rule:
    """429, with or without `Retry-After`."""
    headers = {} if retry_after is None else {"retry_after": str(retry_after)}
    return _first(times, lambda asked: error(429, "Rate limit reached", code="rate_limit_exceeded", **headers))


def resets(*, times: int | None = None) -> Rule:
    """The connection breaks before anything is sent."""
    return _first(times, lambda asked: Answered(cut_after=0))


def cuts(*, times: int | None = None) -> Rule:
    """A 200 whose body breaks off, and the connection with it."""
    return _first(times, lambda asked: Answered(body='{"choices": [{"message": {"content": "sp', cut_after=20))


def says(body: str, *, times: int | None = None) -> Rule:
    """A 200 with this body, whatever it is."""
    return _first(times, lambda asked: Answered(body=body))


def no_choices(*, times: int | None = None) -> Rule:
    """A 200 with everything but an answer."""
    return says('{"object": "chat.completion", "choices": [], "usage": {"prompt_tokens": 1}}', times=times)


def silent(seconds: float, *, times: int | None = None) -> Rule:
    """Nothing comes for a while."""
    return _first(times, lambda asked: Answered(wait=seconds, cut_after=0))


def runs_out_below(tokens: int, *, usage: Mapping[str, Any] | None = None) -> Rule:
    """An empty answer with `finish_reason: length` to requests with less room than that."""

    def rule(asked: Asked) -> Answered | None:
        room = asked.body.get("max_completion_tokens", asked.body.get("max_tokens"))
        if room is None or room >= tokens:
            return None
        choice = {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "length"}
        spent = {"prompt_tokens": 10, "completion_tokens": room, **(usage or {})}
        return Answered(body=json.dumps({"model": asked.body["model"], "choices": [choice], "usage": spent}))

    return rule


def _first(times: int | None, respond: Callable[[Asked], Answered]) -> Rule:
    left = [times]
    guard = threading.Lock()

    def rule(asked: Asked) -> Answered | None:
        with guard:
            if left[0] is not None:
                if left[0] <= 0:
                    return None
                left[0] -= 1
        return respond(asked)

    return rule


def _end_of(text: str, inside: str) -> int:
    place = inside.rfind(text)
    return -1 if place < 0 else place + len(text)


# HTTP -----------------------------------------------------------------------------------------------------------


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


def _handler_for(owner: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            listed = json.dumps({"object": "list", "data": [{"id": name} for name in owner.models or ()]})
            there = owner.models is not None and self.path.partition("?")[0].endswith("/v1/models")
            self.send(Answered(body=listed) if there else Answered(404, "404 page not found"))

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length) or b"{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            known = self.path.partition("?")[0].endswith("/chat/completions")
            self.send(owner.respond(self.path, headers, body) if known else Answered(404, "{}"))

        def send(self, answered: Answered) -> None:
            time.sleep(answered.wait)
            payload = answered.body.encode()
            if answered.cut_after == 0:
                return self.hang_up()
            self.send_response(answered.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            for name, value in answered.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.write(payload[: answered.cut_after], answered.trickle)
            return self.hang_up(reset=answered.resets) if answered.cut_after is not None else None

        def write(self, payload: bytes, trickle: float | None) -> None:
            size = len(payload) if trickle is None else _PIECE
            for start in range(0, len(payload), max(1, size)):
                self.wfile.write(payload[start : start + size])
                self.wfile.flush()
                time.sleep(trickle or 0.0)

        def hang_up(self, *, reset: bool = True) -> None:
            """The client sees a broken connection, or one that was closed too early."""
            if reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
