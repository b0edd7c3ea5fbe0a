"""Content hashes: the same content gives the same name, on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path


def hash_of(value: object) -> str:
    """SHA-256 (64 hex digits) of a JSON-able value; key order does not matter."""
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def hash_of_texts(texts: Iterable[str]) -> str:
    """SHA-256 (64 hex digits) of a sequence of texts; order and boundaries matter."""
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little"))
        digest.update(encoded)
    return digest.hexdigest()


def hash_of_bytes(content: bytes) -> str:
    """SHA-256 (64 hex digits) of bytes."""
    return hashlib.sha256(content).hexdigest()


def hash_of_file(path: Path) -> str:
    """SHA-256 (64 hex digits) of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
