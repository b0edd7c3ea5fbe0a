"""A real HTTP server on loopback that speaks as much of the Hub's protocol as a download needs."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit


@dataclass
class HubServer:
    """What it holds, how it misbehaves, and what it was asked.

    Attributes:
        files: 'OWNER/NAME' -> path -> content.
        cut_after: bytes after which each of the next `cuts` file transfers breaks off.
        redirect_to: address to which file requests are sent, as the Hub does for large files.
        redirect_lists_to: the same for lists of files, as the Hub does for a repository that was renamed.
        tell_sums: send the sum of a file ahead, as the Hub does for large files.
        needs_token: answer 401 to whoever comes without it.
        revisions: branches, tags and commits that there are; None: any.
        commit: of every repository.
        gated: repositories whose list anybody sees, and whose files only whoever comes with `needs_token` gets.
        requests: (method, path, headers) in order; header names as Title-Case.
    """

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    cuts: int = 0
    cut_after: int = 0
    redirect_to: str | None = None
    redirect_lists_to: str | None = None
    tell_sums: bool = False
    needs_token: str | None = None
    gated: frozenset[str] = frozenset()
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    endpoint: str = ""
    commit: str = "c" * 40
    revisions: frozenset[str] | None = None

    def asked_for_files(self) -> list[tuple[str, dict[str, str]]]:
        """(path, headers) of the requests for files."""
        return [(path, headers) for method, path, headers in self.requests if method == "GET" and "/resolve/" in path]


@contextmanager
def running(hub: HubServer) -> Iterator[HubServer]:
    """Serve until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def _sibling(path: str, content: bytes) -> dict[str, Any]:
    """A file in the list, as the Hub describes a large one."""
    large = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
    return {"rfilename": path, "size": len(content), "lfs": large}


def _handler(hub: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Keep the test's output clean."""

        def do_HEAD(self) -> None:
            self._note()
            self._answer(200, b"")

        def do_GET(self) -> None:
            self._note()
            parts = unquote(urlsplit(self.path).path).strip("/").split("/")
            known = not hub.needs_token or self.headers.get("Authorization") == f"Bearer {hub.needs_token}"
            if "/".join(parts[:2]) in hub.gated and not known:
                self._answer(403, b"", {"X-Error-Code": "GatedRepo"})
            elif not known and not hub.gated:
                self._answer(401, b"")
            elif parts[:2] == ["api", "models"]:
                self._list("/".join(parts[2:4]))
            elif len(parts) > 4 and parts[2] == "resolve":
                self._file("/".join(parts[:2]), "/".join(parts[4:]))
            else:
                self._answer(404, b"")

        def _note(self) -> None:
            hub.requests.append(
                (self.command, self.path, {name.title(): value for name, value in self.headers.items()})
            )

        def _list(self, name: str) -> None:
            if hub.redirect_lists_to:
                return self._answer(307, b"", {"Location": hub.redirect_lists_to + self.path})
            if name not in hub.files:
                return self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            revision = unquote(urlsplit(self.path).path.rpartition("/")[2])
            if hub.revisions is not None and revision not in hub.revisions:
                return self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
            siblings = [_sibling(path, content) for path, content in hub.files[name].items()]
            self._answer(200, json.dumps({"id": name, "sha": hub.commit, "siblings": siblings}).encode())

        def _file(self, name: str, path: str) -> None:
            content = hub.files.get(name, {}).get(path)
            if content is None:
                return self._answer(404, b"")
            sums = {"X-Linked-Etag": f'"{hashlib.sha256(content).hexdigest()}"'} if hub.tell_sums else {}
            if hub.redirect_to:
                return self._answer(302, b"", {"Location": hub.redirect_to + self.path, **sums})
            start = int(self.headers.get("Range", "bytes=0-")[6:-1])
            if start >= len(content):
                return self._answer(416, b"")
            ranged = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
            self._answer(206 if start else 200, content[start:], {**ranged, **sums}, breakable=True)

        def _answer(
            self, status: int, body: bytes, headers: dict[str, str] | None = None, *, breakable: bool = False
        ) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            if breakable and hub.cuts and len(body) > hub.cut_after:
                hub.cuts -= 1
                self.wfile.write(body[: hub.cut_after])
                self.close_connection = True
            elif self.command != "HEAD":
                self.wfile.write(body)

    return Handler
