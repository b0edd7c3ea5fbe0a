"""A server on loopback that says again what was said before, so that a prompt's figures hang on the code alone.

It speaks as OpenAI-compatible servers do. What it says comes from a journal, by the digest of what decides an answer.
The journal is filled by a stated rule and by no model: it knows the bundled sample, is right about a share of the rows,
and is swayed by the rest of the prompt. So it has every shape of answer that the code reads: labels of one and of
several tokens, candidates for every token, and answers that are no label.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from tuningfork.foundation.files import write_text
from tuningfork.sample import sample_path

JOURNAL = Path(__file__).resolve().parents[2] / "tests" / "golden" / "parity" / "replies.json"
MODEL = "smollm2-135m"
SAMPLE = "customer_messages.csv"

Reply = dict[str, Any]
"""`tokens`: each a pair of the token and the log-probabilities of its candidates, itself among them, or the token alone
where there is no other; `read`: tokens of the prompt."""

Token = str | list[Any]

_DECIDES_NOTHING = frozenset({"model", "stream", "stream_options", "user"})
_DIGITS = 32
_ONE_IN = 24
"""Of so many rows one gets an answer that is no label."""
_NO_LABEL = "none of these"
_RIGHT_IN_10 = 7


class ReplayServer:
    """Answers from a journal on a free loopback port, for the length of a `with` block.

    Args:
        journal: replies by `digest`; what is answered anew is added to it.
        records: answer by the rule what the journal lacks; else such a request is refused and kept in `lacking`.
    """

    def __init__(self, journal: dict[str, Reply], *, records: bool = False) -> None:
        self.journal, self.records = journal, records
        self.lacking: list[str] = []
        self._guard = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler_for(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """Base of its API, ending in /v1."""
        return f"http://{self.host}/v1"

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
    contents = [str(message["content"]) for message in body["messages"]]
    row, prompt = contents[-1], "\n".join(contents)
    labels = _offered(body)
    scores = _scores(row, prompt, labels)
    said = max(scores, key=lambda label: scores[label]) if scores else _NO_LABEL
    if _hashed(row) % _ONE_IN == 0:
        said = _NO_LABEL
    tokens = _label_tokens(said, scores, most=int(body.get("top_logprobs") or 0))
    if "response_format" in body:
        tokens = ['{"label": "', *tokens, '"}']
    room = int(body.get("max_completion_tokens", body.get("max_tokens", len(tokens))))
    return {"tokens": tokens[:room], "read": len(prompt) // 4}


def completion(reply: Reply, body: Mapping[str, Any]) -> dict[str, Any]:
    """A reply as the response of a server."""
    tokens = [_pair(token) for token in reply["tokens"]]
    text = "".join(token for token, _ in tokens)
    choice: dict[str, Any] = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": "stop",
    }
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [_named(token, candidates) for token, candidates in tokens]}
    read, wrote = int(reply["read"]), len(tokens)
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


def _scores(row: str, prompt: str, labels: Sequence[str]) -> dict[str, float]:
    """Log-probability of every label: the right one is likely in seven of ten rows, another one in the others, and each
    has a part that only this prompt and label have, so that nothing ties."""
    right = _right_label(row)
    raw = {label: 3 * (_hashed(prompt + label) % 1000 / 1000) for label in labels}
    if right in raw and _hashed(row + "right") % 10 < _RIGHT_IN_10:
        raw[right] += 3
    whole = math.log(sum(math.exp(value) for value in raw.values())) if raw else 0.0
    return {label: value - whole for label, value in raw.items()}


def _right_label(row: str) -> str | None:
    """The name of the label of the sample's text that the message ends with."""
    found = max((text for text in _sample() if text in row), key=len, default=None)
    return None if found is None else _sample()[found]


@cache
def _sample() -> Mapping[str, str]:
    """Text -> name of its label."""
    files = [sample_path(name).open(encoding="utf-8", newline="") for name in ("label_names.csv", SAMPLE)]
    with files[0] as names_file, files[1] as rows_file:
        names = {row["label"]: row["name"] for row in csv.DictReader(names_file)}
        return {row["text"]: names[row["label"]] for row in csv.DictReader(rows_file)}


def _label_tokens(said: str, scores: Mapping[str, float], *, most: int) -> list[Token]:
    """The answer word by word; at each place the words with which labels that begin so far alike go on."""
    tokens: list[Token] = []
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
        candidates = {token: round(math.log(shares[token] / whole), 4) for token in first}
        tokens.append([word, candidates] if len(candidates) > 1 else word)
        written += word
    return tokens


def _named(token: str, candidates: Mapping[str, float]) -> dict[str, Any]:
    top = [{"token": name, "logprob": value, "bytes": list(name.encode())} for name, value in candidates.items()]
    return {"token": token, "logprob": candidates[token], "bytes": list(token.encode()), "top_logprobs": top}


def _pair(token: Token) -> tuple[str, Mapping[str, float]]:
    return (token, {token: 0.0}) if isinstance(token, str) else (token[0], token[1])


def _hashed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a connection that finds no place is tried again, and counted twice


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
