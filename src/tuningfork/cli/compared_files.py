"""Reads the files that `compare` names: right labels, and the answers of each system."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import takewhile
from pathlib import Path

from tuningfork.errors import InputError
from tuningfork.task.answers.labels import MOSTLY_LABELS, NeverLabels, Remedies
from tuningfork.task.answers.reading import AnswersFile, Said, read_answers
from tuningfork.task.answers.right import RightLabels, read_right_labels, refuse_if_no_file_says_a_label
from tuningfork.task.answers.systems import System
from tuningfork.task.readers.pick import Pick, Undecided, parted
from tuningfork.task.readers.scored import SCORE, Unanswerable
from tuningfork.task.readers.text_file import TextFormat, Undecodable

_DATE = re.compile(r"_\d{4}-\d\d-\d\dT[\d.:-]+\d(?=\.)")
"""In the name of a samples file of lm-eval."""
_PARTS = re.compile(r"/|(?=[?&])")
"""Between the parts of a path, and of what is meant of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """What was typed of how the files are to be read; None is found.

    Attributes:
        label: column of the right labels; `answer` that of the answers; `id` and `text` tell rows apart.
        answer_column: FILE=COLUMN, for one file.
        group: column of the gold file: rows with equal values in it are one draw.
        match: 'id', 'text' or 'row': what rows are matched by.
        label_names: file that says which code is which label.
        encoding, delimiter: of text files that are not plainly otherwise.
    """

    label: str | None = None
    answer: str | None = None
    answer_column: tuple[str, ...] = ()
    id: str | None = None
    text: str | None = None
    group: str | None = None
    match: str | None = None
    label_names: Path | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def names_a_column(self) -> bool:
        """Whether the user said what is right, or what answers."""
        return bool(self.label or self.answer or self.answer_column or self.label_names)

    @property
    def form(self) -> TextFormat:
        """How the files are written."""
        return TextFormat(self.encoding or "utf-8", self.delimiter)

    def command(self, files: Sequence[str]) -> str:
        """The whole command, `{}` where a further option stands."""
        typed = [(name, value) for name, value in asdict(self).items() if value not in {None, ()}]
        options = [(name, one) for name, value in typed for one in (value if isinstance(value, tuple) else (value,))]
        words = [word for name, value in options for word in (f"--{name.replace('_', '-')}", str(value))]
        return f"{shlex.join(['tuningfork', 'compare', *files, *words])} {{}}"


@dataclass(frozen=True, slots=True)
class NamedSystem:
    """A system as typed: FILE, or NAME=FILE,FILE…

    Attributes:
        typed: what `--json` calls it: the path, or the name that was given.
        name: what people read.
    """

    typed: str
    name: str
    paths: tuple[Path, ...]

    @classmethod
    def all(cls, typed: Sequence[str]) -> list[NamedSystem]:
        """Files go by their names; those of one name by what of their paths differs; one given twice is numbered."""
        read = [cls._of(one) for one in typed]
        alike: dict[str, dict[str, str]] = {}
        for named in read:
            alike.setdefault(_DATE.sub("", named.name).partition("?")[0], {})[named.typed] = named.name
        short = {one: name for same in alike.values() for one, name in _what_differs(same).items()}
        read = [replace(named, name=short[named.typed]) for named in read]
        names = [named.name for named in read]
        return [
            replace(named, name=f"{named.name} ({before + 1})")
            if (before := names[:place].count(named.name))
            else named
            for place, named in enumerate(read)
        ]

    @classmethod
    def _of(cls, typed: str) -> NamedSystem:
        name, equals, files = typed.partition("=")
        if not equals or not name or "?" in name or Path(typed).exists():
            return cls(typed, Path(typed).name, (Path(typed),))
        return cls(name, name, tuple(Path(file) for file in files.split(",") if file))


def _what_differs(typed: Mapping[str, str]) -> dict[str, str]:
    """Path as typed -> its parts between those that all begin with and those that all end with; its name, if alone.

    Dates aside, if anything else tells them apart: lm-eval writes files of one task into a folder for each model.
    """
    if len(typed) == 1:
        return dict(typed)
    for undated in (True, False):
        parts = [_PARTS.split(_DATE.sub("", one) if undated else one) for one in typed]
        for turned in (False, True):
            aligned = zip(*(one[::-1] if turned else one for one in parts), strict=False)
            same = sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, aligned))
            parts = [one[: len(one) - same] if turned else one[same:] for one in parts]
        names = ["/".join(one).replace("/?", "?").replace("/&", "&").lstrip("?&") for one in parts]
        if len(set(names)) == len(names) and all(names):
            keys = {name.partition("=")[0] for name in names}
            values = [name.partition("=")[2] for name in names]
            return dict(zip(typed, values if len(keys) == 1 and all(values) else names, strict=True))
    return {one: one for one in typed}


def read_files(
    gold: Path, named: Sequence[NamedSystem], options: CompareOptions, command: str
) -> tuple[RightLabels, list[System]]:
    """The right labels, and every system with its rows matched to them.

    Files of evaluation harnesses whose answers are no labels are compared by what their harness scored as right; so are
    all files where one is named with a score.

    Raises:
        InputError: what is wrong with the files.
    """
    paths = [path for one in named for path in one.paths]
    if any(parted(path)[1].score for path in paths):
        return _read(gold, named, options, command, by_score=True)
    try:
        return _read(gold, named, options, command, by_score=False)
    except (NeverLabels, Unanswerable) as error:
        return _read_by_score(gold, named, options, command, instead_of=error)


def _read_by_score(
    gold: Path, named: Sequence[NamedSystem], options: CompareOptions, command: str, *, instead_of: InputError
) -> tuple[RightLabels, list[System]]:
    """The same, where no answer can be told from its words; right labels of the user's own are never passed over."""
    if options.names_a_column:
        raise instead_of
    try:
        right, systems = _read(gold, named, options, command, by_score=True)
    except Undecided as error:
        if error.part != SCORE:
            raise instead_of from error
        by_score = f"Or go by one of the scores in it, as by '{error.whole}'."
        raise InputError(
            instead_of.problem,
            file=instead_of.file,
            row=instead_of.row,
            column=instead_of.column,
            remedy=f"{instead_of.remedy}. {by_score}",
        ) from error
    except InputError as error:
        raise instead_of from error
    if not right.sheet.harness:
        raise instead_of
    return right, systems


def _read(
    gold: Path, named: Sequence[NamedSystem], options: CompareOptions, command: str, *, by_score: bool
) -> tuple[RightLabels, list[System]]:
    remedies = _remedies(command, "--label")
    try:
        right = read_right_labels(
            gold,
            column=options.label,
            row_id=options.id,
            text=options.text,
            group=options.group,
            form=options.form,
            remedies=remedies,
            by_score=by_score,
        )
    except Undecodable as error:
        raise error.with_command(remedies.encoding(error.likely[0])) from error
    paths = [path for one in named for path in one.paths]
    columns = _answer_columns(options.answer_column, paths)

    def read(path: Path, known: Collection[str] = ()) -> AnswersFile:
        return read_answers(
            path,
            right.labels,
            said=Said(
                column=SCORE if by_score else columns.get(path, options.answer),
                match=options.match,
                codes=options.label_names,
                pick=Pick(by_score=by_score),
            ),
            keys=(options.id or right.id_column, options.text or right.text_column),
            study=options.form,
            remedies=_remedies(command, "--answer"),
            beside=[right.sheet],
            known=known,
            least=MOSTLY_LABELS,
            several_runs=True,
        )

    files = _all_read(paths, read)
    if options.id is not None and not any(
        options.id in sheet.names for sheet in (right.sheet, *(f.sheet for f in files))
    ):
        right.sheet.named(options.id, "--id")
    if not by_score:
        refuse_if_no_file_says_a_label(right, files)
    waiting = iter(files)
    return right, [System.of(one.name, [next(waiting) for _ in one.paths], right, options.match) for one in named]


def _answer_columns(typed: Sequence[str], paths: Sequence[Path]) -> dict[Path, str]:
    """File -> the column that answers, as was said of it alone."""
    found: dict[Path, str] = {}
    for one in typed:
        file, equals, column = one.rpartition("=")
        matching = [path for path in paths if file in {str(path), path.name}]
        if not equals or not column or not matching:
            raise InputError(
                f"--answer-column {one!r} is no FILE=COLUMN of a file that is compared",
                remedy=f"Write --answer-column {paths[0].name}=prediction.",
            )
        found |= dict.fromkeys(matching, column)
    return found


def _all_read(paths: Sequence[Path], read: Callable[..., AnswersFile]) -> list[AnswersFile]:
    """Every file; answers that are no right label are labels all the same, where another file has them too."""
    found: dict[int, AnswersFile] = {}
    unread: list[int] = []
    for place, path in enumerate(paths):
        try:
            found[place] = read(path)
        except NeverLabels:
            unread.append(place)
    known = {answer for file in found.values() for answer in file.column.given}
    found |= {place: read(paths[place], known) for place in unread}
    return [found[place] for place in range(len(paths))]


def _remedies(command: str, column: str) -> Remedies:
    return Remedies(
        command,
        column=f"{column} {{}}",
        label_names="--label-names names.csv",
        codes="--label-names names.csv",
        encoding="--encoding {}",
        match="--match {}",
    )
