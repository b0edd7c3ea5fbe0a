"""From files to a task: rows read, cleaned, split into roles; every guess filled in and said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import bare
from tuningfork.answers.column import Column
from tuningfork.errors import InputError
from tuningfork.foundation.hashing import hash_of_texts
from tuningfork.task.cleaning import CleanRows
from tuningfork.task.gold import answer_space, read_answers
from tuningfork.task.intake import replace_columns, take
from tuningfork.task.label_names import unnamed_labels
from tuningfork.task.label_shares import share_notes
from tuningfork.task.labels import LabelSpace
from tuningfork.task.placeholders import without_placeholders
from tuningfork.task.rare_labels import defined_metric, rare_label_notes
from tuningfork.task.read import FileRead
from tuningfork.task.right_options import place_notes
from tuningfork.task.rows import Evaluation, Pool, Shifted, Unlabelled, Validation
from tuningfork.task.schema import Note, TaskData, TaskSpec
from tuningfork.task.shared_fields import Beside, shared_field_notes
from tuningfork.task.sources import Source, refuse_same_file_twice, sources_of
from tuningfork.task.split_notes import content_notes, label_notes, split_notes, unseen_label_note
from tuningfork.task.split_rules import RULES, SplitRules
from tuningfork.task.splits import (
    DEFAULT_EVALUATION_ROWS,
    Content,
    Split,
    random_order_of,
    shares_content,
    split,
    units,
)
from tuningfork.task.table import Table
from tuningfork.task.task_type import TASK_TYPES, TaskType
from tuningfork.task.to_label import NoLabelledRows, first_to_label
from tuningfork.task.twins import Twins, find_twins, require_something_left
from tuningfork.task.units import n_units
from tuningfork.task.wording import counted, quoted

_Role = TypeVar("_Role", Pool, Validation, Evaluation, Shifted, Unlabelled)


def prepare(spec: TaskSpec, *, rules: SplitRules = RULES) -> TaskData:
    """Read a task's files and give every row its role.

    Args:
        rules: how rows are split; `RULES_OF_SCHEMA_1` splits as studies did whose ledger has schema version 1.

    Raises:
        InputError: a file, row, column or option that cannot be used; where, and what to do.
        NoLabelledRows: the data have no label at all.
    """
    return _prepare(spec, sources_of(spec), rules)


def prepare_table(
    spec: TaskSpec,
    table: Table,
    *,
    test: Table | None = None,
    validation: Table | None = None,
    shifted: Table | None = None,
    rules: SplitRules = RULES,
) -> TaskData:
    """The same with rows in memory in place of `spec.data`, and of the other files where they are given.

    Raises:
        InputError, NoLabelledRows: as `prepare`.
    """
    tables = {"data": table, "test": test, "validation": validation, "shifted": shifted}
    given = {role: table for role, table in tables.items() if table is not None}
    return _prepare(spec, sources_of(spec) | given, rules)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Rows of one file with all that a role needs.

    Attributes:
        answers: the right ones as columns of their kind; None of labels, which the content has as indices.
    """

    rows: CleanRows
    ids: tuple[str, ...]
    content: Content
    answers: Column | None

    @classmethod
    def of(cls, rows: CleanRows, ids: tuple[str, ...], values: Sequence[str], answers: Column | None) -> _Part:
        """Rows whose answers are some of `values`."""
        place = {value: index for index, value in enumerate(values)} | {"": -1}
        gold = np.fromiter((place[label] for label in rows.labels), np.int32, len(rows))
        same = (rows.texts,) if rows.fields is None else rows.fields.compared
        return cls(rows, ids, Content.of(rows.texts, gold, rows.groups, same=same), answers)

    def take(self, indices: NDArray[np.intp]) -> _Part:
        return _Part(
            self.rows.take(indices),
            tuple(map(self.ids.__getitem__, indices.tolist())),
            self.content.take(indices),
            None if self.answers is None else self.answers.take(indices),
        )

    @property
    def labelled(self) -> _Part:
        return self.take(np.flatnonzero(self.content.gold >= 0))

    @property
    def unlabelled(self) -> _Part:
        return self.take(np.flatnonzero(self.content.gold < 0))

    def as_role(self, role: type[_Role]) -> _Role:
        gold = self.content.gold if self.answers is None else bare(self.answers)
        return role(self.ids, self.rows.texts, gold, self.rows.groups, self.rows.fields)


def _prepare(spec: TaskSpec, sources: Mapping[str, Source], rules: SplitRules) -> TaskData:
    kind = TASK_TYPES.get(spec.type)
    metric = None if spec.metric is None else kind.metric_named(spec.metric)
    _check_options(spec, sources)
    taken = take(spec, sources)
    spec = replace_columns(spec, taken.columns)
    spec = spec.model_copy(update={"label": spec.label or "label"})
    of_labels = kind.answers_among == "labels"
    files, said = without_placeholders(taken.files, spec) if of_labels else (taken.files, ())
    notes = [*taken.notes, *said]
    labels = answer_space(kind, spec, files, taken.label_names, notes)
    parts = _parts(files, labels, kind, spec)
    data, unlabelled = parts["data"].labelled, parts["data"].unlabelled
    _require_labels(data, unlabelled, spec, one_will_do=kind.options is not None)
    scored = {role: _only_labelled(part, notes) for role, part in parts.items() if role != "data"}
    roles = _Roles.of(data, unlabelled, scored, spec, rules, notes)

    names = {role: rows.name for role, rows in files.items()}
    notes += content_notes(data.content, names["data"])
    notes += _name_notes(labels, data) if of_labels else ()
    notes += _option_notes(labels, {"data": data} | scored) if kind.options else ()
    notes += split_notes(spec, roles.made, len(scored.get("test", data).rows), names)
    notes += _unseen_notes(labels, roles) if of_labels else ()
    notes += _unlabelled_notes(len(unlabelled.rows), len(roles.unlabelled.rows), names["data"])
    notes += roles.twins.notes
    notes += _shared_fields(spec, data, roles, names["data"])
    notes += _label_notes(labels, roles, scored.get("test"), data, names) if of_labels else ()
    usual = kind.default_metric(np.bincount(roles.pool.content.gold, minlength=len(labels)))
    chosen, said = defined_metric(metric, usual, roles.evaluation.content.gold, spec)
    return TaskData(
        spec=spec.model_copy(update={"metric": chosen, "name": spec.name or spec.data.stem}),
        labels=labels,
        pool=roles.pool.as_role(Pool),
        validation=roles.validation.as_role(Validation),
        evaluation=roles.evaluation.as_role(Evaluation),
        shifted=None if roles.shifted is None else roles.shifted.as_role(Shifted),
        unlabelled=roles.unlabelled.as_role(Unlabelled),
        notes=(*notes, *said),
        fingerprint=_fingerprint(
            [roles.pool, roles.validation, roles.evaluation, roles.shifted, roles.unlabelled],
        ),
        read=tuple(_without_labels(one, parts[one.role]) for one in taken.read),
        twins=roles.twins.evaluation if roles.twins.evaluation.any() else None,
        twins_dropped=roles.twins.dropped,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Roles:
    """The rows by role, near repeats of scored rows out of the pool where they leave it.

    Attributes:
        made: the split before that.
        twins: the near repeats that were found.
    """

    pool: _Part
    validation: _Part
    evaluation: _Part
    shifted: _Part | None
    unlabelled: _Part
    made: Split
    twins: Twins

    @classmethod
    def of(
        cls,
        data: _Part,
        unlabelled: _Part,
        scored: Mapping[str, _Part],
        spec: TaskSpec,
        rules: SplitRules,
        notes: Sequence[Note],
    ) -> _Roles:
        """Split the labelled rows of the data file, and of the other files as far as given.

        Args:
            notes: what was said of the rows, one of which may be why nothing is left.
        """
        made = split(
            data.content,
            **{role: part.content for role, part in scored.items()},
            most=_most_evaluation_rows(spec),
            most_validation=rules.most_validation,
            seed=spec.seed,
        )
        _require_both_sides(made, data, spec, notes)
        parts = {
            "evaluation": scored.get("test", data).take(made.evaluation),
            "validation": scored.get("validation", data).take(made.validation),
        }
        if "shifted" in scored:
            parts["shifted"] = scored["shifted"].take(made.shifted)
        pool, aside = data.take(made.pool), _not_shared(unlabelled, list(parts.values()), spec.seed)
        texts = {role: part.rows.texts for role, part in parts.items()}
        twins = find_twins(pool.rows.texts, aside.rows.texts, texts, spec=spec, drops_few=rules.drops_near_repeats)
        require_something_left(pool.content.gold, twins, spec)
        return cls(
            pool=pool.take(np.flatnonzero(twins.pool)),
            validation=parts["validation"],
            evaluation=parts["evaluation"],
            shifted=parts.get("shifted"),
            unlabelled=aside.take(np.flatnonzero(twins.unlabelled)),
            made=made,
            twins=twins,
        )

    @property
    def scored(self) -> list[_Part]:
        """What is never trained on."""
        return [part for part in (self.evaluation, self.validation, self.shifted) if part is not None]


def _check_options(spec: TaskSpec, sources: Mapping[str, Source]) -> None:
    if isinstance(spec.eval_rows, int) and spec.eval_rows < 1:
        raise InputError(
            f"{spec.eval_rows} evaluation rows are none", remedy="Give --eval-rows a whole number from 1 up, or 'all'."
        )
    refuse_same_file_twice(sources)


def _parts(files: Mapping[str, CleanRows], labels: LabelSpace, kind: TaskType, spec: TaskSpec) -> dict[str, _Part]:
    """Rows with ids that are unique in the study; where id columns clash, the scored rows keep theirs."""
    taken: set[str] = set()
    parts: dict[str, _Part] = {}
    written = sorted({cell for rows in files.values() for cell in rows.labels if cell})
    for role in sorted(files, key=("test", "shifted", "validation", "data").index):
        ids = files[role].ids(taken)
        taken.update(ids)
        answers = read_answers(files[role], kind, spec) if kind.answers_among == "anything" else None
        parts[role] = _Part.of(files[role], ids, labels.values if answers is None else written, answers)
    return parts


def _require_labels(data: _Part, unlabelled: _Part, spec: TaskSpec, *, one_will_do: bool = False) -> None:
    if not len(data.rows) and not len(unlabelled.rows):
        raise InputError("no row has a text", file=spec.data, column=spec.text, remedy="Say which with --text.")
    if not len(data.rows):
        order = random_order_of(unlabelled.content, spec.seed)
        shuffled = unlabelled.take(order)
        raise NoLabelledRows(first_to_label(shuffled.as_role(Unlabelled), shuffled.content.same), spec)
    present = set(data.rows.labels)
    if len(present) == 1 and not one_will_do:
        raise InputError(
            f"only one class: every labelled row is {quoted(present.pop())}",
            file=spec.data,
            column=spec.label,
            remedy="Nothing can be learned or compared; add rows with other labels, or name another --label column.",
        )


def _only_labelled(part: _Part, notes: list[Note]) -> _Part:
    """The labelled rows of a file whose rows are scored."""
    labelled = part.labelled
    missing = len(part.rows) - len(labelled.rows)
    if not len(labelled.rows):
        raise InputError("no row has a label", file=part.rows.name, remedy="Rows of this file are scored: label them.")
    if missing:
        message = (
            f"{counted(missing, 'row')} of {part.rows.name} without label: they cannot be scored and were left out."
        )
        notes.append(Note("unlabelled_rows_ignored", message))
    return labelled


def _without_labels(read: FileRead, part: _Part) -> FileRead:
    """The same, rows without label no longer among those that were taken."""
    missing = len(part.unlabelled.rows)
    if not missing:
        return read
    reason = "without label, kept aside" if read.role == "data" else "without label"
    return replace(read, used=read.used - missing, left_out={**read.left_out, reason: missing})


def _most_evaluation_rows(spec: TaskSpec) -> int | None:
    if spec.eval_rows == "all":
        return None
    return DEFAULT_EVALUATION_ROWS if spec.eval_rows is None else spec.eval_rows


def _require_both_sides(made: Split, data: _Part, spec: TaskSpec, notes: Sequence[Note]) -> None:
    """At least one row to train on and one to score."""
    if len(made.pool) and len(made.evaluation):
        return
    n = len(data.rows)
    if made.out_of_pool == n:
        why, remedy = "all of its rows are in the test, validation or shifted file too", "Give rows that only it has."
    elif n == 1:
        why, remedy = "it has only one labelled row", "Label more rows."
    else:
        why = "all of its rows belong together (same text or group)"
        elsewhere = (note.message for note in notes if note.code == "text_says_little")
        remedy = next(elsewhere, "Give more texts, or more groups.")
    raise InputError(f"nothing would be left to train on or to score: {why}", file=spec.data, remedy=remedy)


def _not_shared(unlabelled: _Part, scored: Sequence[_Part], seed: int) -> _Part:
    """Unlabelled rows that may be used later: none that repeats a row which ranks or scores arms."""
    order = random_order_of(unlabelled.content, seed)
    shared = shares_content(unlabelled.content.take(order), [part.content for part in scored])
    return unlabelled.take(order[~shared])


def _shared_fields(spec: TaskSpec, data: _Part, roles: _Roles, name: str) -> Iterator[Note]:
    """Rows that have a field in common, and scored ones with the pool."""
    pool, scored = roles.pool.rows.fields, roles.evaluation.rows.fields
    if data.rows.fields is not None and pool is not None and scored is not None:
        beside = Beside(counted(len(scored), "evaluation row"), scored, pool, "the pool")
        yield from shared_field_notes(spec, data.rows.fields, name, [beside])


def _option_notes(labels: LabelSpace, parts: Mapping[str, _Part]) -> Iterator[Note]:
    for part in parts.values():
        yield from place_notes(labels.values, part.content.gold, part.rows.name)


def _name_notes(labels: LabelSpace, data: _Part) -> Iterator[Note]:
    yield from label_notes(labels.values, len(data.rows))
    yield from unnamed_labels(labels)


def _unseen_notes(labels: LabelSpace, roles: _Roles) -> Iterator[Note]:
    scored = np.concatenate([part.content.gold for part in roles.scored])
    yield from unseen_label_note(labels.values, roles.pool.content.gold, scored)


def _label_notes(
    labels: LabelSpace, roles: _Roles, test: _Part | None, data: _Part, names: Mapping[str, str]
) -> Iterator[Note]:
    """How often labels are learned and scored."""
    pool, evaluation = roles.pool, roles.evaluation
    golds = [data.content.gold] if test is None else [data.content.gold, test.content.gold]
    offered = np.bincount(np.concatenate(golds), minlength=len(labels))
    yield from rare_label_notes(labels.values, pool.content.gold, evaluation.content.gold, offered)
    if test is not None:
        draws = n_units(units(pool.content)), n_units(units(evaluation.content))
        golds = [pool.content.gold, evaluation.content.gold]
        yield from share_notes(labels.values, *golds, draws=draws, name=names["test"])


def _unlabelled_notes(found: int, kept: int, name: str) -> Iterator[Note]:
    if found:
        yield Note("unlabelled_rows", f"{counted(found, 'row')} of {name} without label: kept aside for later use.")
    if kept < found:
        message = f"{counted(found - kept, 'unlabelled row')} of {name} left out: their text, or nearly it, or their"
        yield Note("dropped_from_unlabelled", f"{message} group is scored.")


def _fingerprint(parts: Sequence[_Part | None]) -> str:
    """SHA-256 over the roles, in this order, their ids, texts and labels."""
    return hash_of_texts(_fields(parts))


def _fields(parts: Sequence[_Part | None]) -> Iterator[str]:
    for part in parts:
        yield str(0 if part is None else len(part.rows))
        if part is not None:
            yield from part.ids
            yield from part.rows.texts
            yield from part.rows.labels
