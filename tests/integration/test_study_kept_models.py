"""What a study leaves under models/: one model an arm, whole, of the most labels; nothing is trained again for it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from arm_services import real_services
from study_runs import Rows, films, own_cache, typed
from tuningfork.api import Study, Task
from tuningfork.arms.family import load_fitted
from tuningfork.arms.kept import HEADER
from tuningfork.models.store import ModelStore
from tuningfork.study.kept_models import MODEL_NOT_KEPT, KeptModels, folder_name
from tuningfork.study.ledger import Ledger
from tuningfork.study.planned import PlannedTrial

ARMS = ("linear", "head:wordllama", "blend:wordllama")


@pytest.fixture
def rows(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rows:
    monkeypatch.setenv("TUNINGFORK_CACHE", str(own_cache(tmp_path)))
    return films(shared_data, tmp_path)


def run(rows: Rows, folder: Path, counts: str = "8,64", *arms: str) -> str:
    chosen = [part for arm in arms or ARMS for part in ("--arm", arm)]
    ended = typed(
        *("run", *rows.arguments, "--out", "study", "--label-counts", counts, "--seeds", "2", "--yes", *chosen),
        cwd=folder,
    )
    assert ended.code == 0, ended.err
    return ended.out + ended.err


def labels_seen(models: Path) -> dict[str, int]:
    """Folder -> labels that its model was fitted to; no other file or folder of models is there."""
    found = {header.parent.name: json.loads(header.read_text())["labels_seen"] for header in models.glob(f"*/{HEADER}")}
    there = {path.name for path in models.iterdir()} if models.is_dir() else set()
    assert there - {"embeddings"} == found.keys()
    return found


def stamps(models: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in models.glob(f"*/{HEADER}")}


def test_each_trained_arm_leaves_the_model_that_the_ledger_has_answers_of(rows: Rows, tmp_path: Path) -> None:
    run(rows, tmp_path)
    models = tmp_path / "study" / "models"
    assert labels_seen(models) == {"linear": 64, "head-wordllama": 64, "blend-wordllama": 64}
    services = real_services(ModelStore(), tmp_path / "elsewhere")
    evaluation = Task.from_csv(rows.pool, test=rows.test).prepare().evaluation.inputs
    with Ledger(tmp_path / "study", writable=False) as ledger:
        ended = [trial for trial in ledger.trials().values() if trial.plan.level == 64 and trial.plan.seed == 0]
        assert {trial.plan.arm for trial in ended} == set(ARMS)
        for trial in ended:
            about, fitted = load_fitted(models / folder_name(trial.plan.arm), services)
            assert about.spec.text == trial.plan.arm
            assert trial.evaluation is not None
            asked = evaluation.part(0, len(trial.evaluation))
            assert (fitted.predict(asked)[0].labels == trial.evaluation.labels).all()


def test_a_larger_count_replaces_it_and_a_study_that_goes_on_keeps_what_it_has(rows: Rows, tmp_path: Path) -> None:
    models = tmp_path / "study" / "models"
    run(rows, tmp_path, "8,32", "linear")
    first = stamps(models)
    assert "Nothing is left to run" in run(rows, tmp_path, "8,32", "linear")
    run(rows, tmp_path, "8,16,32", "linear")
    assert stamps(models) == first, "a smaller count replaces nothing"
    run(rows, tmp_path, "8,16,32,64", "linear")
    assert labels_seen(models) == {"linear": 64}


def test_a_study_without_its_models_goes_on_and_trains_nothing_for_them(rows: Rows, tmp_path: Path) -> None:
    models = tmp_path / "study" / "models"
    run(rows, tmp_path, "8,32", "linear", "head:wordllama")
    shutil.rmtree(models)
    assert "Nothing is left to run" in run(rows, tmp_path, "8,32", "linear", "head:wordllama")
    assert labels_seen(models) == {}
    run(rows, tmp_path, "8,32,64", "linear", "head:wordllama")
    assert labels_seen(models) == {"linear": 64, "head-wordllama": 64}


def test_other_names_of_labels_leave_a_model_of_these_names(rows: Rows, tmp_path: Path) -> None:
    models = tmp_path / "study" / "models"
    run(rows, tmp_path, "8,32", "linear")
    names = tmp_path / "names.csv"
    names.write_text("label,name\nnegative,a bad film\npositive,a good film\n")
    ended = typed(
        *("run", *rows.arguments, "--out", "study", "--label-counts", "8,16", "--seeds", "2", "--yes"),
        *("--arm", "linear", "--label-names", str(names)),
        cwd=tmp_path,
    )
    assert ended.code == 0, ended.err
    (header,) = models.glob(f"*/{HEADER}")
    kept = json.loads(header.read_text())
    assert kept["labels_seen"] == 16
    assert {label["name"] for label in kept["task"]["labels"]} == {"a bad film", "a good film"}


def test_what_a_killed_run_left_half_written_is_cleared_up(rows: Rows, tmp_path: Path) -> None:
    models = tmp_path / "study" / "models"
    run(rows, tmp_path, "8,32", "linear", "head:wordllama")
    (models / "linear").rename(models / ".linear.old")  # killed between the two renames
    shutil.copytree(models / "head-wordllama", models / ".head-wordllama.new")
    (models / ".head-wordllama.new" / HEADER).unlink()  # killed while writing
    KeptModels(models)
    assert labels_seen(models) == {"linear": 32, "head-wordllama": 32}
    services = real_services(ModelStore(), tmp_path / "elsewhere")
    load_fitted(models / "linear", services)


def trial_of(rows: Rows, folder: Path, n_labels: int) -> PlannedTrial:
    task = Task.from_csv(rows.pool, test=rows.test)
    plan = Study(task, ("linear",), out=folder / "planned", label_counts=(8, 16)).plan()
    return next(trial for trial in plan.trials if trial.plan.n_labels == n_labels and trial.plan.seed == 0)


class Halfway:
    """A fitted model that cannot be written to its end."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def save(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "half").write_text("of it")
        raise self._error


class Large:
    """A fitted model of so many bytes."""

    def __init__(self, size: int) -> None:
        self._size, self.saved = size, 0

    def save(self, folder: Path) -> None:
        self.saved += 1
        folder.mkdir()
        (folder / HEADER).write_text("{}".ljust(self._size))


def test_what_cannot_be_written_stops_no_study_and_leaves_the_model_before(rows: Rows, tmp_path: Path) -> None:
    models, small, large = tmp_path / "models", trial_of(rows, tmp_path, 8), trial_of(rows, tmp_path, 16)
    kept = KeptModels(models)
    assert kept.keep(small, Large(10)) is None  # type: ignore[arg-type]
    note = kept.keep(large, Halfway(OSError(28, "No space left on device")))  # type: ignore[arg-type]
    assert note is not None
    assert note.code == MODEL_NOT_KEPT
    assert note.message.startswith("linear: its fitted model was not kept")
    assert "No space left" in note.message
    with pytest.raises(KeyboardInterrupt):
        kept.keep(large, Halfway(KeyboardInterrupt()))  # type: ignore[arg-type]
    assert [path.name for path in models.iterdir()] == ["linear"]
    assert json.loads((models / "linear" / "trial.json").read_text())["n_labels"] == 8


def test_a_model_that_is_too_large_is_left_out_and_told_once(rows: Rows, tmp_path: Path) -> None:
    models, model = tmp_path / "models", Large(5000)
    kept = KeptModels(models, most_bytes=4000)
    first, second = (kept.keep(trial_of(rows, tmp_path, count), model) for count in (8, 16))  # type: ignore[arg-type]
    assert first is not None
    assert first == second, "the same words, so that the verdict says them once"
    assert model.saved == 1
    assert list(models.iterdir()) == []
    assert KeptModels(models, most_bytes=6000).keep(trial_of(rows, tmp_path, 16), model) is None  # type: ignore[arg-type]
    assert [path.name for path in models.iterdir()] == ["linear"]


def test_a_verdict_tells_of_a_model_that_could_not_be_kept(rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "models").write_text("in the way")
    run(rows, tmp_path, "8,32", "linear")
    warnings = json.loads((tmp_path / "study" / "verdict.json").read_text())["warnings"]
    (told,) = [warning["message"] for warning in warnings if warning["code"] == MODEL_NOT_KEPT]
    assert told.startswith("linear: its fitted model was not kept: ")
    assert (tmp_path / "study" / "models").read_text() == "in the way"


def test_arms_have_folders_of_their_own() -> None:
    arms = ("linear", "head:minilm", "head:minilm?c=3", "head:minilm?c-3", "head:./minilm", "head:.minilm", "x" * 300)
    names = {folder_name(arm) for arm in arms}
    assert len(names) == len(arms)
    assert folder_name("head:minilm") == "head-minilm"
    assert all(len(name) < 100 and os.sep not in name and not name.startswith(".") for name in names)
