"""A reader sees the old file or the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tuningfork.foundation.files import replacing, write_bytes, write_text


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
