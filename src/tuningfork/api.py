"""The public objects: `Task`, `Study`, `Verdict`, `compare`, `load`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError
from tuningfork.foundation.files import require_place_for_folder
from tuningfork.foundation.options import validated
from tuningfork.models.store import ModelStore, default_cache
from tuningfork.profile.figures import Profile
from tuningfork.report.html import write_report
from tuningfork.report.published import write_published
from tuningfork.report.terminal import plain_text
from tuningfork.study.arm_choice import ArmChoice, choose_arms
from tuningfork.study.budget import Clock, LedgerJournal, LedgerMeter
from tuningfork.study.events import Observer, Silent
from tuningfork.study.ledger import LEDGER_FILE, Ledger
from tuningfork.study.models import keep_models, make_ready
from tuningfork.study.next_encoder import next_encoder_notes
from tuningfork.study.past import Past
from tuningfork.study.plan import StudyPlan
from tuningfork.study.privacy import privacy_notes, relay_notes
from tuningfork.study.profiling import study_profile
from tuningfork.study.rates import Rates
from tuningfork.study.records import StudyRecords
from tuningfork.study.replay import claim, is_of_other_rows, records_of, split_rules_in, split_rules_of
from tuningfork.study.runner import Runner
from tuningfork.study.settings import StudySettings, default_folder
from tuningfork.study.study_file import keep_rows, read_study_file, write_study_file
from tuningfork.study.workbench import Workbench
from tuningfork.task.in_memory import Inputs, task_in_memory
from tuningfork.task.loading import prepare, prepare_table
from tuningfork.task.schema import TaskData, TaskSpec
from tuningfork.task.split_rules import RULES, SplitRules
from tuningfork.task.table import Table
from tuningfork.task.unsplit import Unsplit, read_unsplit
from tuningfork.verdict.compare import Comparison, compare
from tuningfork.verdict.decide import verdict_on
from tuningfork.verdict.files import read_verdict, write_verdict
from tuningfork.verdict.guidance import check_answers
from tuningfork.verdict.looks import is_new, look_at
from tuningfork.verdict.provisional import OnVerdict, ProvisionalVerdicts
from tuningfork.verdict.scored import score_study
from tuningfork.verdict.verdict_json import VerdictRecord

if TYPE_CHECKING:
    from tuningfork.profile.profiling import Progress

__all__ = ["Comparison", "Study", "Task", "Verdict", "compare", "load"]

VERDICT_FILE = "verdict.json"
REPORT_FILE = "report.html"
TASK_FILE = "task.yaml"
ROWS_FILE = "rows.jsonl"
"""Where a study keeps the rows of a task that has no file."""


@dataclass(frozen=True)
class Task:
    """What is to be predicted, from which rows.

    Attributes:
        spec: the question; see `tuningfork.task.schema.TaskSpec` for every option.
        table: rows in memory, where the task has no file.
    """

    spec: TaskSpec
    table: Table | None = None

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """A task on a CSV, JSONL or Parquet file; options are those of `TaskSpec` (text, label, test, metric, …).

        Raises:
            InputError: an option that does not exist or has a bad value.
        """
        return cls(validated(TaskSpec, {"data": Path(path), **options}))

    from_csv = from_jsonl = from_parquet = from_file

    @classmethod
    def from_yaml(cls, path: str | Path) -> Self:
        """A task written down in a task.yaml."""
        return cls(read_study_file(Path(path))[0])

    @classmethod
    def from_rows(
        cls,
        inputs: Inputs | None = None,
        answers: Iterable[Any] | None = None,
        *,
        texts: Inputs | None = None,
        labels: Iterable[Any] | None = None,
        name: str = "rows",
        **options: Any,
    ) -> Self:
        """A task on rows in memory. Its studies keep the rows, so that report and task.yaml work without the program.

        Args:
            inputs, or texts: one text a row, as a list, an array or a column; or named lists, as a mapping or a frame.
            answers, or labels: one a row; None, NaN and a blank one are unlabelled rows.

        Raises:
            InputError: the lengths differ, a value is no single one, or a bad option.
        """
        return cls(*task_in_memory(inputs, answers, texts, labels, file=ROWS_FILE, name=name, **options))

    @classmethod
    def and_settings_from_yaml(cls, path: str | Path) -> tuple[Self, dict[str, Any]]:
        """The task and the options of its study, from a task.yaml that a study left or somebody wrote."""
        spec, settings = read_study_file(Path(path))
        return cls(spec), settings.model_dump(exclude_unset=True)

    def with_options(self, **options: Any) -> Self:
        """The same task with some options changed.

        Raises:
            InputError: an option that does not exist or has a bad value.
        """
        return type(self)(validated(TaskSpec, {**self.spec.model_dump(), **options}), self.table)

    def prepare(self, *, rules: SplitRules = RULES) -> TaskData:
        """The rows in their roles: read, checked and split.

        Args:
            rules: how they are split; a study keeps those that it began with.

        Raises:
            InputError: what is wrong with the rows, where, and the remedy.
        """
        if self.table is None:
            return prepare(self.spec, rules=rules)
        return prepare_table(self.spec, self.table, rules=rules)

    def read(self) -> Unsplit:
        """The rows as they stand in the files, labels or not: for looking at them.

        Raises:
            InputError: a file, row or column that cannot be used.
        """
        return read_unsplit(self.spec, None if self.table is None else {"data": self.table})

    def profile(self, progress: Progress | None = None, *, announce: Progress | None = None) -> Profile:
        """What the rows say before any arm runs: lengths, labels, repeats, languages, personal data, shift, domain.

        Args:
            progress: is told each step as it begins.
            announce: is told what is fetched, and what cannot be had.

        Raises:
            InputError: as `read`.
        """
        from tuningfork.profile.profiling import open_profile_encoder, profile_rows

        encoder = open_profile_encoder(ModelStore(announce=announce))
        return profile_rows(self.read(), encoder, seed=self.spec.seed, progress=progress)


@dataclass(frozen=True)
class Verdict:
    """What a study found.

    Attributes:
        record: all of `verdict.json`.
        folder: the study's folder, with `report.html` and `ledger.sqlite`.
    """

    record: VerdictRecord
    folder: Path

    @property
    def recommendation(self) -> str:
        """'prompt', 'fine-tune', 'combine' or 'undecided'."""
        return self.record.recommendation

    @property
    def chosen_arm(self) -> str | None:
        """The arm to use, or None when undecided."""
        return self.record.chosen_arm

    @property
    def reason(self) -> str:
        """The verdict as a sentence, with its numbers."""
        return self.record.reason

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.folder / REPORT_FILE

    def to_dict(self) -> dict[str, Any]:
        """`verdict.json` as plain data."""
        return self.record.model_dump(mode="json")

    def __str__(self) -> str:
        return plain_text(self.record)


class Study:
    """The trials run for one task, and their ledger on disk.

    Args:
        task: what is to be predicted.
        arms: specs, e.g. 'linear', 'head:minilm', 'prompt:smollm2-135m?shots=5'; none: a sensible set is chosen.
        out: the study's folder; an unfinished study found there goes on.
        options: those of `tuningfork.study.settings.StudySettings` (label_counts, seeds, budget_usd,
            budget_minutes, prices, usd_per_hour, mirror).

    Raises:
        InputError: an arm or an option that cannot work, or an answer to a question that the flow does not have.
    """

    def __init__(self, task: Task, arms: Sequence[str] = (), *, out: str | Path | None = None, **options: Any) -> None:
        check_answers(task.spec)
        self.task = task
        self.settings = validated(StudySettings, {"arms": tuple(arms), **options})
        self.folder = Path(out) if out is not None else default_folder(task.spec.name or task.spec.data.stem)
        self._data: TaskData | None = None
        self._rules = RULES

    @property
    def data(self) -> TaskData:
        """The rows in their roles; read on first use. A folder that has begun keeps its split.

        Raises:
            InputError: what is wrong with the rows, where, and the remedy.
            LedgerError: the study in the folder cannot be read.
        """
        if self._data is None:
            self._rules = split_rules_in(self.folder)
            self._data = self.task.prepare(rules=self._rules)
        return self._data

    def choose_arms(self) -> ArmChoice:
        """The arms of this study with the reason each is in, and what was left out."""
        return choose_arms(self.settings, self.task.spec.type)

    def plan(self) -> StudyPlan:
        """What `run` would do, the trials left out that ended in earlier runs; sends no request, starts no model,
        writes nothing.

        Raises:
            InputError: bad rows or options, or the folder holds another study.
            LedgerError: the study in the folder cannot be read.
        """
        past, plan = self._past_and_plan()
        rest = past.rest_of(plan, self.settings)
        encoders = next_encoder_notes(plan, self.data) if rest.trials else ()
        told = (*relay_notes(rest), *privacy_notes(self.data, rest.hosts), *encoders)
        return replace(rest, notes=(*rest.notes, *told))

    def _past_and_plan(self) -> tuple[Past, StudyPlan]:
        arms = self.choose_arms().arms
        past = Past.in_folder(self.folder, self.data, self.settings, arms)
        plan = past.plan(self.data, self.settings, arms, Rates(_rates_file()))
        past.sort_out(plan)
        return past, plan

    def run(self, observer: Observer | None = None, *, on_verdict: OnVerdict | None = None) -> Verdict:
        """Run what is still to run, and decide.

        Args:
            observer: is told of progress.
            on_verdict: is given every provisional verdict, and the last one.

        Raises:
            InputError: bad rows or options, the folder holds another study, or the budget allows no trial.
            LedgerError: the folder cannot be used.
        """
        watcher = observer or Silent()
        arms = self.choose_arms().arms
        self._look_before_writing()
        make_ready(arms, watcher)
        with Ledger(self.folder) as ledger:
            self._claim(ledger)
            keep_models(ledger, arms)
            clock = Clock(ledger.seconds_spent(), self.settings.budget_minutes * 60)
            with self._runner(ledger, arms, clock, watcher, on_verdict) as runner:
                records = runner.run()
            profile = study_profile(self.folder, self.task.read, announce=watcher.announce, seconds_left=clock.left)
            verdict = _decided(self.folder, replace(records, profile=profile))
            if on_verdict is not None:
                on_verdict(verdict.record)
            look = look_at(verdict.record, at=time.time())
            if is_new(look, records.looks):
                ledger.add_look(look)
        return verdict

    def _look_before_writing(self) -> None:
        """What is wrong with rows, folder, arms or budget is told before anything is written."""
        _ = self.data
        require_place_for_folder(self.folder)
        past, plan = self._past_and_plan()
        if (refusal := past.no_room_for(plan, self.settings)) is not None:
            raise refusal

    def _claim(self, ledger: Ledger) -> None:
        """Write down whose folder this is, and what was asked."""
        claim(ledger, self.data, self._rules)
        spec = self.data.spec
        if self.task.table is not None:
            spec = spec.model_copy(update={"data": self.folder / ROWS_FILE})
            keep_rows(spec.data, self.task.table)
        write_study_file(self.folder / TASK_FILE, spec, self.settings)

    @contextmanager
    def _runner(
        self,
        ledger: Ledger,
        arms: Sequence[tuple[ArmSpec, str]],
        clock: Clock,
        observer: Observer,
        on_verdict: OnVerdict | None,
    ) -> Iterator[Runner]:
        store = ModelStore(mirror=self.settings.mirror, announce=observer.announce)
        meter = LedgerMeter(ledger, self.settings.budget_usd, clock)
        with Workbench(
            self.folder,
            store=store,
            journal=LedgerJournal(ledger),
            meter=meter,
            prices=self.settings.prices,
            announce=observer.announce,
            not_counted=clock.not_counted,
        ) as bench:
            yield Runner(
                self.data,
                self.settings,
                arms,
                folder=self.folder,
                ledger=ledger,
                bench=bench,
                clock=clock,
                rates=Rates(_rates_file()),
                observer=ProvisionalVerdicts(observer, on_verdict, self.folder / VERDICT_FILE),
            )


def load(folder: str | Path) -> Verdict:
    """The verdict that a study left behind.

    Raises:
        InputError: the folder holds no verdict.
    """
    path = Path(folder) / VERDICT_FILE
    if not path.is_file():
        raise InputError(
            "no verdict here",
            file=path,
            remedy="Name a folder that `tuningfork run` made; an unfinished run goes on with it.",
        )
    return Verdict(read_verdict(path), Path(folder))


def report_again(folder: str | Path, *, publish: Path | None = None) -> Verdict:
    """Make verdict and report anew from a study's ledger; nothing is run.

    Args:
        publish: a folder for a further copy of both that shows no row and no folder of this machine.

    Raises:
        InputError: the folder holds no study, or the task's files are gone or have changed.
        LedgerError: the study cannot be read.
    """
    folder = Path(folder)
    if not (folder / LEDGER_FILE).is_file():
        raise InputError("no study here", file=folder, remedy="Name a folder that `tuningfork run` made.")
    with Ledger(folder, writable=False) as ledger:
        spec, _ = read_study_file(folder / TASK_FILE)
        data = prepare(spec, rules=split_rules_of(ledger))
        if is_of_other_rows(ledger, data):
            raise InputError(
                "the task's files have changed since the study",
                file=spec.data,
                remedy="Put the old files back, or run a new study with another --out.",
            )
        records = records_of(ledger, data)
    records = replace(records, profile=study_profile(folder, lambda: read_unsplit(spec)))
    return _decided(folder, records, publish=publish)


def _decided(folder: Path, records: StudyRecords, *, publish: Path | None = None) -> Verdict:
    """Verdict and report of these records, written into the folder, and a copy without rows into another."""
    record = verdict_on(scored := score_study(records))
    write_verdict(folder / VERDICT_FILE, record)
    write_report(folder / REPORT_FILE, record, scored)
    if publish is not None:
        write_published(publish, record, scored)
    return Verdict(record, folder)


def _rates_file() -> Path:
    return default_cache() / "rates.json"
