"""Everything tuningfork raises on purpose.

    TuningforkError                    exit 1
    ├── InputError                     exit 2: a wrong invocation or bad input
    │   └── UnknownName                a name that is not in a registry (also LookupError)
    ├── RoleError                      code that chooses was handed evaluation rows (also TypeError)
    ├── ModelUnavailable               weights or a server that cannot be had
    ├── ProviderError                  an LLM server refused for good, or kept failing
    ├── BudgetExceeded                 the next step could pass the user's budget
    ├── ArmFailed                      an arm cannot go on; the study can
    ├── CannotWrite                    a disk is full, a folder read-only, … (also OSError)
    └── LedgerError                    the study folder cannot be read, written or shared

Messages are written for the person at the terminal: what is wrong, where, and what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class TuningforkError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(TuningforkError):
    """Bad input or a wrong invocation.

    Args:
        problem: what is wrong, in one sentence.
        file, row, column: where, as far as known; rows count from 1 below the header.
        remedy: what the person can do about it.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        file: object = None,
        row: int | None = None,
        column: str | None = None,
        remedy: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.column, self.remedy = problem, file, row, column, remedy
        where = [str(file)] if file is not None else []
        where += [f"row {row}"] if row is not None else []
        where += [f"column {column!r}"] if column is not None else []
        message = f"{', '.join(where)}: {problem}" if where else problem
        end = "" if message.endswith("?") else "."
        super().__init__(f"{message}{end} {remedy}" if remedy else message)


class UnknownName(InputError, LookupError):
    """A name that is not known, with the nearest names that are."""

    def __init__(self, kind: str, name: str, *, known: Iterable[str], remedy: str | None = None) -> None:
        self.kind, self.name, self.known = kind, name, tuple(sorted(known))
        near = difflib.get_close_matches(name, self.known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(repr(n) for n in near)}?" if near else f"known: {', '.join(self.known)}"
        super().__init__(f"no {kind} {name!r}; {hint}", remedy=remedy)


class RoleError(TuningforkError, TypeError):
    """Code that chooses was handed rows that may only be scored."""


class ModelUnavailable(TuningforkError):
    """A model's weights, tokenizer or server cannot be had; the message says from where and why."""


class ProviderError(TuningforkError):
    """An LLM server refused a request for good, or failed through all retries."""


class BudgetExceeded(TuningforkError):
    """The next step, at its worst case, could pass the budget; nothing was spent on it."""


class ArmFailed(TuningforkError):
    """This arm cannot go on (the reason is shown in the report); other arms can."""


class CannotWrite(TuningforkError, OSError):
    """A file cannot be written; what was there before is as it was.

    Args:
        path: the file.
        reason: what the system says.
    """

    def __init__(self, path: object, reason: OSError) -> None:
        super().__init__(
            f"{path} cannot be written: {reason.strerror or reason}. What was finished is kept: make room or rights "
            "there, then run the same command again."
        )


class LedgerError(TuningforkError):
    """The study's ledger cannot be read, written or shared."""
