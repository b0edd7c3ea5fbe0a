"""Every file of a task read into rows that can be used: which columns, which rows, and what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.annotators import ANNOTATORS, one_row_a_text
from tuningfork.task.cleaning import CleanRows, clean
from tuningfork.task.columns import LABEL_NAMES, Columns, columns_of_another_kind, find_columns, same_columns
from tuningfork.task.command import command_with
from tuningfork.task.fields import header_text, with_fields
from tuningfork.task.headerless import missing_header
from tuningfork.task.hints import dependent_rows, may_be_text, may_group, poor_text, says_little
from tuningfork.task.names_in_file import Names, name_columns, names_in
from tuningfork.task.odd_rows import without_odd_rows
from tuningfork.task.read import FileRead
from tuningfork.task.readers.pick import Pick, Undecided
from tuningfork.task.readers.text_file import TextFormat, Undecodable
from tuningfork.task.reading import read_table
from tuningfork.task.right_options import with_letters
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.several import one_label_a_row
from tuningfork.task.sources import Source, columns_of, place_of, short_names
from tuningfork.task.steps import Step
from tuningfork.task.table import Table
from tuningfork.task.task_type import TASK_TYPES
from tuningfork.task.type_options import refuse_options_of_other_types
from tuningfork.task.void import QUALIFYING, without_void
from tuningfork.task.written_alike import folded

_MOST_COMPARED = 100
"""Columns among which a fuller text is looked for; a table of more is none that somebody reads."""
_ONLY_NOTED = ("agreement", "confidence", "probability", "score", "weight")


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """The files of a task as rows.

    Attributes:
        columns: of the labelled file.
        files: role -> its rows, the labelled file first; some may have no label, and one file may have no row.
        notes: what was guessed, left out, and what else the columns say.
        read: what was read of each file.
        label_names: code -> name, where the labelled file itself says what its codes mean.
    """

    columns: Columns
    files: Mapping[str, CleanRows]
    notes: tuple[Note, ...]
    read: tuple[FileRead, ...]
    label_names: Names


def take(spec: TaskSpec, sources: Mapping[str, Source], *, needs_label: bool = True) -> Taken:
    """Read, check and clean every file of a task.

    Args:
        needs_label: False lets files be without labels.

    Raises:
        InputError: a file, row, column or option that cannot be used; where, and what to do.
    """
    refuse_options_of_other_types(spec, TASK_TYPES.get(spec.type))
    try:
        return _take(spec, sources, needs_label=needs_label)
    except Undecodable as error:
        raise error.with_command(command_with(spec, f"--encoding {error.likely[0]}")) from error
    except Undecided as error:
        raise error.with_remedy("Unpack it, and name the file of one task.") from error


def _take(spec: TaskSpec, sources: Mapping[str, Source], *, needs_label: bool) -> Taken:
    form = TextFormat(spec.encoding, spec.delimiter, spec.columns, pick=Pick(right_only=True))
    columns, guessed = _columns_of_data(spec, sources["data"], form, needs_label=needs_label)
    notes, files, read = list(guessed), dict[str, CleanRows](), list[FileRead]()
    names: list[Names] = []
    for role, name in short_names(sources).items():
        source = sources[role]
        here = columns
        if role != "data":
            here = _columns_there(spec, columns, sources, role, form, needs_label=needs_label)
        taken = _take_file(role, source, here, spec, form, name)
        files[role] = taken.rows
        read.append(taken.read)
        notes += taken.notes
        names += [taken.names] if taken.names else []
    return Taken(columns, files, tuple(notes), tuple(read), _agreed(names))


def replace_columns(spec: TaskSpec, columns: Columns) -> TaskSpec:
    """The task with its columns filled in, as far as there are any."""
    places = columns.places
    texts = {"text": columns.text, "fields": None} if places is None else {"text": None, "fields": places.said}
    return spec.model_copy(update={**texts, "label": columns.label, "group": columns.group})


def _columns_of_data(
    spec: TaskSpec, source: Source, form: TextFormat, *, needs_label: bool
) -> tuple[Columns, tuple[Note, ...]]:
    try:
        return find_columns(spec, columns_of(source, form), place_of(source), needs_label=needs_label)
    except InputError as error:
        if isinstance(source, Path) and spec.columns is None:
            headerless = missing_header(source, form, spec)
            if headerless is not None:
                raise headerless from error
        raise


def _columns_there(
    spec: TaskSpec,
    columns: Columns,
    sources: Mapping[str, Source],
    role: str,
    form: TextFormat,
    *,
    needs_label: bool,
) -> Columns:
    """The columns of another file of the task, which may be of another format and then have names of its own."""
    source = sources[role]
    names = columns_of(source, form)
    try:
        return same_columns(columns, names, place_of(source), needs_label=needs_label)
    except InputError:
        if Path(place_of(source)).suffix.lower() == Path(place_of(sources["data"])).suffix.lower():
            raise
        found = columns_of_another_kind(spec, columns, names, place_of(source))
        if found is None:
            raise
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _TakenFile:
    rows: CleanRows
    notes: tuple[Note, ...]
    read: FileRead
    names: Names


def _take_file(role: str, source: Source, columns: Columns, spec: TaskSpec, form: TextFormat, name: str) -> _TakenFile:
    """One file: read, led through every step, cleaned, and told of."""
    all_names = columns_of(source, form)
    named = name_columns(all_names, columns.label)
    aside = [one for one in all_names if one and (one in named or _is_looked_at(one, spec))]
    given = _table(source, columns, aside, spec, form)
    done = _after_all_steps(given, columns, spec, is_data=role == "data")
    table, notes = done.table, list(done.notes)
    names: Names = {}
    if columns.label is not None and spec.label_names is None and TASK_TYPES.get(spec.type).answers_among == "labels":
        names, said = names_in(table, columns.label, named)
        notes += said if role == "data" else ()
    if role == "data":
        keys = [one for one in aside if may_group(one) and one not in columns.wanted]
        notes += dependent_rows(table, columns.text, keys, spec)
        if columns.places is None and says_little(table.columns[columns.text]):
            whole = _table(source, columns, all_names[:_MOST_COMPARED], spec, form)
            notes += poor_text(whole, columns.text, (*columns.wanted, *named), spec)
    rows, cleaned = clean(table, columns, name, TASK_TYPES.get(spec.type), symmetric=spec.symmetric)
    without_text = {"without text": len(table) - len(rows)} if len(rows) < len(table) else {}
    left_out = {**done.left_out, **without_text}
    read = _told(role, source, given, columns, len(rows), replace(done, left_out=left_out))
    meant = [one for one in all_names if _might_be_meant(one, given, {*columns.wanted, *named, *read.columns.values()})]
    read = replace(read, not_read=tuple(one for one in meant if one not in (spec.keep or ())))
    return _TakenFile(rows, (*notes, *cleaned), read, names)


def _after_all_steps(table: Table, columns: Columns, spec: TaskSpec, *, is_data: bool) -> Step:
    """All steps as one, what the reader left out among what they did; each sees the rows that the one before left."""
    left_out, notes, parts = Counter(table.found.left_out), list[Note](), dict[str, str]()
    for step in _steps(table, columns, spec, is_data=is_data):
        table = step.table
        left_out.update(step.left_out)
        notes += step.notes
        parts |= step.columns
    return Step(table, dict(left_out), tuple(notes), parts)


def _told(role: str, source: Source, given: Table, columns: Columns, used: int, done: Step) -> FileRead:
    """What was read of a file, but for the columns that were not."""
    texts = {"text": columns.text} if columns.places is None else columns.places.said
    parts = {**texts, "label": columns.label, "group": columns.group, "id": columns.id, **done.columns}
    return FileRead(
        role=role,
        file=place_of(source),
        format=given.found.format,
        rows=len(given) + sum(given.found.left_out.values()),
        used=used,
        columns={part: given.found.origin.get(column, column) for part, column in parts.items() if column},
        left_out=done.left_out,
    )


def _steps(table: Table, columns: Columns, spec: TaskSpec, *, is_data: bool) -> Iterator[Step]:
    """What is left after each step, in the order in which they have to be: what is left out may lack a field."""
    if columns.places is None:
        step = without_odd_rows(table, columns.text, columns.label, header=columns.text)
        yield step
        step = without_void(step.table, columns.wanted, spec, is_data=is_data)
        yield step
    else:
        step = without_void(table, columns.wanted, spec, is_data=is_data)
        yield step
        filled = with_fields(step.table, columns.places, TASK_TYPES.get(spec.type), spec)
        step = without_odd_rows(filled, columns.text, columns.label, header=header_text(columns.places))
        yield step
    if columns.label is not None:
        if TASK_TYPES.get(spec.type).answers_among == "anything":
            return
        choices = _choices(spec, columns)
        step = (
            one_label_a_row(step.table, columns.label, spec)
            if choices is None
            else with_letters(step.table, columns.label, choices, spec)
        )
        yield step
        yield one_row_a_text(step.table, columns.text, columns.label, frozenset(columns.wanted), spec)


def _choices(spec: TaskSpec, columns: Columns) -> str | None:
    """What the table calls the options of rows that have some of their own."""
    options = TASK_TYPES.get(spec.type).options
    return None if options is None or columns.places is None else columns.places.by_field[options.name].said


def _table(source: Source, columns: Columns, aside: Sequence[str], spec: TaskSpec, form: TextFormat) -> Table:
    """The columns of a file that matter, and those that are only looked at."""
    nesting = () if columns.places is None else columns.places.nesting(TASK_TYPES.get(spec.type))
    if isinstance(source, Table):
        _refuse_nested(source, set(columns.wanted) - set(nesting))
        return source
    lists = (*nesting, *(() if columns.label is None else (columns.label,)))
    more = tuple(name for name in aside if name and name not in columns.wanted)
    return read_table(source, (*columns.wanted, *more), replace(form, lists=lists, aside=more))


def _refuse_nested(table: Table, columns: Collection[str]) -> None:
    """Rows in memory hold lists only where a field is one."""
    for name in sorted(table.found.nested.intersection(columns)):
        row = next(row for row, cell in zip(table.rows, table.columns[name], strict=True) if cell[:1] in ("[", "{"))
        problem, remedy = "holds a list, not one value", "Give one string there."
        raise InputError(problem, file=table.source, row=row, column=name, remedy=remedy)


def _is_looked_at(name: str, spec: TaskSpec) -> bool:
    """Whether a column may say something of the rows, though it is no part of them."""
    return (
        folded(name) in QUALIFYING
        or folded(name) in ANNOTATORS
        or name in (spec.keep or ())
        or (spec.group is None and may_group(name))
    )


def _might_be_meant(name: str, table: Table, read: Collection[str]) -> bool:
    """Whether somebody may wonder why a column has no part in what is decided."""
    plain, origin = folded(name), table.found.origin
    if not name or name in read or name in origin or name in origin.values():
        return False
    return may_be_text(name) or plain in LABEL_NAMES or plain in QUALIFYING or plain in _ONLY_NOTED


def _agreed(names: list[Names]) -> Names:
    """The names that all files give their codes; none where two contradict each other."""
    merged: dict[str, str] = {}
    for one in names:
        for code, name in one.items():
            if merged.setdefault(code, name) != name:
                return {}
    return merged if len(set(merged.values())) == len(merged) else {}
