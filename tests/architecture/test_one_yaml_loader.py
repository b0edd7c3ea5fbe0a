"""YAML is read at one place, so that a key that stands twice is told in every file."""

from __future__ import annotations

import re
from pathlib import Path

import tuningfork

ROOM = Path(tuningfork.__file__).parent
READS = re.compile(r"\byaml\.(\w*load\w*|\w*Loader|compose\w*|parse|scan)\b|from yaml import")


def test_only_the_strict_loader_reads_yaml() -> None:
    readers = [path for path in ROOM.rglob("*.py") if READS.search(path.read_text(encoding="utf-8"))]
    assert readers == [ROOM / "foundation" / "strict_yaml.py"]
