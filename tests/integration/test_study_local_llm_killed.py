"""A study of the local LLM, killed in the middle of its rows, goes on to the answers of one that nobody killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from study_runs import films, journalled, own_cache, start, tuningfork, verdict_of, wait_until, without_timings
from tuningfork.study.ledger import Ledger

ARM = "prompt:smollm2-135m"
ROWS = 16


def answers(study: Path) -> list[tuple[Any, ...]]:
    """Labels and probabilities of every trial, to the last bit."""
    with Ledger(study, writable=False) as ledger:
        found = [trial.evaluation for trial in ledger.trials().values() if trial.evaluation is not None]
    return [(p.labels.tolist(), None if p.probabilities is None else p.probabilities.tobytes()) for p in found]


def test_no_probability_changes_by_a_bit(shared_data: Path, tmp_path: Path) -> None:
    """The server that is started again has read nothing yet; when it read its first row together with the instruction,
    one answer of thirty was another one."""
    rows, cache = films(shared_data, tmp_path, pool=30, evaluation=ROWS), str(own_cache(tmp_path))
    command = ("run", *rows.arguments, "--arm", ARM, "--label-counts", "8", "--yes")
    whole = tuningfork(*command, "--out", "whole", cwd=tmp_path, timeout=600, one_core=True, TUNINGFORK_CACHE=cache)
    assert whole.code == 0, whole.err

    study = tmp_path / "killed"
    process = start(*command, "--out", str(study), cwd=tmp_path, one_core=True, TUNINGFORK_CACHE=cache)
    wait_until(lambda: len(journalled(study)) >= ROWS // 2, seconds=300)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = journalled(study)
    assert len(before) < len(journalled(tmp_path / "whole")), "killed before its end"

    ended = tuningfork(*command, "--out", str(study), cwd=tmp_path, timeout=600, one_core=True, TUNINGFORK_CACHE=cache)
    assert ended.code == 0, ended.err
    assert sorted(journalled(study)) == sorted(journalled(tmp_path / "whole"))
    assert answers(study) == answers(tmp_path / "whole")
    found, expected = (without_timings(verdict_of(folder)) | {"cost": None} for folder in (study, tmp_path / "whole"))
    assert found == expected
