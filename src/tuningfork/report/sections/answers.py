"""Where the compared arms disagree, what they confuse, and how sure they are: from their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tuningfork.answers.category import Categories
from tuningfork.answers.column import Column
from tuningfork.answers.space import Labels
from tuningfork.report.figure import DataTable, Figure
from tuningfork.report.numbers import percent
from tuningfork.report.plots.reliability import reliability_plot
from tuningfork.report.text import one_line, quote
from tuningfork.task.fields import caption_of
from tuningfork.task.labels import LabelSpace
from tuningfork.verdict.names import name_of
from tuningfork.verdict.numbers import count
from tuningfork.verdict.scored import Scored
from tuningfork.verdict.scored_arms import ScoredArm
from tuningfork.verdict.verdict_json import VerdictRecord

_EXAMPLES = 4
_NO_LABEL_WORDS = "no label"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One row with what it should be and what both arms said.

    Attributes:
        text: of rows that are one text.
        fields: name and content of each field, of rows that are more.
    """

    id: str
    text: str
    fields: tuple[tuple[str, str], ...]
    gold: str
    llm: str
    fine_tuned: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corner:
    """One corner of right and wrong."""

    title: str
    rows: int
    share: str
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreements:
    """The 2 x 2 of right and wrong: both right, only the LLM, only the fine-tuned arm, both wrong."""

    llm: str
    fine_tuned: str
    n: int
    both_right: Corner
    only_llm: Corner
    only_fine_tuned: Corner
    both_wrong: Corner

    @property
    def corners(self) -> tuple[Corner, ...]:
        """The interesting ones first."""
        return self.only_fine_tuned, self.only_llm, self.both_wrong, self.both_right


def disagreements(record: VerdictRecord, scored: Scored, *, examples: bool = True) -> Disagreements | None:
    """The 2 x 2, with examples or without, on each arm's first seed; None where nothing was compared."""
    if record.comparison is None or record.disagreement is None:
        return None
    arms = {arm.arm: arm for arm in scored.arms}
    llm, tuned = arms[record.comparison.llm_arm], arms[record.comparison.fine_tuned_arm]
    names = [one_line(arm.name.short) for arm in (llm, tuned)]
    n = record.comparison.n_shared
    answers = _SharedAnswers(scored, llm, tuned, n, examples=_EXAMPLES if examples else 0)
    return Disagreements(
        llm=names[0],
        fine_tuned=names[1],
        n=n,
        both_right=answers.corner("Both right", llm_right=True, tuned_right=True),
        only_llm=answers.corner(f"Only {names[0]} right", llm_right=True, tuned_right=False),
        only_fine_tuned=answers.corner(f"Only {names[1]} right", llm_right=False, tuned_right=True),
        both_wrong=answers.corner("Both wrong", llm_right=False, tuned_right=False),
    )


class _SharedAnswers:
    """Both arms' first-seed answers to the shared rows."""

    def __init__(self, scored: Scored, llm: ScoredArm, tuned: ScoredArm, n: int, *, examples: int) -> None:
        self._examples = examples
        self._rows, self._labels, self._n = scored.task.evaluation, scored.task.labels, n
        columns = (scored.task.spec.fields or {}).items()
        self._captions = {field: caption_of(field, column) for field, column in columns}
        self._llm, self._tuned = llm.answers(n).columns[0], tuned.answers(n).columns[0]
        self._space = Labels(scored.task.labels.names)
        self._llm_right, self._tuned_right = scored.right(llm, n)[:, 0], scored.right(tuned, n)[:, 0]

    def corner(self, title: str, *, llm_right: bool, tuned_right: bool) -> Corner:
        here = np.flatnonzero((self._llm_right == llm_right) & (self._tuned_right == tuned_right))
        examples = tuple(self._example(int(row)) for row in here[: self._examples])
        share = percent(len(here) / self._n)
        return Corner(title=title, rows=len(here), share=share, examples=examples)

    def _example(self, row: int) -> Example:
        return Example(
            id=one_line(self._rows.ids[row]),
            text=quote(self._rows.texts[row]),
            fields=self._fields(row),
            gold=self._shown(self._rows.answers, row),
            llm=self._shown(self._llm, row),
            fine_tuned=self._shown(self._tuned, row),
        )

    def _shown(self, answers: Column, row: int) -> str:
        return one_line(answers.shown(row, self._space)) if answers.valid[row] else f"no {answers.called}"

    def _fields(self, row: int) -> tuple[tuple[str, str], ...]:
        """The row's fields under the names that its columns have; options under their letters."""
        if self._rows.fields is None:
            return ()
        found = []
        for field, values in self._rows.fields.named.items():
            value, caption = values[row], self._captions.get(field, field)
            lettered = (
                value
                if isinstance(value, str)
                else "  ".join(f"{name}. {text}" for name, text in zip(self._labels.names, value, strict=False))
            )
            found.append((one_line(caption), quote(lettered)))
        return tuple(found)


def confusion_tables(record: VerdictRecord, labels: LabelSpace) -> tuple[DataTable, ...]:
    """For each compared arm the labels it confuses most."""
    names = {row.arm: one_line(name_of(row.arm, row.side).short) for row in record.arms}
    shown = dict(zip(labels.values, labels.names, strict=True))
    tables = []
    for arm in dict.fromkeys(confusion.arm for confusion in record.confusions):
        rows = tuple(
            (
                one_line(shown.get(c.gold, c.gold)),
                _NO_LABEL_WORDS if c.predicted is None else one_line(shown.get(c.predicted, c.predicted)),
                f"{count(c.rows)} of {count(c.of)}",
            )
            for c in record.confusions
            if c.arm == arm
        )
        tables.append(DataTable(caption=names.get(arm, arm), head=("should be", "answered", "rows"), rows=rows))
    return tuple(tables)


def calibration_figures(record: VerdictRecord, scored: Scored) -> tuple[Figure, ...]:
    """A reliability diagram for each compared arm that gives probabilities of categories."""
    if record.comparison is None or not isinstance(scored.evaluation.gold, Categories):
        return ()
    wanted = (record.comparison.llm_arm, record.comparison.fine_tuned_arm)
    return tuple(_diagrams(scored, [arm for arm in scored.arms if arm.arm in wanted]))


def _diagrams(scored: Scored, arms: list[ScoredArm]) -> Iterator[Figure]:
    """Each arm's first trial that has probabilities."""
    for place, arm in enumerate(arms):
        name = one_line(arm.name.short)
        answered = [trial.evaluation for trial in arm.trials if trial.evaluation is not None]
        gold = scored.task.evaluation.gold
        figures = (
            reliability_plot(f"reliability-{place}", name, arm.side, gold[: len(answers)], answers)
            for answers in answered
        )
        figure = next((figure for figure in figures if figure is not None), None)
        if figure is not None:
            yield figure
