"""What llama.cpp's server tells beside the OpenAI-compatible API, without running the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tuningfork.models.llm.chat import Message
from tuningfork.models.llm.connection import Connection


def count_prompt(connection: Connection, messages: Sequence[Message]) -> int | None:
    """Tokens of a prompt in the model's own template; None where the server cannot tell."""
    import httpx

    body = {"messages": [{"role": message.role, "content": message.content} for message in messages]}
    try:
        with httpx.Client(**connection.options()) as http:
            return int(_posted(http, f"{connection.url}/chat/completions/input_tokens", body)["input_tokens"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def tokens_of(connection: Connection, texts: Sequence[str]) -> list[list[str]] | None:
    """Every text as its tokens; a token that is a part of a character only is written with surrogates. None where the
    server cannot tell."""
    import httpx

    address = f"{connection.url.removesuffix('/v1')}/tokenize"
    try:
        with httpx.Client(**connection.options()) as http:
            answers = [_posted(http, address, {"content": text, "with_pieces": True}) for text in texts]
        return [[_piece(token["piece"]) for token in answer["tokens"]] for answer in answers]
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def _posted(http: Any, address: str, body: dict[str, Any]) -> Any:
    return http.post(address, json=body).raise_for_status().json()


def _piece(piece: str | list[int]) -> str:
    return piece if isinstance(piece, str) else bytes(piece).decode("utf-8", "surrogateescape")
