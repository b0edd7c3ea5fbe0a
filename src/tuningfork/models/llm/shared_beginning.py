"""What many questions begin with, computed alone and laid under each of them by the local server.

A processor sums the numbers of a prompt in an order that hangs on how many tokens it is handed at once, and a server
hands over whatever differs from the question before. So the same question had other probabilities, in the second or
third decimal, after another question, and after the server was started again: now and then another answer too. Here
the beginning is computed by itself, once for each server process, kept, and put back before every question, so that an
answer hangs on its question alone. See decision record 0099.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from tuningfork.models.llm.chat import Message, Question
from tuningfork.models.llm.connection import Connection

if TYPE_CHECKING:
    import httpx

MOST_KEPT = 4
"""Beginnings kept at once; each is a file of 20 KB to 130 KB a token. One that is needed again after it went is
computed again, to the same bits."""

_PROBES = ("A", "B")
"""Two ways to go on: what both have in common, in tokens, is the beginning."""


class SharedBeginning:
    """Prepares the one slot of a local llama.cpp server that is ours.

    What it sends is no question: it is in no journal, counts as no row and, being asked of this machine, costs nothing
    but its time.

    Args:
        announce: told where a server cannot do it, so that answers may hang on what was asked before.
    """

    def __init__(self, connection: Connection, announce: Callable[[str], None]) -> None:
        self._connection, self._announce = connection, announce
        self._files: dict[tuple[Message, ...], str] = {}
        self._server: str | None = None
        self._able = connection.server is not None

    async def lay(self, http: httpx.AsyncClient, question: Question, body: Mapping[str, Any]) -> None:
        """Put the server's memory to the end of what the question shares with others, whatever it was asked before.

        A server that does not answer is left to the question itself, which waits, tries again or fails in words.

        Args:
            body: the request that the question becomes, for the template that the server puts around it.
        """
        import httpx

        if not (question.shared and self._able):
            return
        self._forget_another_process()
        try:
            if question.shared not in self._files:
                await self._compute(http, question.shared, body)
            await self._slot(http, "restore", self._files[question.shared])
        except httpx.HTTPStatusError as error:
            self._able = False
            self._announce(
                f"{self._connection.name} cannot keep what questions share ({error.response.status_code}); its "
                "probabilities may differ in the third decimal after it was started again"
            )
        except httpx.HTTPError:
            return

    async def lay_whole(self, http: httpx.AsyncClient, question: Question, body: Mapping[str, Any]) -> None:
        """Put the server's memory to the end of a question that it was asked before, by asking it once more.

        For asking on from an answer that came from the journal.
        """
        import httpx

        if not (question.shared and self._able):
            return
        await self.lay(http, question, body)
        try:
            await http.post(f"{self._connection.url}/chat/completions", json=body)
        except httpx.HTTPError:
            return

    def _forget_another_process(self) -> None:
        """A server that was started again has another port, and nothing in its memory."""
        if self._server != self._connection.url:
            self._server = self._connection.url
            self._files.clear()

    async def _compute(self, http: httpx.AsyncClient, shared: tuple[Message, ...], body: Mapping[str, Any]) -> None:
        first, second = [await self._tokens(http, shared, probe, body) for probe in _PROBES]
        tokens = [token for token, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))]
        await self._post(http, "completion", {"prompt": tokens, "n_predict": 0, "cache_prompt": False})
        file = f"beginning-{len(self._files)}"
        if len(self._files) == MOST_KEPT:
            file = self._files.pop(next(iter(self._files)))
        await self._slot(http, "save", file)
        self._files[shared] = file

    async def _tokens(
        self, http: httpx.AsyncClient, shared: tuple[Message, ...], probe: str, body: Mapping[str, Any]
    ) -> list[int]:
        """The prompt that goes on with `probe`, as the model sees it."""
        *before, last = shared
        messages = [*before, replace(last, content=last.content + probe)]
        given = [{"role": message.role, "content": message.content} for message in messages]
        prompt = (await self._post(http, "apply-template", {**body, "messages": given}))["prompt"]
        spoken = {"content": prompt, "add_special": True, "parse_special": True}
        return list((await self._post(http, "tokenize", spoken))["tokens"])

    async def _slot(self, http: httpx.AsyncClient, action: str, file: str) -> None:
        await self._post(http, f"slots/0?action={action}", {"filename": file})

    async def _post(self, http: httpx.AsyncClient, path: str, body: Mapping[str, Any]) -> Any:
        response = await http.post(f"{self._connection.url.removesuffix('/v1')}/{path}", json=body)
        return response.raise_for_status().json()
