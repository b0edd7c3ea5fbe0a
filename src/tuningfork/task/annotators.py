"""Texts that several people labelled: one row a text, its label by the vote of most."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

from tuningfork.task.command import command_with
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.steps import Step, only
from tuningfork.task.table import Table
from tuningfork.task.wording import counted, quoted
from tuningfork.task.written_alike import folded

_SURE = (
    *("annotator", "annotator_id", "annotated_by", "completed_by", "worker", "worker_id", "workerid", "rater"),
    *("rater_id", "labeler", "labeler_id", "labeller", "labeller_id", "coder", "coder_id", "_annotator_id"),
    *("_session_id", "annotation_id", "annotation_agent"),
)
"""Names of columns that say who labelled; `annotation_id` and Prodigy's `_session_id` differ where people do."""
_UNSURE = ("user", "user_id", "username", "reviewer", "judge")
"""Names that may as well be those of the writers: then one of them seldom writes what another wrote too."""
ANNOTATORS = frozenset((*_SURE, *_UNSURE))
_MOST_TEXTS = 0.5


def one_row_a_text(table: Table, text: str, label: str, taken: frozenset[str], spec: TaskSpec) -> Step:
    """The table with one row for each text that several people labelled, the first that has the label of most; texts
    without such a label are left out. Tables that do not say who labelled stay as they are: a text that merely stands
    twice is no vote.

    Args:
        taken: columns that have another part in the row.
    """
    by_name = {folded(name): name for name in table.names if name not in taken}
    columns = [by_name[name] for name in (*_SURE, *_UNSURE) if name in by_name]
    votes = next((found for found in (_votes(table, text, label, name) for name in columns) if found), None)
    if votes is None or spec.annotators == "keep":
        return Step(table)
    ties = sum(len(places) for places in votes.tied)
    kept = sorted([*votes.chosen, *votes.alone])
    merged = len(table) - len(kept) - ties
    left_out = {"further annotations of the same text": merged} if merged else {}
    left_out |= {f"of {counted(len(votes.tied), 'text')} on which annotators are tied": ties} if ties else {}
    shared = len(votes.chosen) + len(votes.tied)
    without = f"; {counted(len(votes.tied), 'text')} without a majority left out" if ties else ""
    note = Note(
        "annotators_merged",
        f"{counted(shared, 'text')} of {quoted(Path(table.source).name)} have several annotations "
        f"({quoted(votes.column)}): one row a text, with the label of most{without}. On {votes.agreed} of them "
        f"({votes.agreed / shared:.0%}) all agree. To take every annotation as a row: "
        f"{command_with(spec, '--annotators keep')}.",
    )
    return Step(only(table, kept), left_out, (note,), {"annotator": votes.column})


@dataclass(frozen=True, slots=True)
class _Votes:
    """Places of rows: one a text that most agreed on, those that have no second annotation, and ties by text."""

    column: str
    chosen: list[int]
    alone: list[int]
    tied: list[list[int]]
    agreed: int


def _votes(table: Table, text: str, label: str, column: str) -> _Votes | None:
    """The votes, or None where this column does not tell several annotations of one text apart."""
    by_text: dict[str, list[int]] = defaultdict(list)
    people, labels = table.columns[column], [value.strip() for value in table.columns[label]]
    for place, value in enumerate(table.columns[text]):
        by_text[value.strip()].append(place)
    sure = folded(column) in _SURE
    voted = [
        places
        for value, places in by_text.items()
        if value and len(places) > 1 and len({people[place] for place in places}) >= (2 if sure else len(places))
    ]
    if not voted or (not sure and len(voted) < _MOST_TEXTS * len(by_text)):
        return None
    chosen, tied, agreed, seen = list[int](), list[list[int]](), 0, set[int]()
    for places in voted:
        seen.update(places)
        counts = Counter(labels[place] for place in places if labels[place]).most_common(2)
        agreed += len(counts) == 1
        if len(counts) == 2 and counts[0][1] == counts[1][1]:
            tied.append(places)
        else:
            chosen.append(next(place for place in places if not counts or labels[place] == counts[0][0]))
    alone = [place for place in range(len(table)) if place not in seen]
    return _Votes(column, chosen, alone, tied, agreed)
