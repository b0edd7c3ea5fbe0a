"""The Hugging Face Hub as a source of files: short patience, resumed transfers, a token for its own host only."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tuningfork.models.downloads import Announce, Expected, Progress, SourceFailed, adopt, partial_path

FIRST_ANSWER_SECONDS = 3.0
"""A Hub that has not answered by then is passed over for the rest of the process."""

_IDLE_SECONDS = 20.0
_ATTEMPTS = 5
_REDIRECTS = 10
_CHUNK = 1 << 20

_reachability: dict[str, str | None] = {}
_reachability_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file of a repository: path, and size and SHA-256 as far as the Hub tells them."""

    path: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Repository:
    """What a repository holds at one commit."""

    name: str
    commit: str
    files: tuple[RemoteFile, ...]


class Hub:
    """The Hub at `HF_ENDPOINT` (default: the public one).

    `HF_HUB_OFFLINE` is obeyed. `HF_TOKEN` is sent to the endpoint's own host, over https or to this machine, and to
    no host that the endpoint redirects to.
    """

    def __init__(self, announce: Announce) -> None:
        self.endpoint = (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
        self._announce = announce

    @property
    def host(self) -> str:
        """The host asked, for messages."""
        return self.endpoint.partition("://")[2].partition("/")[0].rpartition("@")[2] or self.endpoint

    def require(self) -> None:
        """Make sure that the Hub may be asked and answers. It is tried once per process and waited for 3 seconds.

        Raises:
            SourceFailed: offline by the user's wish, or no answer.
        """
        if os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}:
            raise SourceFailed("not asked, because HF_HUB_OFFLINE is set")
        with _reachability_lock:
            if self.endpoint not in _reachability:
                reason = self._first_contact()
                _reachability[self.endpoint] = reason
                if reason is not None:
                    self._announce(f"The Hugging Face Hub ({self.host}) is passed over: {reason}.")
        if (known := _reachability[self.endpoint]) is not None:
            raise SourceFailed(known)

    def repository(self, name: str, revision: str = "main") -> Repository:
        """What `OWNER/NAME` holds.

        Raises:
            SourceFailed: the Hub does not answer, or has no such repository for this token.
        """
        self.require()
        url = f"{self.endpoint}/api/models/{quote(name)}/revision/{quote(revision, safe='')}"
        try:
            answer = self._parsed(self._get(f"{url}?blobs=true"), name)
        except (httpx.TransportError, ValueError) as error:
            raise SourceFailed(f"gave no usable list of files for {name} ({_reason(error)})") from error
        files = tuple(_remote_file(sibling) for sibling in answer.get("siblings") or ())
        return Repository(name, str(answer.get("sha") or revision), files)

    def fetch(
        self,
        repository: str,
        revision: str,
        path: str,
        target: Path,
        *,
        expected: Expected,
        progress: Progress | None = None,
    ) -> str:
        """Fetch one file to `target`, going on where an earlier transfer stopped; returns its SHA-256.

        Raises:
            SourceFailed: no answer, no such file, another file than expected (known before it is transferred where
                the Hub tells its sum), or a transfer that failed through all retries.
        """
        self.require()
        url = f"{self.endpoint}/{quote(repository)}/resolve/{quote(revision, safe='')}/{quote(path)}"
        partial = partial_path(target)
        left_behind = _size(partial) > 0
        self._transfer_patiently(url, partial, expected, progress)
        try:
            return adopt(partial, target, expected)
        except SourceFailed:
            if not left_behind:
                raise
        # What an earlier process left may have been the beginning of another file: once more, from the start.
        self._transfer_patiently(url, partial, expected, progress)
        return adopt(partial, target, expected)

    def _transfer_patiently(self, url: str, partial: Path, expected: Expected, progress: Progress | None) -> None:
        """Transfer, going on after a break for as long as anything new arrives between two breaks."""
        stuck, furthest = 0, _size(partial)
        while True:
            try:
                return self._transfer(url, partial, expected, progress)
            except httpx.TransportError as error:
                stuck = 0 if _size(partial) > furthest else stuck + 1
                furthest = max(furthest, _size(partial))
                if stuck >= _ATTEMPTS:
                    raise SourceFailed(f"the transfer of {partial.name[1:-5]} broke off ({_reason(error)})") from error
                time.sleep(0.2 * 2**stuck)

    def _transfer(self, url: str, partial: Path, expected: Expected, progress: Progress | None) -> None:
        have = _size(partial)
        if expected.bytes is not None and have >= expected.bytes:
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        response = self._get(url, headers, expected=expected, stream=True)
        try:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
            self._require_success(response, url)
            resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
            done = have if resumed else 0
            total = expected.bytes or done + int(response.headers.get("Content-Length") or 0)
            with partial.open("ab" if resumed else "wb") as file:
                for chunk in response.iter_bytes(_CHUNK):
                    file.write(chunk)
                    done += len(chunk)
                    if progress is not None:
                        progress(partial.name.removeprefix(".").removesuffix(".part"), done, total)
        finally:
            response.close()

    def _get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        expected: Expected | None = None,
        stream: bool = False,
    ) -> httpx.Response:
        """GET, following redirects by hand so that the token stays with its host and a wrong file is seen early."""
        target = httpx.URL(url)
        for _ in range(_REDIRECTS):
            sent = {**(headers or {}), **self._credentials(target)}
            request = self._client.build_request("GET", target, headers=sent)
            response = self._client.send(request, stream=stream)
            self._refuse_other_file(response, expected)
            if response.next_request is None:
                return response
            target = response.next_request.url
            response.close()
        raise SourceFailed(f"{self.host} redirects without end")

    def _refuse_other_file(self, response: httpx.Response, expected: Expected | None) -> None:
        offered = response.headers.get("X-Linked-Etag", "").removeprefix("W/").strip('"').lower()
        wanted = expected.sha256 if expected is not None else None
        if wanted and re.fullmatch(r"[0-9a-f]{64}", offered) and offered != wanted:
            response.close()
            raise SourceFailed(f"offers another file (SHA-256 {offered}, wanted {wanted})")

    def _credentials(self, url: httpx.URL) -> dict[str, str]:
        token = os.environ.get("HF_TOKEN", "").strip()
        own = httpx.URL(self.endpoint)
        same_origin = (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)
        private = url.scheme == "https" or url.host in {"localhost", "127.0.0.1", "::1"}
        return {"Authorization": f"Bearer {token}"} if token and same_origin and private else {}

    def _first_contact(self) -> str | None:
        """None when anything at all comes back in time, else the reason. In a thread: name look-ups know no limit."""
        outcome: list[str | None] = []

        def ask() -> None:
            try:
                with httpx.Client(timeout=FIRST_ANSWER_SECONDS) as client:
                    client.head(self.endpoint)
                outcome.append(None)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                outcome.append(_reason(error))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(FIRST_ANSWER_SECONDS)
        return outcome[0] if outcome else f"no answer within {FIRST_ANSWER_SECONDS:.0f} seconds"

    def _require_success(self, response: httpx.Response, what: str) -> None:
        status = response.status_code
        if status in {401, 403}:
            remedy = "HF_TOKEN has no access" if os.environ.get("HF_TOKEN") else "if it exists, it needs HF_TOKEN"
            raise SourceFailed(f"answers {status} for {what} ({remedy})")
        if status == httpx.codes.NOT_FOUND:
            raise SourceFailed(f"has no {what}")
        if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
            raise httpx.RemoteProtocolError(f"answers {status}")
        if not response.is_success:
            raise SourceFailed(f"answers {status} for {what}")

    def _parsed(self, response: httpx.Response, name: str) -> dict[str, Any]:
        self._require_success(response, f"model {name}")
        answer = response.json()
        if not isinstance(answer, dict):
            raise ValueError("not a JSON object")
        return answer

    @cached_property
    def _client(self) -> httpx.Client:
        timeout = httpx.Timeout(_IDLE_SECONDS, connect=10.0)
        # Identity, so that byte ranges and sizes mean the file's own bytes.
        return httpx.Client(timeout=timeout, headers={"User-Agent": "tuningfork", "Accept-Encoding": "identity"})


def _remote_file(sibling: Mapping[str, Any]) -> RemoteFile:
    large = sibling.get("lfs") or {}
    return RemoteFile(str(sibling["rfilename"]), Expected(sibling.get("size"), large.get("sha256")))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
