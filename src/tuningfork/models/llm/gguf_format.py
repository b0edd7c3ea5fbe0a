"""Which format of a model's file is fastest on this machine without a loss of score.

llama.cpp has fast kernels for some formats only, and which ones depends on the processor. A file whose weights are in
another format is rewritten once as Q8_0 and both are tried; the faster stays, unless it answers differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import disk_usage
from time import monotonic

from tuningfork.errors import TuningforkError
from tuningfork.foundation.files import write_text
from tuningfork.foundation.hashing import hash_of_file
from tuningfork.models.llm.format_trial import Likeness, compare, expectations, tokens_per_second
from tuningfork.models.llm.gguf_header import read_header
from tuningfork.models.llm.gguf_metadata import format_of, parameters_of, parts_of, trained_context
from tuningfork.models.llm.gguf_rewrite import rewrite_as_q8_0, rewritten_bytes, slow_share
from tuningfork.models.llm.machine import machine_key

__all__ = ["FormatChoice", "fastest_format", "format_of", "parameters_of", "trained_context"]

FASTER = "q8_0"
WORTH_A_TRIAL = 0.2
"""Share of the weights in slow formats from which rewriting could be felt."""

LEAST_GAIN = 1.05
LEAST_SAME_FIRST = 0.95
MOST_DIVERGENCE = 0.02
"""In nats. Seen with SmolLM2-135M as shipped in Q4_1: 0.005 for Q8_0, 0.23 for Q4_0, with another first choice at
44 % of the places."""

TRIAL_CONTEXT = 1024
READINGS = (2, 5)
"""Each format reads the text at least and at most so often, in turns; the best counts, for other programs only slow."""

SECONDS_FOR_READINGS = 5.0


@dataclass(frozen=True, slots=True)
class FormatChoice:
    """The file to run.

    Attributes:
        path: of the file, the given one or its rewritten form.
        format: of that file, as `format_of` says.
        measured: tokens a second of reading a prompt, by format; empty when there was nothing to try.
        reason: why this one, in a sentence.
    """

    path: Path
    format: str
    measured: Mapping[str, float]
    reason: str


def fastest_format(gguf: Path, cache: Path, *, announce: Callable[[str], None] | None = None) -> FormatChoice:
    """The fastest form of a model's file on this machine; rewritten, tried and remembered at the first call.

    Args:
        gguf: the model's file; it is never changed.
        cache: folder in which rewritten files and decisions are kept, in a folder `formats`.
        announce: told before the minute or so that a first trial takes, and what came of it.

    Where a trial is not possible (disk, memory), the file stays as it is, and that is announced.

    Raises:
        InputError: no readable GGUF file.
    """
    tell = announce or (lambda _: None)
    current = format_of(gguf)
    if slow_share(read_header(gguf)) < WORTH_A_TRIAL:
        return FormatChoice(gguf, current, {}, f"{current} has fast kernels, or is full precision")
    if len(parts_of(gguf)) > 1:
        return FormatChoice(gguf, current, {}, "a file in several parts is not rewritten")
    source = hash_of_file(gguf)
    rewritten = cache / "formats" / f"{gguf.stem}-{source[:12]}.{FASTER}.gguf"
    decision = cache / "formats" / f"{source[:12]}-{machine_key()}.json"
    try:
        verdict = _remembered(decision)
        if verdict is None:
            tell(f"{gguf.name}: trying whether {FASTER} is faster than {current} on this machine (once)")
            _rewrite(gguf, rewritten)
            verdict = _try(gguf, rewritten, current)
            write_text(decision, json.dumps(asdict(verdict), indent=1))
            if not verdict.rewrite:
                rewritten.unlink(missing_ok=True)
            tell(f"{gguf.name}: {verdict.reason}")
        return _follow(verdict, gguf, rewritten, current)
    except (OSError, TuningforkError) as error:
        tell(f"{gguf.name} runs as it is ({current}), for its fastest format could not be found out: {error}")
        return FormatChoice(gguf, current, {}, f"not tried: {error}")


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is remembered of a trial."""

    rewrite: bool
    measured: Mapping[str, float]
    reason: str


def _remembered(decision: Path) -> _Verdict | None:
    """An unreadable decision is as good as none: the trial is made again."""
    with suppress(FileNotFoundError, ValueError, TypeError):
        return _Verdict(**json.loads(decision.read_text(encoding="utf-8")))
    return None


def _follow(verdict: _Verdict, gguf: Path, rewritten: Path, current: str) -> FormatChoice:
    if not verdict.rewrite:
        return FormatChoice(gguf, current, verdict.measured, verdict.reason)
    _rewrite(gguf, rewritten)
    return FormatChoice(rewritten, FASTER, verdict.measured, verdict.reason)


def _rewrite(gguf: Path, rewritten: Path) -> None:
    """Nothing if it is there: it was written as a whole."""
    if rewritten.is_file():
        return
    rewritten.parent.mkdir(parents=True, exist_ok=True)
    needed, free = rewritten_bytes(read_header(gguf)), disk_usage(rewritten.parent).free
    if needed > free:
        raise OSError(f"{rewritten.parent} has {free >> 20} MiB free, {needed >> 20} are needed")
    rewrite_as_q8_0(gguf, rewritten)


def _try(gguf: Path, rewritten: Path, current: str) -> _Verdict:
    from tuningfork.models.llm.local_server import LocalServer

    with ExitStack() as stack:
        old, new = (
            stack.enter_context(LocalServer(path, name=gguf.stem, context_tokens=TRIAL_CONTEXT))
            for path in (gguf, rewritten)
        )
        likeness = compare(expectations(old), expectations(new))
        speeds: dict[str, float] = {current: 0.0, FASTER: 0.0}
        start, (fewest, most) = monotonic(), READINGS
        for reading in range(most):
            if reading >= fewest and monotonic() - start > SECONDS_FOR_READINGS:
                break
            for name, server in ((current, old), (FASTER, new)):
                speeds[name] = max(speeds[name], tokens_per_second(server))
    return _judge(current, {name: round(speed, 1) for name, speed in speeds.items()}, likeness)


def _judge(current: str, measured: Mapping[str, float], likeness: Likeness) -> _Verdict:
    old, new = measured[current], measured[FASTER]
    speeds = f"{new:.0f} tokens a second against {old:.0f} as {current}"
    alike = f"same first choice at {likeness.same_first:.0%} of the places, divergence {likeness.divergence:.4f}"
    if likeness.same_first < LEAST_SAME_FIRST or likeness.divergence > MOST_DIVERGENCE:
        return _Verdict(False, measured, f"{FASTER} answers differently ({alike}); {current} stays")
    if new < LEAST_GAIN * old:
        return _Verdict(False, measured, f"{FASTER} is not faster here ({speeds}); {current} stays")
    return _Verdict(True, measured, f"{FASTER} reads {speeds} ({alike})")
