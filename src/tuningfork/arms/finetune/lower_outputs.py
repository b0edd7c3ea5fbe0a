"""What the frozen layers make of each text: computed once, for all trials, counts and seeds, and for prediction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tuningfork.arms._trained import Text
from tuningfork.arms.finetune.body import Body
from tuningfork.arms.finetune.encoded import Encoded, even_batches

_HALF_LIMIT = 6e4


def _name_of(encoded: Encoded, row: int) -> bytes:
    """What a text's states are kept under: its tokens, and of a pair which part each is of."""
    ids = encoded.tokens[row].tobytes()
    return ids if encoded.parts is None else ids + encoded.parts[row].tobytes()


class _Speed:
    """Seconds a token, over all that was computed."""

    def __init__(self) -> None:
        self._seconds, self._tokens = 0.0, 0

    def note(self, seconds: float, tokens: int) -> None:
        if tokens:
            self._seconds += seconds
            self._tokens += tokens

    def seconds_of(self, tokens: int) -> float:
        return self._seconds / self._tokens * tokens if tokens else 0.0


class LowerOutputs:
    """A bounded memory of lower-layer outputs of one body, in half precision.

    Half precision is what is handed on even when nothing is kept, so that a full memory changes no result.

    Args:
        most_bytes: when that much is kept, further texts are computed each time they are asked for.
    """

    def __init__(self, body: Body, *, most_bytes: int = 1 << 30) -> None:
        self.body, self._most_bytes = body, most_bytes
        self._kept: dict[tuple[int, bytes], Any] = {}
        self._bytes = 0
        self._speeds: dict[int, _Speed] = {}

    def encode(
        self,
        texts: Sequence[Text],
        *,
        cut: int | None,
        max_tokens: int,
        owe: Callable[[float], None] = lambda _seconds: None,
    ) -> Encoded:
        """Tokens of the texts, with the states that layer `cut` is given (none when `cut` is None).

        Args:
            owe: told what the states that were remembered, and those of a text that stands here twice, would have
                taken at the measured speed of these layers.
        """
        given = self.body.tokenise(texts, max_tokens)
        if cut is None:
            return given
        keys = [(cut, _name_of(given, row)) for row in range(len(given))]
        states = {key: self._kept[key] for key in keys if key in self._kept}
        missing = {key: row for row, key in enumerate(keys) if key not in states}
        fresh, names = given.take(list(missing.values())), list(missing)
        speed = self._speeds.setdefault(cut, _Speed())
        began = time.perf_counter()
        for batch in even_batches(fresh, self.body.device):
            outputs = self.body.lower(batch, cut).cpu()
            for place, row in enumerate(batch.rows):
                states[names[row]] = self._keep(names[row], outputs[place, : len(fresh.tokens[row])])
        computed = sum(map(len, fresh.tokens))
        speed.note(time.perf_counter() - began, computed)
        owe(speed.seconds_of(sum(map(len, given.tokens)) - computed))
        return replace(given, states=[states[key] for key in keys])

    def _keep(self, key: tuple[int, bytes], output: Any) -> Any:
        # A few models have outliers that half precision cannot hold.
        output = output.half() if output.abs().max() < _HALF_LIMIT else output.clone()
        size = output.element_size() * output.numel()
        if self._bytes + size <= self._most_bytes:
            self._kept[key] = output
            self._bytes += size
        return output
