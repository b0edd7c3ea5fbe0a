"""The starter tokenizer that this machine has: for counting tokens, and for knowing common words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tuningfork.models.store import ModelStore

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_STARTERS = (("minilm-int8", "MiniLM", ""), ("minilm", "MiniLM", ""), ("wordllama", "WordLlama", "\u2581"))
"""Starter, whose tokenizer it is, and what begins a token that begins a word; best first."""


@dataclass(frozen=True)
class Vocabulary:
    """A starter's tokenizer, neither padding nor cutting.

    Attributes:
        name: 'MiniLM' or 'WordLlama'.
        tokenizer: the tokenizer.
        word_mark: what begins a token that begins a word.
    """

    name: str
    tokenizer: Tokenizer
    word_mark: str

    @cached_property
    def words(self) -> frozenset[str]:
        """Words that are one token: common ones, most of them English."""
        mark = self.word_mark
        return frozenset(token.removeprefix(mark) for token in self.tokenizer.get_vocab() if token.startswith(mark))


def vocabulary_there(store: ModelStore) -> Vocabulary | None:
    """The best one that is in the store; nothing is fetched. None where there is none."""
    for starter, name, mark in _STARTERS:
        if store.is_present(starter):
            return _vocabulary(store.locate(starter) / "tokenizer.json", name, mark)
    return None


@cache
def _vocabulary(file: Path, name: str, word_mark: str) -> Vocabulary:
    """Read once a process: a starter's files never change."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Vocabulary(name, tokenizer, word_mark)
