"""The Hugging Face cache of this machine: what other tools have fetched from the Hub, read and never written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tuningfork.foundation.files import replacing
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.models.downloads import Expected
from tuningfork.models.hub import RemoteFile, Repository


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository as far as the cache holds it, at one commit."""

    repository: Repository
    folder: Path


def users_cache() -> Path:
    """`HF_HUB_CACHE`, `HF_HOME`/hub, or the usual place."""
    if given := os.environ.get("HF_HUB_CACHE"):
        return Path(given).expanduser()
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    from huggingface_hub.constants import HF_HUB_CACHE

    return Path(HF_HUB_CACHE)


def cached_file(repository: str, commit: str, path: str, expected: Expected) -> Path | None:
    """One file of a commit, if it is there and what it has to be."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, path, cache_dir=users_cache(), revision=commit)
    if not isinstance(found, str):
        return None
    fits = expected.bytes in (None, Path(found).stat().st_size)
    return Path(found) if fits and expected.sha256 in (None, hash_of_file(Path(found))) else None


def snapshot(repository: str, revision: str) -> Snapshot | None:
    """What the cache holds of a branch, tag or commit, as it was when it was fetched; no request is made."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(repository, revision=revision, cache_dir=users_cache(), local_files_only=True))
    except (LocalEntryNotFoundError, OSError, ValueError):
        return None
    files = [
        RemoteFile(path.relative_to(folder).as_posix(), Expected(path.stat().st_size))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return Snapshot(Repository(repository, folder.name, tuple(files)), folder)


def copied(found: Snapshot, paths: Sequence[str], folder: Path) -> None:
    """Copy files of a snapshot, bytes and not links: the other cache may be emptied at any time."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder / path) as copy:
            shutil.copyfile(found.folder / path, copy)
