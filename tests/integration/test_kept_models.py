"""Models that were kept answer as they did: in another process, without the study's caches, on the same encoder."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from arm_services import Bench, real_services
from kept_arms import answered_elsewhere, emotions, entailments, questions
from tiny_encoders import ARCHITECTURES, make_encoder
from tuningfork.arms.family import FAMILIES, Fitted, Keepable, Services, load_fitted
from tuningfork.arms.kept import HEADER
from tuningfork.arms.results import Prediction
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, ModelUnavailable, TuningforkError, UnknownName
from tuningfork.foundation.hashing import hash_of
from tuningfork.models.store import ModelStore

KEPT = (
    ("emotions", "linear", 200),
    ("emotions", "linear?names=no", 8),
    ("emotions", "head:wordllama", 64),
    ("emotions", "head:minilm", 60),
    ("emotions", "head:minilm-int8?c=3", 16),
    ("emotions", "blend:wordllama", 80),
    ("emotions", "finetune:minilm?max_tokens=16", 16),
    ("emotions", "finetune:minilm?layers=all&epochs=1&max_tokens=16", 16),
    ("entailments", "linear", 100),
    ("entailments", "head:wordllama", 60),
    ("entailments", "blend:wordllama", 60),
    ("entailments", "finetune:minilm?epochs=1&max_tokens=32", 16),
    ("either way", "linear", 60),
    ("either way", "head:wordllama", 60),
    ("questions", "linear", 60),
    ("questions", "cosine:minilm-int8", 0),
    ("questions", "head:wordllama", 60),
    ("questions", "blend:wordllama", 20),
    ("questions", "finetune:minilm?epochs=1&max_tokens=32", 6),
)


@dataclass(frozen=True)
class Kept:
    """A fitted model, its folder, what it said and what the folder says elsewhere."""

    fitted: Fitted
    folder: Path
    before: Prediction
    labels: tuple[str, ...]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="module")
def services(store: ModelStore, workspace: Path) -> Services:
    return real_services(store, workspace)


@pytest.fixture(scope="module")
def benches(services: Services, shared_data: Path) -> dict[str, Bench]:
    return {
        "emotions": emotions(services, shared_data),
        "entailments": entailments(services, shared_data),
        "either way": entailments(services, shared_data, symmetric=True),
        "questions": questions(services, shared_data),
    }


def keep(bench: Bench, arm: str, n_labels: int, folder: Path) -> Kept:
    fitted = bench.fit(FAMILIES.get(ArmSpec.parse(arm).family), arm, n_labels)
    before = fitted.predict(bench.test)[0]
    assert isinstance(fitted, Keepable)
    fitted.save(folder)
    return Kept(fitted, folder, before, bench.setting.labels.values)


def test_answers_elsewhere_are_those_of_the_fitted_models(
    benches: dict[str, Bench], tmp_path: Path, workspace: Path
) -> None:
    kept = [
        keep(benches[rows], arm, n_labels, tmp_path / str(place)) for place, (rows, arm, n_labels) in enumerate(KEPT)
    ]
    shutil.rmtree(workspace, ignore_errors=True)
    found = answered_elsewhere([one.folder for one in kept], [benches[rows].test for rows, _, _ in KEPT])
    assert len(found) == len(KEPT)
    for (rows, arm, _), one, answered in zip(KEPT, kept, found, strict=True):
        where = f"{arm} on {rows}"
        assert one.before.probabilities is not None
        assert np.abs(answered["probabilities"] - one.before.probabilities).max() <= 1e-6, where
        assert (answered["labels"] == one.before.labels).all(), where
        details = [list(pair) for pair in one.fitted.details]
        assert answered["told"] == [one.fitted.model, details, list(one.labels)], where
        assert len(np.unique(one.before.labels)) > 1, where


@pytest.mark.parametrize("layers", ["1", "all"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_is_trained_kept_and_answers_again(
    architecture: str, layers: str, benches: dict[str, Bench], services: Services, tmp_path: Path
) -> None:
    bench, tiny = benches["emotions"], make_encoder(architecture, tmp_path / "tiny")
    kept = keep(bench, f"finetune:{tiny}?layers={layers}&epochs=2&lr=0.01", 12, tmp_path / "kept")
    untrained = keep(bench, f"finetune:{tiny}?layers={layers}&epochs=1&lr=1e-9", 12, tmp_path / "other")
    again = load_fitted(kept.folder, services)[1].predict(bench.test)[0]
    assert np.array_equal(again.probabilities, kept.before.probabilities)
    assert not np.array_equal(again.probabilities, untrained.before.probabilities)


def test_a_kept_model_copies_no_encoder_and_holds_no_row(benches: dict[str, Bench], tmp_path: Path) -> None:
    bench = benches["emotions"]
    few = keep(bench, "finetune:minilm?max_tokens=16", 8, tmp_path / "few").folder
    every = keep(bench, "finetune:minilm?layers=all&epochs=1&max_tokens=16", 8, tmp_path / "all").folder
    head = keep(bench, "head:minilm", 8, tmp_path / "head").folder
    sizes = [sum(file.stat().st_size for file in folder.rglob("*")) for folder in (head, few, every)]
    assert sizes[0] < 20_000  # four labels' weights
    assert 14e6 < sizes[1] < 15e6  # two layers of six
    assert 42e6 < sizes[2] < 48e6  # all layers, and of 30,522 token vectors those of eight rows
    sample = bench.setting.pool.take(bench.setting.order(0)[:8])
    words = keep(bench, "linear", 8, tmp_path / "words").folder
    held = b"".join(file.read_bytes() for folder in (few, head, words) for file in folder.rglob("*.json"))
    assert not any(text.encode() in held for text in sample.texts if len(text.split()) > 3)


@pytest.mark.parametrize(
    ("rows", "arm"), [("emotions", "blend:wordllama"), ("questions", "head:wordllama"), ("emotions", "finetune:TINY")]
)
def test_a_file_that_was_cut_or_changed_is_refused_and_never_answers(
    rows: str, arm: str, benches: dict[str, Bench], services: Services, tmp_path: Path
) -> None:
    arm = arm.replace("TINY", f"{make_encoder('bert', tmp_path / 'tiny')}?layers=1&epochs=1")
    folder = keep(benches[rows], arm, 12, tmp_path / "kept").folder
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(files) >= 3
    for file in files:
        whole = file.read_bytes()
        flips = [
            whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :] for at in range(0, len(whole), len(whole) // 7)
        ]
        for broken in (whole[: len(whole) // 2], whole[:-1], b"", *flips):
            file.write_bytes(broken)
            with pytest.raises(InputError) as refused:
                load_fitted(folder, services)
            assert "Traceback" not in str(refused.value)
            assert file.name in str(refused.value) or "newer tuningfork" in str(refused.value)
        file.unlink()
        with pytest.raises(InputError, match=r"missing|no kept model"):
            load_fitted(folder, services)
        file.write_bytes(whole)
    load_fitted(folder, services)


@pytest.mark.parametrize("arm", ["head:TINY", "finetune:TINY?layers=1&epochs=1", "blend:TINY"])
def test_an_encoder_that_is_another_by_now_is_refused(
    arm: str, benches: dict[str, Bench], services: Services, tmp_path: Path
) -> None:
    tiny = make_encoder("bert", tmp_path / "tiny")
    folder = keep(benches["emotions"], arm.replace("TINY", str(tiny)), 12, tmp_path / "kept").folder
    load_fitted(folder, services)
    weights = tiny / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 0x01
    weights.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"tiny is not the encoder that this model was fitted on"):
        load_fitted(folder, services)
    shutil.rmtree(tiny)
    with pytest.raises(TuningforkError, match="tiny"):
        load_fitted(folder, services)


def rewritten(folder: Path, **changes: object) -> None:
    """As another version would have written the header."""
    header = json.loads((folder / HEADER).read_text())
    del header["digest"]
    header |= changes
    (folder / HEADER).write_text(json.dumps({**header, "digest": hash_of(header)}))


def test_other_versions_and_families_are_named(benches: dict[str, Bench], services: Services, tmp_path: Path) -> None:
    folder = keep(benches["emotions"], "linear", 8, tmp_path / "kept").folder
    rewritten(folder, format=2, tuningfork="7.0")
    with pytest.raises(InputError, match=r"newer tuningfork \(7\.0\): its format is 2, .* Update tuningfork"):
        load_fitted(folder, services)
    rewritten(folder, format=1, arm="forest:trees", family="forest")
    with pytest.raises(UnknownName, match="no arm family 'forest'"):
        load_fitted(folder, services)
    rewritten(folder, arm="head:wordllama", family="head")
    with pytest.raises(InputError, match=r"head\.json"):
        load_fitted(folder, services)
    rewritten(folder, arm="linear", family="linear", recipe_version=1)
    with pytest.raises(InputError, match="recipe 1 of linear, and this tuningfork has recipe 2"):
        load_fitted(folder, services)
    rewritten(folder, arm="prompt:smollm2-135m", family="prompt", recipe_version=FAMILIES.get("prompt").recipe_version)
    with pytest.raises(InputError, match="prompt keeps no models"):
        load_fitted(folder, services)
    with pytest.raises(InputError, match=r"holds no kept model: it has no model\.json"):
        load_fitted(tmp_path, services)
