"""When no row has a label: which rows to label first, and a file to do it in."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np

from tuningfork.errors import InputError
from tuningfork.foundation.files import write_text
from tuningfork.task.rows import Unlabelled
from tuningfork.task.schema import TaskSpec
from tuningfork.task.wording import counted

ROWS_TO_LABEL = 100


class NoLabelledRows(InputError):
    """The data have texts and no label.

    Attributes:
        rows: up to 100 random rows with different texts, to be labelled first.
        spec: the task with its columns filled in.
    """

    def __init__(self, rows: Unlabelled, spec: TaskSpec) -> None:
        self.rows, self.spec = rows, spec
        super().__init__(
            "no row has a label",
            file=spec.data,
            column=spec.label,
            remedy=f"Label some first; {counted(len(rows), 'random row')} would be a good start.",
        )


def write_rows_to_label(path: Path, rows: Unlabelled, spec: TaskSpec) -> None:
    """Write rows as a UTF-8 CSV file with an empty label column, as a whole; it can be run once it is filled in.

    Texts stand there unchanged, those too that a spreadsheet takes for formulas: a guard in front of them would be
    trained on.
    """
    fields = rows.inputs.fields.named
    columns = [(spec.fields or {}).get(name) or spec.text or name for name in fields]
    more = [spec.label or "label", *([spec.group] if spec.group else [])]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=spec.delimiter or ",", lineterminator="\n")
    writer.writerow([*columns, *more])
    groups = rows.groups or ("",) * len(rows)
    for *texts, group in zip(*fields.values(), groups, strict=True):
        cells = [text if isinstance(text, str) else json.dumps(text, ensure_ascii=False) for text in texts]
        writer.writerow([*cells, *["", group][: len(more)]])
    write_text(path, buffer.getvalue())


def first_to_label(rows: Unlabelled, same: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> Unlabelled:
    """The first 100 rows with different texts; rows come in random order, `same` has their text keys."""
    _, first = np.unique(same, return_index=True)
    return rows.take(np.sort(first)[:ROWS_TO_LABEL])
