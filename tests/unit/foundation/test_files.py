"""A reader sees the old file or the new one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tuningfork.errors import CannotWrite
from tuningfork.foundation.files import remove_leftovers, replacing, write_bytes, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "verdict.json"
    write_text(target, "old")
    with pytest.raises(RuntimeError), replacing(target) as half:
        half.write_text("half of the n")
        raise RuntimeError("power cut")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_text_is_utf8_and_line_ends_stay(tmp_path: Path) -> None:
    write_text(tmp_path / "a" / "b.txt", "é\r\nx\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "é\r\nx\n".encode()


def test_bytes_replace_what_was_there(tmp_path: Path) -> None:
    for content in (b"first, longer", b"second"):
        write_bytes(tmp_path / "x", content)
    assert (tmp_path / "x").read_bytes() == b"second"


def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_we_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, flushed = tmp_path / "x", []
    really = os.fsync

    def fsync(handle: int) -> None:
        flushed.append((os.fstat(handle).st_ino, target.exists()))
        really(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_text(target, "content")
    assert flushed == [(target.stat().st_ino, False), (tmp_path.stat().st_ino, True)]


_WRITER = """
import signal, resource, sys
from pathlib import Path
from tuningfork.errors import CannotWrite
from tuningfork.foundation.files import write_bytes
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_bytes(Path(sys.argv[1]), b"x" * 2000)
except CannotWrite as error:
    print(error)
"""


def test_a_full_disk_is_told_by_the_name_that_was_wanted(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    write_text(target, "old")
    told = subprocess.run([sys.executable, "-c", _WRITER, str(target)], check=True, capture_output=True, text=True)
    assert told.stdout.startswith(f"{target} cannot be written: File too large. What was finished is kept")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    write_text(tmp_path / "file", "")
    with pytest.raises(CannotWrite, match=r"file/below/x cannot be written: Not a directory"):
        write_text(tmp_path / "file" / "below" / "x", "")


def test_an_error_of_the_block_that_is_not_about_room_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "x") as half:
        half.write_bytes((tmp_path / "no such file").read_bytes())


def test_leftovers_of_killed_writers_go_and_nothing_else(tmp_path: Path) -> None:
    for name in (".verdict.json.abc.part", "kept.part", ".hidden", "below/.x.safetensors.1.part"):
        write_text(tmp_path / name, "")
    remove_leftovers(tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()) == [
        ".hidden",
        "kept.part",
    ]
