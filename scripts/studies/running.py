"""Running one study to its end, over as many sittings as it takes, and keeping how it was made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from studies.listing import StudyCase
from studies.rows import digests, lay_out
from tuningfork.foundation.files import write_text
from tuningfork.study.environment import environment

COMMAND = str(Path(sys.executable).with_name("tuningfork"))
ROWS, STUDY, SCREEN, MADE = "rows", "study", "screen.txt", "made.json"
_STOPPED = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One run of the command: when it began and ended (UTC), and its exit code."""

    began: str
    ended: str
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """How a study was made.

    Attributes:
        command: what was typed in the folder of the rows, in parts.
        rows: SHA-256 of every file of rows, by its name.
        machine: what it ran on, and versions, in pairs.
        revision: of this project, '' where it is not known.
        sittings: the runs that it took; the last one ended with a verdict where `finished`.
    """

    command: tuple[str, ...]
    rows: dict[str, str]
    machine: tuple[tuple[str, str], ...]
    revision: str
    sittings: tuple[Sitting, ...] = field(default=())
    finished: bool = False


def run(case: StudyCase, trained: Sequence[str], *, data: Path, folder: Path, minutes: float | None = None) -> Made:
    """Run a study, or what is left of it; one that has finished is run again only where its command has changed, which
    adds what is new in it (more minutes, another arm) to what there is.

    Args:
        trained: arms of the trained side.
        data: the folder of public data sets.
        folder: of this study, outside the documentation.
        minutes: another budget than the study's own.

    Raises:
        KeyboardInterrupt: it was stopped; the same call goes on with it.
    """
    earlier = made_in(folder)
    told = lay_out(case, data, folder / ROWS)
    command = ["run", *told, "--yes", "--budget-minutes", f"{minutes or case.minutes:g}"]
    command += [part for arm in case.arms(trained) for part in ("--arm", arm)]
    if earlier is not None and earlier.finished and earlier.command == tuple(command):
        return earlier
    made = Made(
        command=tuple(command),
        rows=digests(folder / ROWS),
        machine=environment(),
        revision=_revision(),
        sittings=() if earlier is None else earlier.sittings,
    )
    sitting = _sit(command, folder)
    made = replace(made, sittings=(*made.sittings, sitting), finished=sitting.code == 0)
    write_text(folder / MADE, json.dumps(asdict(made), indent=1, ensure_ascii=False) + "\n")
    if sitting.code == _STOPPED:
        raise KeyboardInterrupt
    return made


def made_in(folder: Path) -> Made | None:
    """How the study in a folder was made; None where none was begun."""
    if not (folder / MADE).is_file():
        return None
    told: dict[str, Any] = json.loads((folder / MADE).read_text(encoding="utf-8"))
    return Made(
        command=tuple(told["command"]),
        rows=told["rows"],
        machine=tuple((name, value) for name, value in told["machine"]),
        revision=told["revision"],
        sittings=tuple(Sitting(**sitting) for sitting in told["sittings"]),
        finished=told["finished"],
    )


def _sit(command: Sequence[str], folder: Path) -> Sitting:
    """Run the command once: its screen is kept and shown, its progress goes where this program's goes."""
    began = _now()
    # A shell has what it starts in the background ignore interrupts, and with it all that is started from there.
    before = {number: signal.signal(number, _interrupted) for number in (signal.SIGTERM, signal.SIGINT)}
    with (
        (folder / SCREEN).open("w", encoding="utf-8") as screen,
        subprocess.Popen(
            [COMMAND, *command, "--out", os.path.join("..", STUDY)],  # noqa: PTH118 (a path as it is typed)
            cwd=folder / ROWS,
            stdin=subprocess.DEVNULL,
            stdout=screen,
        ) as process,
    ):
        try:
            code = process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            process.wait()
            code = _STOPPED
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    print((folder / SCREEN).read_text(encoding="utf-8"))
    return Sitting(began=began, ended=_now(), code=_STOPPED if code == -signal.SIGINT else code)


def _interrupted(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _revision() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()
