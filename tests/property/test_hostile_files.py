"""Any bytes in any format: rows in roles, or one InputError on one line; never another exception."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import polars
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tuningfork.errors import InputError
from tuningfork.task.loading import prepare
from tuningfork.task.schema import TaskSpec
from tuningfork.task.task_file import read_task_file

_TABLE = {"text": [f"some text {i}" for i in range(40)], "label": ["yes", "no"] * 20}
_ROWS = list(zip(*_TABLE.values(), strict=True))


def _parquet() -> bytes:
    buffer = io.BytesIO()
    polars.DataFrame(_TABLE).write_parquet(buffer)
    return buffer.getvalue()


_SOUND = {
    "csv": "\n".join(["text,label", *(",".join(row) for row in _ROWS)]).encode(),
    "jsonl": "\n".join(json.dumps(dict(zip(_TABLE, row, strict=True))) for row in _ROWS).encode(),
    "parquet": _parquet(),
}

edits = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 12),
        st.binary(max_size=6)
        | st.sampled_from([b'"', b"\n", b"\r", b",", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"{", b"]"]),
    ),
    min_size=1,
    max_size=4,
)


def mangled(content: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for place, cut, put in changes:
        at = int(place * len(content))
        content = content[:at] + put + content[at + cut :]
    return content


@pytest.mark.parametrize("ending", sorted(_SOUND))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=120)
@given(changes=edits)
@example(changes=[])
def test_mangled_files_load_or_are_refused(
    tmp_path: Path, ending: str, changes: list[tuple[float, int, bytes]]
) -> None:
    path = tmp_path / f"rows.{ending}"
    path.write_bytes(mangled(_SOUND[ending], changes))
    try:
        task = prepare(TaskSpec(data=path))
    except InputError as error:
        assert changes, "the sound file has to load"
        assert "\n" not in str(error)
    else:
        ids = [*task.pool.ids, *task.validation.ids, *task.evaluation.ids, *task.unlabelled.ids]
        assert len(set(ids)) == len(ids)
        assert len(task.pool) and len(task.evaluation)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=60) | st.text(alphabet='text,label;\t|"\n\r ab\0é', max_size=60).map(str.encode))
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_any_bytes_load_or_are_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"rows.{ending}"
    path.write_bytes(content)
    try:
        prepare(TaskSpec(data=path))
    except InputError as error:
        assert str(path) in str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=40) | st.text(alphabet="data: mrgin0.-[]{}&*!\n'\"", max_size=40).map(str.encode))
def test_any_task_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "task.yaml"
    path.write_bytes(content)
    try:
        read_task_file(path)
    except InputError as error:
        assert str(path) in str(error)


_MEASURE = """
import resource, sys, time
from pathlib import Path
from tuningfork.task.loading import prepare
from tuningfork.task.schema import TaskSpec
before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
rows = len(prepare(TaskSpec(data=Path(sys.argv[1]))).pool)
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, time.process_time() - start)
"""


def test_a_hundred_thousand_rows_take_a_tenth_of_what_a_million_may(tmp_path: Path) -> None:
    """A million short rows may take 30 s and 1.5 GB: processor seconds and kilobytes beyond the bare interpreter's."""
    path = tmp_path / "rows.csv"
    path.write_text(
        "text,label\n" + "".join(f"a short message about thing {i},label {i % 20}\n" for i in range(100_000))
    )
    done = subprocess.run([sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, check=True)
    rows, kilobytes, seconds = done.stdout.split()
    assert 98_000 < int(rows) <= 98_500, "but for some that nearly repeat an evaluation row"
    assert int(kilobytes) < 150_000
    assert float(seconds) < 3
