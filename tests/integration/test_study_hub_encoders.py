"""Studies whose encoders come from the Hub by name: trained on, refused before any trial, and changed in between."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import tuningfork as tf
from hub_server import HubServer, running
from tiny_encoders import ARCHITECTURES, files_of, make_encoder
from tuningfork.errors import InputError
from tuningfork.study.ledger import Ledger

pytest.importorskip("torch")
NAME = "someone/tiny"
SMALL = {"label_counts": (16,), "seeds": 2}


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    for name in ("HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf-home"))
    monkeypatch.setenv("TUNINGFORK_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    with running(HubServer({})) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.endpoint)
        yield server


@pytest.fixture
def task() -> tf.Task:
    """Two labels that one word tells apart."""
    labels, more = ["card", "money"] * 80, ("where", "is", "my", "bank", "transfer", "and", "the", "late")
    texts = [f"{label} {more[number % 8]} {number}" for number, label in enumerate(labels)]
    return tf.Task.from_rows(texts, labels, eval_rows=60)


def serve(hub: HubServer, folder: Path) -> None:
    hub.files[NAME] = files_of(folder)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_head_and_finetune_train_on_every_architecture(
    architecture: str, hub: HubServer, task: tf.Task, tmp_path: Path
) -> None:
    serve(hub, make_encoder(architecture, tmp_path / "made"))
    arms = [f"head:hf:{NAME}", f"finetune:hf:{NAME}?layers=1&epochs=2"]
    arms += [f"finetune:hf:{NAME}?layers=all&epochs=2"] if architecture == "modernbert" else []
    verdict = tf.Study(task, arms=arms, out=tmp_path / "out", label_counts=(16,), seeds=1).run()
    rows = {row.arm: row for row in verdict.record.arms}
    assert {row.status for row in rows.values()} == {"done"}, [row.failure for row in rows.values()]
    assert all(row.score is not None and row.score > 0.6 for row in rows.values()), "the word is in the vectors"
    fetched = [path for path, _ in hub.asked_for_files() if path.endswith("model.safetensors")]
    assert len(fetched) == 1, "one encoder, fetched once, for all arms"
    assert "layers_not_frozen" not in {note.code for note in verdict.record.warnings}


def test_a_study_says_which_encoders_were_measured(hub: HubServer, task: tf.Task, tmp_path: Path) -> None:
    serve(hub, make_encoder("bert", tmp_path / "made"))
    verdict = tf.Study(task, arms=["linear", f"head:hf:{NAME}"], out=tmp_path / "out", **SMALL).run()
    (weak,) = [caution for caution in verdict.record.warnings if caution.code == "weak_encoder"]
    assert re.match(r"The largest encoder measured has \d\d,\d{3} parameters \(tiny\); larger ones", weak.message)
    assert "(100 M parameters and more) were not." in weak.message
    assert weak.message.endswith("--arm head:hf:sentence-transformers/all-mpnet-base-v2")


def test_other_weights_later_are_a_warning_in_plan_and_verdict(hub: HubServer, task: tf.Task, tmp_path: Path) -> None:
    serve(hub, make_encoder("bert", tmp_path / "made"))

    def study() -> tf.Study:
        return tf.Study(task, arms=["linear", f"head:hf:{NAME}"], out=tmp_path / "out", **SMALL)

    first = study().run()
    assert "weights_changed" not in {caution.code for caution in first.record.warnings}
    with Ledger(tmp_path / "out", writable=False) as ledger:
        assert "c" * 40 in ledger.facts("model")[f"hf:{NAME}"]
    shutil.rmtree(tmp_path / "cache")
    serve(hub, make_encoder("bert", tmp_path / "other", positions=48))
    hub.commit = "d" * 40
    again = study().run()
    (told,) = [caution.message for caution in again.record.warnings if caution.code == "weights_changed"]
    assert "model.safetensors" in told and "cccccccccccc then, dddddddddddd now" in told
    assert f"name hf:{NAME}@{'c' * 40}" in told
    assert "weights_changed" in {note.code for note in study().plan().notes}


def test_a_damaged_copy_is_told_from_a_later_commit(hub: HubServer, task: tf.Task, tmp_path: Path) -> None:
    serve(hub, make_encoder("bert", tmp_path / "made"))
    study = tf.Study(task, arms=["linear", f"head:hf:{NAME}"], out=tmp_path / "out", **SMALL)
    study.run()
    config = tmp_path / "cache" / "models" / "hf--someone--tiny" / "tokenizer_config.json"
    config.write_text(config.read_text() + "\n")
    (told,) = [note.message for note in study.plan().notes if note.code == "weights_changed"]
    assert "of the same commit" in told and "damaged or was changed" in told


def test_a_folder_s_files_are_known_again_too(task: tf.Task, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "made")
    study = tf.Study(task, arms=["linear", f"head:{folder}"], out=tmp_path / "out", **SMALL)
    study.run()
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 8}')
    (told,) = [note.message for note in study.plan().notes if note.code == "weights_changed"]
    assert "'sentence_bert_config.json' is another file now" in told and "put the old files back" in told


@pytest.mark.parametrize(
    ("arm", "told"),
    [
        ("head:hf:sentence-transformers/all-mpnet-base", "Did you mean hf:sentence-transformers/all-mpnet-base-v2"),
        (f"finetune:hf:{NAME}@v9", "no model|no revision"),
        ("head:hf:someone/pickled", "only pickled weights"),
        ("finetune:hf:someone/without-tokenizer", "no tokenizer"),
        ("head:hf:someone/gated", "Accept them at"),
    ],
)
def test_what_is_wrong_with_an_encoder_is_one_message_before_any_trial(
    arm: str, told: str, hub: HubServer, task: tf.Task, tmp_path: Path
) -> None:
    described = {"config.json": b"{}", "tokenizer.json": b"{}"}
    hub.files = {
        "someone/pickled": {**described, "pytorch_model.bin": b""},
        "someone/without-tokenizer": {"config.json": b"{}", "model.safetensors": b""},
        "someone/gated": {**described, "model.safetensors": b"weights"},
    }
    hub.gated, hub.needs_token = frozenset({"someone/gated"}), "hf_accepted"
    with pytest.raises(InputError, match=told) as caught:
        tf.Study(task, arms=["linear", arm], out=tmp_path / "out", **SMALL).run()
    assert caught.value.exit_code == 2
    assert not (tmp_path / "out").exists(), "nothing was begun"


def test_a_plan_asks_the_hub_nothing(hub: HubServer, task: tf.Task, tmp_path: Path) -> None:
    tf.Study(task, arms=["linear", f"head:hf:{NAME}"], out=tmp_path / "out", **SMALL).plan()
    assert not hub.requests


def test_a_plan_sees_what_is_wrong_with_a_folder(task: tf.Task, tmp_path: Path) -> None:
    folder = make_encoder("bert", tmp_path / "made")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=r"no tokenizer.*tokenizer\.json"):
        tf.Study(task, arms=["linear", f"head:{folder}"], out=tmp_path / "out", **SMALL).plan()
