"""Errors about one row: its prompt does not fit, or the server does not take what is in it."""

from __future__ import annotations

import re

_WHAT = r"(?:prompt|input|request|message|sequence|text|content|query)s?"
_TOO_LONG = re.compile(
    "|".join(
        (
            r"context_length_exceeded|exceed_context_size|string_above_max_length|n_ctx|num_ctx|kv cache is full",
            r"context[ _-]?(?:length|size|window|limit)|token limit",
            rf"{_WHAT}\b[^.\n]{{0,80}}?\b(?:exceeds?|longer than|too (?:long|large))",
            r"too many (?:input |prompt |total )?tokens",
            r"token(?:s| count)?\b[^.\n]{0,60}?\bexceeds?|exceeds?\b[^.\n]{0,60}?\btokens?\b",
            r"max(?:imum)?[ _](?:model[ _]len|input|sequence|prompt|number of (?:input )?tokens)",
            r"(?:prompt|input)[ _]?(?:tokens|length)[^.\n]{0,40}?(?:must be|<|>)|`inputs` (?:tokens|must have)",
            r"max_(?:completion_)?tokens must be at least 1, got -",
            r"payload too large|(?:content|entity|body) too large",
            r"reduce (?:the|your) (?:length|prompt|message)",
        )
    ),
    re.IGNORECASE,
)
_OF_TOKENS = r"(?<!by )(?P<tokens>\d{1,3}(?:[,_]\d{3})+|\d+)"
_ALLOWED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:context|maximum|max)[ _-]?(?:model[ _-]?)?(?:context[ _-]?)?(?:length|len|size|window|limit)"
        rf"(?: allowed)?(?: (?:is|of|for this model is)| \(|:|=| =)? ?{_OF_TOKENS}",
        rf"context (?:length|size|window)[^.\d]{{0,24}}\(?{_OF_TOKENS} tokens",
        rf"(?:<=|at most|up to|no more than|less than|(?:can|must )not exceed|limit(?: is| of|:)?|n(?:um)?_ctx[ =:]+)"
        rf" ?\(?{_OF_TOKENS}",
        rf"(?:>|exceeds?|longer than|greater than)[^.\d]{{0,60}}\(?{_OF_TOKENS}(?!\S*[^\s).,]*%)",
        rf"model with {_OF_TOKENS} maximum",
        rf"maximum(?: number)?(?: of)?(?: input)?(?: tokens)?(?: allowed)? \(?{_OF_TOKENS}",
    )
)
_UNKNOWN_MODEL = re.compile(
    r"model\b.{0,60}\b(?:not (?:found|exist|available|supported|loaded)|does(?: not|n[’']t) exist|unknown|invalid)"
    r"|(?:unknown|invalid|no such|unsupported) model|no model",
    re.IGNORECASE | re.DOTALL,
)
FEWEST_TOKENS = 64
"""A context window of fewer tokens was misread."""


def is_too_long(said: str) -> bool:
    """Whether an error says that the prompt does not fit, in any of the wordings of servers."""
    return _TOO_LONG.search(said) is not None


def tokens_allowed(said: str) -> int | None:
    """How many tokens an error says that the server takes, prompt and answer together; None where it does not say."""
    for pattern in _ALLOWED:
        for found in pattern.finditer(said):
            tokens = int(re.sub(r"[,_]", "", found["tokens"]))
            if tokens >= FEWEST_TOKENS:
                return tokens
    return None


def is_about_model(said: str) -> bool:
    """Whether an error is about the model asked for, and so about every row."""
    return _UNKNOWN_MODEL.search(said) is not None
