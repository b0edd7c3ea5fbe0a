"""The stamp of a file: another one whenever what stands in it may be another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tuningfork.errors import InputError
from tuningfork.task.readers.text_file import stamp_of


def test_an_untouched_file_keeps_its_stamp(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("id,prediction\n1,a\n")
    before = stamp_of(path)
    path.read_text()
    assert stamp_of(path) == before


def test_a_file_put_in_its_place_is_told_by_any_of_three(tmp_path: Path) -> None:
    path, other = tmp_path / "answers.csv", tmp_path / "other.csv"
    path.write_text("id,prediction\n1,a\n")
    before, times = stamp_of(path), (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    other.write_text("id,prediction\n1,b\n")
    os.utime(other, ns=times)
    other.replace(path)
    assert stamp_of(path) != before, "as long, as old, and another file"
    before = stamp_of(path)
    path.write_text("id,prediction\n1,long\n")
    os.utime(path, ns=times)
    assert stamp_of(path) != before, "the same file, as old, and longer"
    before = stamp_of(path)
    os.utime(path, ns=(times[0], times[1] + 1))
    assert stamp_of(path) != before, "the same file, as long, and younger"


def test_what_is_no_file_has_no_stamp(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        stamp_of(tmp_path / "missing.csv")
    with pytest.raises(InputError, match="is a folder"):
        stamp_of(tmp_path)
