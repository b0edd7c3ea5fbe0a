"""Asking one state of the code the cases: every case in a folder and a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sameness.cases import Case, lay_out
from sameness.replies import ReplayServer
from tuningfork.errors import TuningforkError
from tuningfork.models.store import default_cache

SHOWN_SERVER, SHOWN_FOLDER = "replies", "FOLDER"
"""What stands in a measurement where the server's host and the folder of the rows were."""
_MOST_SECONDS = 1800.0
_SIDE_BY_SIDE = 2
_ENVIRONMENT = {
    **{f"{library}_NUM_THREADS": "1" for library in ("OPENBLAS", "MKL", "OMP")},
    **{"OMP_WAIT_POLICY": "PASSIVE", "NO_COLOR": "1", "HF_HUB_OFFLINE": "1", "TUNINGFORK_MIRROR": "0"},
}
"""One thread a library, so that sums are added up in one order."""


class NotMeasured(TuningforkError):
    """A state of the code gave no answer to a case; the message says why."""


def measure_all(tree: Path, cases: Sequence[Case], folder: Path, server: ReplayServer) -> dict[str, Any]:
    """What a state of the code finds, by the name of the case.

    Args:
        tree: a checkout.
        folder: where to work; made if need be.

    Raises:
        NotMeasured: see there.
    """
    if not (tree / "scripts" / "sameness" / "measuring.py").is_file():
        raise NotMeasured(
            f"{tree} has no scripts/sameness/measuring.py: nothing says how its ledger is read. Name a commit that has "
            "it; the first one is that of docs/decisions/0152-parity-of-two-commits.md."
        )
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        found = list(pool.map(lambda case: measure(tree, case, folder / case.name, server), cases))
    return {case.name: measured for case, measured in zip(cases, found, strict=True)}


def measure(tree: Path, case: Case, folder: Path, server: ReplayServer) -> Any:
    """One case; see `measure_all`."""
    rows, out = folder / "rows", folder / "measured.json"
    rows.mkdir(parents=True)
    lay_out(rows)
    command = [sys.executable, "-m", "sameness.measuring", str(rows), str(out), *case.command(server.url)]
    with (folder / "screen.txt").open("w+", encoding="utf-8") as screen:
        process = subprocess.Popen(
            command, env=_environment(tree, folder), stdin=subprocess.DEVNULL, stdout=screen, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, case, server)
        finally:
            process.kill()
            process.wait()
        if process.returncode or not out.is_file():
            screen.seek(0)
            raise NotMeasured(f"{case.name} ended with {process.returncode} in {tree}:\n{screen.read()[-3000:]}")
    text = out.read_text(encoding="utf-8")
    return json.loads(text.replace(server.host, SHOWN_SERVER).replace(str(rows), SHOWN_FOLDER))


def _wait(process: subprocess.Popen[bytes], case: Case, server: ReplayServer) -> None:
    """Until it has ended. A request without a reply ends it at once: the study would ask again for minutes."""
    deadline = time.monotonic() + _MOST_SECONDS
    while process.poll() is None:
        if server.lacking:
            raise NotMeasured(
                f"{case.name}: the journal has no reply to {server.lacking[0]}. A prompt is not what it was. If that "
                "is meant, record the replies with --record."
            )
        if time.monotonic() > deadline:
            raise NotMeasured(f"{case.name} took more than {_MOST_SECONDS:.0f} seconds")
        time.sleep(0.05)


def _environment(tree: Path, folder: Path) -> Mapping[str, str]:
    """With the tree's own code, and a cache with the user's models but nobody's measured speeds."""
    user, cache = default_cache(), folder / "cache"
    cache.mkdir()
    (cache / "models").symlink_to(user / "models")
    path = os.pathsep.join((str(tree / "src"), str(tree / "scripts")))
    return {**os.environ, **_ENVIRONMENT, "PYTHONPATH": path, "TUNINGFORK_CACHE": str(cache)}
