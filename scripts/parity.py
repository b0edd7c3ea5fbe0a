"""Ask an older commit and this code the same small studies, and say what differs.

    python scripts/parity.py COMMIT                 all cases
    python scripts/parity.py COMMIT accuracy        some of them
    python scripts/parity.py --golden               keep what this code finds in tests/golden/parity
    python scripts/parity.py --golden --record      ask for the replies to prompts anew as well

Both run on this machine, the commit in a temporary worktree of its own. What differs and does not stand in
scripts/sameness/known.yaml ends it with exit code 1. Prompts are answered from tests/golden/parity/replies.json; with
--record, what is not in there is answered by the rule of scripts/sameness/replies.py, and kept.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sameness.cases import CASES, Case, named
from sameness.differences import Difference, account, differences, lasting, read_known, table
from sameness.replies import JOURNAL, ReplayServer, read_journal, write_journal
from sameness.running import NotMeasured, measure_all

from tuningfork.errors import TuningforkError
from tuningfork.foundation.files import write_text

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = JOURNAL.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing differs that is not accounted for; 1: something does; 2: it could not be found out."""
    asked = _parser().parse_args(arguments)
    if not asked.golden and asked.commit is None:
        _parser().error("name a commit, or --golden")
    try:
        if asked.golden:
            return _keep(named([name for name in (asked.commit, *asked.cases) if name]), record=asked.record)
        return _compare(asked.commit, named(asked.cases), record=asked.record)
    except TuningforkError as error:
        print(f"parity: {error}", file=sys.stderr)
        return 2


def _compare(commit: str, cases: Sequence[Case], *, record: bool) -> int:
    with _folder() as folder, _worktree(commit, folder) as tree, _server(record=record) as server:
        print(f"asking {commit}: {', '.join(case.name for case in cases)}", file=sys.stderr)
        before = measure_all(tree, cases, folder / "before", server)
        print("asking this code", file=sys.stderr)
        after = measure_all(ROOT, cases, folder / "after", server)
    found = [one for case in cases for one in differences(before[case.name], after[case.name], case.name)]
    return _tell(found, commit, len(cases))


def _tell(found: Sequence[Difference], commit: str, cases: int) -> int:
    accounted = account(found, read_known())
    listed = [(one, why) for one, why in accounted if why is not None]
    unlisted = [(one, why) for one, why in accounted if why is None]
    if listed:
        print(f"Known:\n{table(listed)}\n")
    if unlisted:
        print(f"Not accounted for:\n{table(unlisted)}\n")
        print(f"{len(unlisted)} differences from {commit} that scripts/sameness/known.yaml does not have.")
        return 1
    print(f"{cases} cases: no difference from {commit}" + (" but the known ones." if listed else "."))
    return 0


def _keep(cases: Sequence[Case], *, record: bool) -> int:
    """Rewrite the golden files of these cases; those that hang on the processor are passed over."""
    golden = [case for case in cases if case.golden]
    with _folder() as folder, _server(record=record, anew=record and set(cases) == set(CASES)) as server:
        found = measure_all(ROOT, golden, folder, server)
    for name, measured in found.items():
        write_text(GOLDEN / f"{name}.json", _written(lasting(measured)) + "\n")
    print(f"{len(golden)} cases kept in {GOLDEN.relative_to(ROOT)}")
    return 0


def _written(value: Any, indent: str = "") -> str:
    """JSON with a line for every field and for every list of plain values."""
    inner = indent + " "
    if isinstance(value, dict) and value:
        fields = (f"{inner}{json.dumps(name)}: {_written(value[name], inner)}" for name in value)
        return "{\n" + ",\n".join(fields) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(entry, dict | list) for entry in value):
        return "[\n" + ",\n".join(inner + _written(entry, inner) for entry in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="parity-") as folder:
        yield Path(folder)


@contextmanager
def _server(*, record: bool, anew: bool = False) -> Iterator[ReplayServer]:
    """The replaying server; what it answered is kept where it records. `anew`: begin with an empty journal."""
    with ReplayServer({} if anew else read_journal(), records=record) as server:
        yield server
    if record:
        write_journal(server.journal)


@contextmanager
def _worktree(commit: str, folder: Path) -> Iterator[Path]:
    """The commit, checked out in the folder for as long as it is needed."""
    tree = folder / "commit"
    added = _git("worktree", "add", "--detach", str(tree), commit)
    if added.returncode:
        raise NotMeasured(f"{commit} cannot be checked out: {added.stderr.strip()}")
    try:
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("commit", nargs="?", metavar="COMMIT", help="what to compare this code with")
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"all unless named: {', '.join(c.name for c in CASES)}"
    )
    parser.add_argument("--golden", action="store_true", help="keep what this code finds; CASE… may follow")
    parser.add_argument("--record", action="store_true", help="answer prompts that the journal lacks, and keep that")
    return parser


if __name__ == "__main__":
    sys.exit(main())
