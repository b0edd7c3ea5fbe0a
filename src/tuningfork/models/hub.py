"""The Hugging Face Hub as a source of files: short patience, resumed transfers, a token for its own host only.

Requests go through `huggingface_hub`, so that its errors, proxies and the user's own cache of models are those that
other tools know; how long they may take, and who is sent a token, is decided here.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import httpx

from tuningfork.foundation.files import is_no_room, replacing
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.models.downloads import (
    Announce,
    Counted,
    Expected,
    Progress,
    SourceFailed,
    SourceRefused,
    adopt,
    partial_path,
)

FIRST_ANSWER_SECONDS = 3.0
"""A Hub that has not answered by then is passed over for the rest of the process."""

PUBLIC_HUB = "https://huggingface.co"

_LISTING_SECONDS = 10.0
_NO_SUCH_RANGE = 416

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

    `HF_HUB_OFFLINE` is obeyed. The token (`HF_TOKEN`; for the public Hub also the one that `hf auth login` has kept) is
    sent to the endpoint itself, over https or to this machine, and to nobody that the endpoint redirects to. Nothing is
    told of this machine but the name of this program.
    """

    def __init__(self, announce: Announce) -> None:
        self.endpoint = (os.environ.get("HF_ENDPOINT") or PUBLIC_HUB).rstrip("/")
        self._announce = announce
        self._listed: dict[tuple[str, str], Repository] = {}

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
            raise SourceFailed("was not asked, because HF_HUB_OFFLINE is set")
        with _reachability_lock:
            if self.endpoint not in _reachability:
                reason = self._first_contact()
                _reachability[self.endpoint] = reason
                if reason is not None:
                    self._announce(f"The Hugging Face Hub ({self.host}) is passed over: it {reason}.")
        if (known := _reachability[self.endpoint]) is not None:
            raise SourceFailed(known)

    def repository(self, name: str, revision: str = "main") -> Repository:
        """What `OWNER/NAME` holds.

        Raises:
            SourceRefused: it has no such repository or revision, or not for this token; the remedy is in it.
            SourceFailed: the Hub does not answer.
        """
        self.require()
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self.endpoint, token=self._token() or False, headers={"user-agent": "tuningfork"})
        try:
            with self._answered(None, name, revision):
                found = api.model_info(name, revision=revision, files_metadata=True, timeout=_LISTING_SECONDS)
        except _BrokeOff as broken:
            raise SourceFailed(f"gave no usable list of files for {name} ({broken})") from broken
        files = [
            RemoteFile(file.rfilename, Expected(file.size, file.lfs.sha256 if file.lfs is not None else None))
            for file in found.siblings or ()
        ]
        return Repository(name, str(found.sha or revision), tuple(files))

    def refuse_other_file(self, repository: str, revision: str, path: str, sha256: str) -> None:
        """Compare the sum that the Hub tells of a file with the one that is wanted, before anything is transferred.
        Where it tells none, the file itself will be compared.

        Raises:
            SourceFailed: it offers another file.
        """
        if (repository, revision) not in self._listed:
            try:
                self._listed[repository, revision] = self.repository(repository, revision)
            except SourceFailed:
                self._listed[repository, revision] = Repository(repository, revision, ())
        files = self._listed[repository, revision].files
        offered = next((file.expected.sha256 for file in files if file.path == path), None)
        if offered not in (None, sha256):
            raise SourceFailed(f"offers another file (SHA-256 {offered}, wanted {sha256})")

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
        """Fetch one file to `target`, going on where an earlier transfer stopped; returns its SHA-256. A file that the
        user's own Hugging Face cache has of this commit is copied from there.

        Raises:
            SourceRefused: no such file, or not for this token.
            SourceFailed: no answer, another file than expected, or a transfer that failed through all retries.
        """
        self.require()
        from tuningfork.models.users_cache import cached_file

        if (cached := cached_file(repository, revision, path, expected)) is not None:
            with replacing(target) as copy:
                shutil.copyfile(cached, copy)
            return hash_of_file(target)
        partial = partial_path(target)
        left_behind = _size(partial) > 0
        self._transfer_patiently(repository, revision, path, partial, expected, progress)
        try:
            return adopt(partial, target, expected)
        except SourceFailed:
            if not left_behind:
                raise
        # What an earlier process left may have been the beginning of another file: once more, from the start.
        self._transfer_patiently(repository, revision, path, partial, expected, progress)
        return adopt(partial, target, expected)

    def _transfer_patiently(
        self, repository: str, revision: str, path: str, partial: Path, expected: Expected, progress: Progress | None
    ) -> None:
        """Transfer, going on after a break for as long as anything new arrives between two breaks."""
        while True:
            before = _size(partial)
            if expected.bytes is not None and before >= expected.bytes:
                return partial.touch()  # a file may be empty
            try:
                with self._answered(path, repository, revision):
                    return self._transfer(repository, revision, path, partial, expected, progress)
            except _OtherBeginning:
                partial.unlink()
            except _BrokeOff as broken:
                if _size(partial) <= before:
                    raise SourceFailed(f"the transfer of {path} broke off ({broken})") from broken

    def _transfer(
        self, repository: str, revision: str, path: str, partial: Path, expected: Expected, progress: Progress | None
    ) -> None:
        """One transfer, resumed. Redirects are followed by the HTTP client, which hands the token to nobody else; what
        `hf_hub_download` adds (a token for other hosts of the Hub, a transfer that starts anew) is not wanted here."""
        from huggingface_hub import hf_hub_url
        from huggingface_hub.file_download import http_get

        have, token = _size(partial), self._token()
        headers = {"user-agent": "tuningfork", "Accept-Encoding": "identity"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        name, size = partial.name[1:-5], expected.bytes or 0

        def told(done: int) -> None:
            if progress is not None:
                progress(name, done, size)

        with partial.open("r+b" if have else "wb") as file:
            file.seek(have)
            http_get(
                hf_hub_url(repository, path, revision=revision, endpoint=self.endpoint),
                cast(BinaryIO, Counted(file, told)),
                resume_size=have,
                headers=headers,
                displayed_filename=path,
            )

    @contextmanager
    def _answered(self, file: str | None, repository: str, revision: str) -> Iterator[None]:
        """Say in our own words what the Hub, or the way to it, had against a request for a file, or for the list."""
        from huggingface_hub.errors import (
            GatedRepoError,
            HfHubHTTPError,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )

        with self._library_speaks_here():
            try:
                yield
            except GatedRepoError as error:
                raise self._gated(repository) from error
            except RevisionNotFoundError as error:
                raise SourceRefused(
                    f"has no revision {revision!r} of {repository}",
                    remedy="Name a branch, tag or commit that it has, or leave @REVISION away",
                ) from error
            except RepositoryNotFoundError as error:
                raise self._no_such_model(repository) from error
            except HfHubHTTPError as error:
                raise self._refused(error.response.status_code, file, repository) from error
            except Exception as error:  # whichever HTTP library the installed version uses
                if isinstance(error, PermissionError) or (isinstance(error, OSError) and is_no_room(error)):
                    raise
                raise _BrokeOff(_reason(error)) from error

    def _gated(self, repository: str) -> SourceRefused:
        account = "the account of your token" if self._token() else "an account of yours"
        return SourceRefused(
            f"keeps {repository} behind terms that have to be accepted first",
            remedy=f"Accept them at {self.endpoint}/{repository} with {account}, then set HF_TOKEN to a token of it",
        )

    def _no_such_model(self, repository: str) -> SourceRefused:
        """The Hub does not tell a private repository from none."""
        seen = "HF_TOKEN has no access to it" if self._token() else "if it is private, it needs HF_TOKEN"
        return SourceRefused(f"has no model {repository} ({seen})", remedy="")

    def _refused(self, status: int, file: str | None, repository: str) -> SourceFailed:
        what = f"{file} of {repository}" if file is not None else repository
        if status in {401, 403}:
            seen = "HF_TOKEN has no access" if self._token() else "if it exists, it needs HF_TOKEN"
            remedy = "Set HF_TOKEN to a token that may read it"
            return SourceRefused(f"answers {status} for {what} ({seen})", remedy=remedy)
        if status == httpx.codes.NOT_FOUND:
            return SourceRefused(f"has no {what}", remedy="") if file is not None else self._no_such_model(repository)
        if status == _NO_SUCH_RANGE:
            return _OtherBeginning(f"has another {what} than the one whose beginning is here")
        return SourceFailed(f"answers {status} for {what}")

    @contextmanager
    def _library_speaks_here(self) -> Iterator[None]:
        """The terminal belongs to the study's progress: no bar of the library's, and what it says of waiting is
        announced. Nor does it look for programs that may have called this one, for which it asks the Hub for a list of
        them, nor tell of them."""
        from huggingface_hub import constants
        from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

        group = "huggingface_hub.http_get"
        log, shown = logging.getLogger("huggingface_hub"), not are_progress_bars_disabled(group)
        handlers, telemetry = log.handlers, constants.HF_HUB_DISABLE_TELEMETRY
        log.handlers, constants.HF_HUB_DISABLE_TELEMETRY = [_Listener(self._announce)], True
        if shown:
            disable_progress_bars(group)
        try:
            yield
        finally:
            log.handlers, constants.HF_HUB_DISABLE_TELEMETRY = handlers, telemetry
            if shown:
                enable_progress_bars(group)

    def _token(self) -> str:
        """The token that this endpoint may be sent; empty where there is none."""
        address = urlsplit(self.endpoint)
        if address.scheme != "https" and address.hostname not in {"localhost", "127.0.0.1", "::1"}:
            return ""
        token = os.environ.get("HF_TOKEN", "").strip()
        if token or self.endpoint != PUBLIC_HUB:
            return token
        from huggingface_hub import get_token

        return get_token() or ""

    def _first_contact(self) -> str | None:
        """None when anything at all comes back in time, else the reason. In a thread: name look-ups know no limit."""
        outcome: list[str | None] = []

        def ask() -> None:
            try:
                with httpx.Client(timeout=FIRST_ANSWER_SECONDS) as client:
                    client.head(self.endpoint)
                outcome.append(None)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                outcome.append(f"cannot be reached ({_reason(error)})")

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(FIRST_ANSWER_SECONDS)
        return outcome[0] if outcome else f"gave no answer within {FIRST_ANSWER_SECONDS:.0f} seconds"


class _BrokeOff(SourceFailed):
    """No answer, or one that broke off; what has arrived so far may be gone on from."""


class _OtherBeginning(SourceFailed):
    """What an earlier process left is no beginning of the file."""


class _Listener(logging.Handler):
    """Announces the library's warnings."""

    def __init__(self, announce: Announce) -> None:
        super().__init__(logging.WARNING)
        self._announce = announce

    def emit(self, record: logging.LogRecord) -> None:
        """Its first line; the rest is advice to programmers."""
        self._announce(f"The Hugging Face Hub: {record.getMessage().splitlines()[0]}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
