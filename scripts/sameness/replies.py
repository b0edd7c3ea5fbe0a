"""A server on loopback that says again what was said before, so that a prompt's figures hang on the code alone.

It speaks as OpenAI-compatible servers do. What it says comes from a journal, by the digest of what decides an answer.
The journal is filled by a stated rule and by no model: a label is the likelier the more words a row shares with its
description and with the examples of it. Nothing here is to be good at the task; it is to have every shape of answer
that the code reads: labels of one and of several tokens, candidates for every token, and answers that are no label.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tuningfork.foundation.files import write_text

JOURNAL = Path(__file__).resolve().parents[2] / "tests" / "golden" / "parity" / "replies.json"
MODEL = "smollm2-135m"

Reply = dict[str, Any]
"""`tokens`: pairs of a token and the log-probabilities of its candidates, itself among them; `read`: prompt tokens."""

_DECIDES_NOTHING = frozenset({"model", "stream", "stream_options", "user"})
_DIGITS = 32
_ONE_IN = 24
"""Of so many rows one gets an answer that is no label."""
_NO_LABEL = "none of these"
_WORD = re.compile(r"[^\W\d_]{3,}")


class ReplayServer:
    """Answers from a journal on a free loopback port, for the length of a `with` block.

    Args:
        journal: replies by `digest`; what is answered anew is added to it.
        records: answer by the rule what the journal lacks; else such a request is refused and kept in `lacking`.
    """

    def __init__(self, journal: dict[str, Reply], *, records: bool = False) -> None:
        self.journal, self.records = journal, records
        self.used: set[str] = set()
        self.lacking: list[str] = []
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        """Base of its API, ending in /v1."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and body for a chat request."""
        key = digest(body)
        with self._guard:
            if key not in self.journal and self.records:
                self.journal[key] = answered(body)
            if key in self.journal:
                self.used.add(key)
                return 200, completion(self.journal[key], body)
            last = str(body["messages"][-1]["content"])[-200:]
            self.lacking.append(f"request {key}, which ends in {last!r}")
        return 500, {"error": {"message": f"the journal has no reply to {self.lacking[-1]}; --record adds it"}}


def read_journal(path: Path = JOURNAL) -> dict[str, Reply]:
    """The committed replies; none where there is no such file yet."""
    found: dict[str, Reply] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def write_journal(journal: Mapping[str, Reply], path: Path = JOURNAL) -> None:
    """One reply a line, in the order of the digests, so that a change shows what changed."""
    lines = (f"{json.dumps(key)}: {json.dumps(journal[key], ensure_ascii=False)}" for key in sorted(journal))
    write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def digest(body: Mapping[str, Any]) -> str:
    """Of all in a request that an answer hangs on: not the model's name, and the seed only where something is drawn."""
    drawn = bool(body.get("temperature"))
    deciding = {name: body[name] for name in body if name not in _DECIDES_NOTHING and (drawn or name != "seed")}
    text = json.dumps(deciding, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def answered(body: Mapping[str, Any]) -> Reply:
    """What the rule says to a request, as JSON where that is asked for."""
    messages = [(str(message["role"]), str(message["content"])) for message in body["messages"]]
    row, prompt = messages[-1][1], "\n".join(content for _, content in messages)
    labels = _offered(body)
    scores = _scores(row, messages, labels)
    said = max(scores, key=lambda label: scores[label]) if scores else _NO_LABEL
    if _hashed(row) % _ONE_IN == 0:
        said = _NO_LABEL
    tokens = _label_tokens(said, scores, most=int(body.get("top_logprobs") or 0))
    if "response_format" in body:
        tokens = [_sure('{"label": "'), *tokens, _sure('"}')]
    room = int(body.get("max_completion_tokens", body.get("max_tokens", len(tokens))))
    return {"tokens": tokens[:room], "read": len(prompt) // 4}


def completion(reply: Reply, body: Mapping[str, Any]) -> dict[str, Any]:
    """A reply as the response of a server."""
    text = "".join(token for token, _ in reply["tokens"])
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [_named(token, candidates) for token, candidates in reply["tokens"]]}
    read, wrote = int(reply["read"]), len(reply["tokens"])
    return {
        "id": "chatcmpl-replayed",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "system_fingerprint": "replayed",
        "choices": [choice],
        "usage": {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote},
    }


def _offered(body: Mapping[str, Any]) -> list[str]:
    """The labels that the request's schema admits."""
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
    for field in schema.get("properties", {}).values():
        if "enum" in field:
            return [str(label) for label in field["enum"]]
    return []


def _scores(row: str, messages: Sequence[tuple[str, str]], labels: Sequence[str]) -> dict[str, float]:
    """Log-probability of every label: words shared with its line of the instruction and with the examples answered by
    it, and a little that only this row and label have, so that nothing ties."""
    words = _words(row.rpartition("Text:")[2])
    texts = {label: "" for label in labels}
    for place, (_, content) in enumerate(messages[:-1]):
        for label in labels:
            texts[label] += "\n".join(line for line in content.splitlines() if line.startswith(f"- {label}"))
            if messages[place + 1][1].strip() == label:
                texts[label] += content.rpartition("Text:")[2]
    raw = {label: len(words & _words(texts[label])) + _hashed(row + label) % 1000 / 1000 for label in labels}
    whole = math.log(sum(math.exp(value) for value in raw.values())) if raw else 0.0
    return {label: value - whole for label, value in raw.items()}


def _label_tokens(said: str, scores: Mapping[str, float], *, most: int) -> list[list[Any]]:
    """The answer word by word; at each place the words with which labels that begin so far alike go on."""
    tokens: list[list[Any]] = []
    written = ""
    for word in re.findall(r"\s*\S+", said):
        open_ = {label: score for label, score in scores.items() if label.startswith(written)}
        shares: dict[str, float] = {}
        for label, score in open_.items():
            following = re.match(r"\s*\S+", label[len(written) :])
            if following is not None:
                shares[following[0]] = shares.get(following[0], 0.0) + math.exp(score)
        shares.setdefault(word, max(shares.values(), default=1.0))
        whole = sum(shares.values())
        first = sorted(shares, key=lambda token: (token != word, -shares[token]))[: max(1, most)]
        tokens.append([word, {token: round(math.log(shares[token] / whole), 4) for token in first}])
        written += word
    return tokens


def _named(token: str, candidates: Mapping[str, float]) -> dict[str, Any]:
    top = [{"token": name, "logprob": value, "bytes": list(name.encode())} for name, value in candidates.items()]
    return {"token": token, "logprob": candidates[token], "bytes": list(token.encode()), "top_logprobs": top}


def _sure(token: str) -> list[Any]:
    return [token, {token: 0.0}]


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _handler_for(owner: ReplayServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            known = self.path.partition("?")[0].endswith("/v1/models")
            listed = {"object": "list", "data": [{"id": MODEL, "object": "model", "owned_by": "replies"}]}
            self.send(200, listed) if known else self.send(404, {"error": {"message": "404 page not found"}})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("content-length", 0))) or b"{}")
            known = self.path.partition("?")[0].endswith("/chat/completions")
            self.send(*owner.respond(body)) if known else self.send(404, {"error": {"message": "404 page not found"}})

        def send(self, status: int, body: Mapping[str, Any]) -> None:
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads along."""

    return Handler
