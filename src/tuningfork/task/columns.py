"""Which column is what: as the user says, or a guess where only one is possible."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tuningfork.errors import InputError
from tuningfork.task.command import command_with
from tuningfork.task.inputs import TEXT
from tuningfork.task.places import Places, find_places, look_alike, same_places
from tuningfork.task.schema import Note, TaskSpec
from tuningfork.task.task_type import FURTHER_LABELS, TASK_TYPES, USUAL_LABELS, TaskType
from tuningfork.task.wording import listed, near_names

_TEXT_NAMES = ("text", "message", "sentence", "content", "utterance", "query", "review", "body", "tweet")
_MORE_TEXT_NAMES = (
    "full_text",
    "document",
    "data",
    "comment",
    "prompt",
    "input",
    "inputs",
    "description",
    "title",
    "subject",
)
"""Names that are taken only where no column has one of those above."""
TEXT_NAMES = frozenset((*_TEXT_NAMES, *_MORE_TEXT_NAMES, "headline", "question", "summary", "post", "email"))
LABEL_NAMES = frozenset((*USUAL_LABELS, *FURTHER_LABELS, "tag", "tags", "answer", "gold", "class_name"))
"""Names of columns that one may have meant."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that matter, as the file writes them.

    Attributes:
        text: of rows that are more than one text, what `fields.with_fields` calls the text that they make.
        label: None where the file has no other column than text, group and id: all its rows are unlabelled.
        places: where the fields stand, of rows that are more than one text; None for the others.
    """

    text: str
    label: str | None
    group: str | None
    id: str | None
    places: Places | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that the file has for the texts."""
        return (self.text,) if self.places is None else self.places.columns

    @property
    def wanted(self) -> tuple[str, ...]:
        """All that are read of the file, each once."""
        group = None if self.places is not None and self.group in self.places.said.values() else self.group
        names = (*self.texts, self.label, group, self.id)
        return tuple(dict.fromkeys(name for name in names if name is not None))


def find_columns(
    spec: TaskSpec, names: tuple[str, ...], source: str, *, needs_label: bool = True
) -> tuple[Columns, tuple[Note, ...]]:
    """The task's columns in its labelled file, and a note on whatever was guessed.

    Args:
        needs_label: False takes no column for the label where none is obvious, and says so.

    Raises:
        InputError: a named column that is not there, one column in two parts, or no obvious guess.
    """
    kind = TASK_TYPES.get(spec.type)
    places = None if kind.has_one_text else find_places(spec, kind, names, source)
    if places is not None:
        spec = spec.model_copy(update={"group": places.of_group(spec.group)})
    _check_named(spec, kind, places, names, source)
    text = places.joined if places else _text_column(spec, kind, names, source)
    texts = places.columns if places else (text,)
    row_id = _id_column(names, taken=(*texts, spec.label, spec.group))
    unsure: tuple[Note, ...] = ()
    try:
        label = spec.label or _guess_label(spec, names, texts, row_id, source)
    except InputError as error:
        if needs_label:
            raise
        label, unsure = None, (Note("no_label_column", f"No labels were looked at: {error}"),)
    guessed = places.taken_by_name if places else [("text", text)]
    guessed += [("label", label)] if spec.label is None and label is not None else []
    told = [f"{part} from column {name!r}" for part, name in guessed if (part, spec.text) != ("text", name)]
    notes = (Note("guessed_columns", f"Taken by their names: {' and '.join(told)}."),) if told else ()
    return Columns(text=text, label=label, group=spec.group, id=row_id, places=places), notes + unsure


def _text_column(spec: TaskSpec, kind: TaskType, names: tuple[str, ...], source: str) -> str:
    """The column of the one text.

    Raises:
        InputError: fields for a type that has none but the text, or no obvious column.
        UnknownName: a field that the type has not.
    """
    given = {kind.field(field).name: column for field, column in (spec.fields or {}).items()}
    if spec.text is not None or TEXT in given:
        return spec.text or given[TEXT]
    known = _TEXT_NAMES, _MORE_TEXT_NAMES
    try:
        return _guess(spec, "text", known, names, taken=(spec.label, spec.group), source=source)
    except InputError as error:
        other = next(look_alike(names), None)
        if other is None:
            raise
        remedy = f"They look like rows of type {other}: {command_with(spec, f'--type {other}')}. Else: {error.remedy}"
        raise InputError(error.problem, file=source, remedy=remedy) from error


def obvious_text_column(names: tuple[str, ...]) -> str | None:
    """The column that is plainly the text by its name; None where none is, or several could be."""
    return _by_name("text", _TEXT_NAMES, names, taken=())


def same_columns(columns: Columns, names: tuple[str, ...], source: str, *, needs_label: bool = True) -> Columns:
    """The same columns in another file of the task (test, validation, shifted).

    Args:
        needs_label: False lets label and group be missing there.

    Raises:
        InputError: text, label or group column is not there.
    """
    label = columns.label or "label"
    places = None if columns.places is None else same_places(columns.places, names, source)
    texts = () if places else (columns.text,)
    made = () if places is None else places.said.values()
    for name in (*texts, label, columns.group) if needs_label else texts:
        if name is not None and name not in names and name not in made:
            raise InputError(
                f"no such column; {near_names(name, filter(None, names))}",
                file=source,
                column=name,
                remedy="All files of a task name their columns alike.",
            )
    return Columns(
        text=columns.text,
        label=label if label in names and label != columns.text else None,
        group=columns.group if columns.group in names or columns.group in made else None,
        id=_id_column(names, taken=(*columns.texts, label, columns.group)),
        places=places,
    )


def columns_of_another_kind(spec: TaskSpec, columns: Columns, names: tuple[str, ...], source: str) -> Columns | None:
    """The columns of a file of another format than the labelled one, where their names are plain by themselves; None
    where they are not, or the task names what is missing there."""
    open_to_guess = {
        "text": spec.text if spec.text in names or spec.text is None else "",
        "label": spec.label if spec.label in names or spec.label is None else "",
    }
    if "" in open_to_guess.values() or (columns.group is not None and columns.group not in names):
        return None
    try:
        return find_columns(spec.model_copy(update=open_to_guess), names, source)[0]
    except InputError:
        return None


def _check_named(spec: TaskSpec, kind: TaskType, places: Places | None, names: tuple[str, ...], source: str) -> None:
    text = spec.text or (spec.fields or {}).get(TEXT) if kind.has_one_text else None
    made = () if places is None else places.said.values()
    for option, name in (("--text", text), ("--label", spec.label), ("--group", spec.group)):
        if name is not None and name not in names and name not in made:
            problem = f"no such column; {near_names(name, filter(None, names))}"
            raise InputError(problem, file=source, column=name, remedy=f"Say which with {option}.")
    given = [name for name in (text, spec.label, spec.group) if name is not None]
    for name in given:
        if given.count(name) > 1:
            raise InputError(
                "is named for two of text, label and group",
                file=source,
                column=name,
                remedy="Each of --text, --label and --group needs a column of its own.",
            )


def _guess_label(
    spec: TaskSpec, names: tuple[str, ...], texts: tuple[str, ...], row_id: str | None, source: str
) -> str | None:
    taken = (*texts, spec.group)
    if not [name for name in names if name and name not in taken and name != row_id]:
        return None
    known = TASK_TYPES.get(spec.type).known_answers
    return _guess(spec, "label", known, names, taken=taken, source=source)


def _guess(
    spec: TaskSpec,
    part: str,
    known: tuple[tuple[str, ...], tuple[str, ...]],
    names: tuple[str, ...],
    *,
    taken: Iterable[str | None],
    source: str,
) -> str:
    """The column called exactly as the part, or the only one with a well-known name, or else with a less known one."""
    usual, further = known
    likely = _likely(usual, names, taken)
    name = _by_name(part, usual if likely else further, names, taken)
    if name is not None:
        return name
    likely = likely or _likely(further, names, taken)
    found = (
        f"{listed(likely)} could all be it"
        if likely
        else f"the columns are {listed([n for n in names if n], most=12) or 'none'}"
    )
    raise InputError(
        f"it is not obvious which column is the {part}: {found}",
        file=source,
        remedy=f"Say which with --{part} COLUMN: {command_with(spec, f'--{part} COLUMN')}",
    )


def _by_name(part: str, known: tuple[str, ...], names: tuple[str, ...], taken: Iterable[str | None]) -> str | None:
    likely = _likely(known, names, taken)
    plain = [name for name in likely if name.lower() == part]
    return next((candidates[0] for candidates in (plain, likely) if len(candidates) == 1), None)


def _likely(known: tuple[str, ...], names: tuple[str, ...], taken: Iterable[str | None]) -> list[str]:
    return [name for name in names if name.lower() in known and name not in taken]


def _id_column(names: tuple[str, ...], taken: Iterable[str | None]) -> str | None:
    return next((name for name in names if name.lower() == "id" and name not in taken), None)
