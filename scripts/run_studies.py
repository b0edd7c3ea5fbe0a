"""Run the real studies one after the other, and publish what they found.

    python scripts/run_studies.py                  all of them, then the pages
    python scripts/run_studies.py ibc sst2         some of them
    python scripts/run_studies.py --publish        what has finished goes into docs/results again; nothing is run
    python scripts/run_studies.py --list           what there is, and how far it is

Stopped, the same command goes on: a finished study is not run again, one that was stopped goes on where it stopped,
and so does one that is given more minutes or another arm than it had.
Each is published as soon as it has finished. The code must stay as it is while they run.
Each lies in a folder of its own under build/studies; to run one anew, remove its folder.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from studies.listing import StudyCase, named, trained_arms
from studies.publishing import publish
from studies.running import COMMAND, made_in, run

from tuningfork.errors import TuningforkError

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
FOLDER = ROOT / "build" / "studies"
RESULTS = ROOT / "docs" / "results"
_ASKED_OF_THE_MIRROR = "qwen2.5-coder-1.5b"
_STOPPED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, publish, render."""
    asked = _parser().parse_args(arguments)
    try:
        cases = named(asked.studies)
    except TuningforkError as error:
        print(f"run_studies: {error}", file=sys.stderr)
        return 2
    if asked.list:
        for case in cases:
            print(f"{case.name:20} {case.minutes:3} minutes  {_state(asked.folder / case.name)}")
        return 0
    try:
        failed = _publish_all(cases, asked) if asked.publish else _run_all(cases, asked)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on.", file=sys.stderr)
        return _STOPPED
    finally:
        if not asked.no_publish:
            _render(asked)
    for name in failed:
        print(f"{name}: no verdict, or a side of it failed; the same command tries again", file=sys.stderr)
    return 1 if failed else 0


def _run_all(cases: Sequence[StudyCase], asked: argparse.Namespace) -> list[str]:
    """The names of those that failed; each of the others is published as soon as it has finished."""
    trained, failed = asked.arm or trained_arms(), []
    for place, case in enumerate(cases, start=1):
        folder = asked.folder / case.name
        print(f"== {case.name} ({place} of {len(cases)}): {_state(folder)}", file=sys.stderr)
        _fetch(case)
        if not run(case, trained, data=asked.data, folder=folder, minutes=asked.minutes).finished:
            failed.append(case.name)
        elif not asked.no_publish and not _is_published(case, asked):
            _publish(case, asked)
    return failed


def _is_published(case: StudyCase, asked: argparse.Namespace) -> bool:
    """Whether what is shown is of the last sitting."""
    return made_in(asked.results / case.name) == made_in(asked.folder / case.name)


def _publish_all(cases: Sequence[StudyCase], asked: argparse.Namespace) -> list[str]:
    for case in cases:
        made = made_in(asked.folder / case.name)
        if made is not None and made.finished:
            _publish(case, asked)
    return []


def _publish(case: StudyCase, asked: argparse.Namespace) -> None:
    print(f"== publishing {case.name}", file=sys.stderr)
    if (lacking := publish(asked.folder / case.name, asked.results / case.name)) is not None:
        print(lacking, file=sys.stderr)


def _render(asked: argparse.Namespace) -> None:
    """The pages of the documentation, if it is there that copies go; what they hold is looked through."""
    if asked.results == RESULTS:
        for script in ("banking77_curves.py", "results.py", "guide.py", "rows_in_docs.py"):
            subprocess.run([sys.executable, str(ROOT / "scripts" / script)], check=True)


def _fetch(case: StudyCase) -> None:
    """Weights that are not among the starters fetched by default; their download is no part of a budget."""
    if any(_ASKED_OF_THE_MIRROR in arm for arm in case.local_llms):
        subprocess.run([COMMAND, "models", "pull", _ASKED_OF_THE_MIRROR, "--mirror"], check=True)


def _state(folder: Path) -> str:
    made = made_in(folder)
    if made is None:
        return "not begun" if not folder.exists() else "begun"
    return "finished" if made.finished else f"begun, {len(made.sittings)} sittings"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="which; all unless named")
    parser.add_argument("--list", action="store_true", help="what there is, and how far it is")
    parser.add_argument("--publish", action="store_true", help="publish what has finished, again too; run nothing")
    parser.add_argument("--no-publish", action="store_true", help="run only")
    parser.add_argument("--minutes", type=float, help="another budget than each study's own, for trying it out")
    parser.add_argument("--arm", action="append", help="trained arms in place of the default ones (repeatable)")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of public data sets")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the studies lie")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where published copies go")
    return parser


if __name__ == "__main__":
    sys.exit(main())
