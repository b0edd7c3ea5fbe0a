"""Doubtful labels: planted ones are found, clean ones mostly left, as the reference implementation counts them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from numpy.typing import NDArray

from tuningfork.models.encoders.encoder import Encoder
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
from tuningfork.profile import suspicious
from tuningfork.profile.suspicious import confidently, suspicious_labels


@pytest.fixture(scope="module")
def encoder(store: ModelStore) -> Encoder:
    return open_encoder("wordllama", store)


def _rows(path: Path) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [row["text"] for row in rows], [row["label"] for row in rows]


def _flipped(labels: list[str], share: float) -> tuple[list[str], set[int]]:
    """The labels with a share of them turned into another, and where."""
    random = np.random.default_rng(0)
    names = sorted(set(labels))
    rows = random.choice(len(labels), round(share * len(labels)), replace=False)
    turned = list(labels)
    for row in rows:
        turned[row] = str(random.choice([name for name in names if name != labels[row]]))
    return turned, set(rows.tolist())


def _clouds(per_label: int, labels: int, spread: float) -> tuple[NDArray[np.float32], list[str]]:
    """Vectors around one direction a label."""
    random = np.random.default_rng(1)
    given = np.repeat(np.arange(labels), per_label)
    vectors = np.eye(16)[given] + spread * random.standard_normal((len(given), 16))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), [f"l{i}" for i in given]


@pytest.mark.parametrize(("file", "precision", "recall"), [("banking77", 0.6, 0.6), ("sst2", 0.12, 0.45)])
def test_planted_errors_are_among_those_found(
    monkeypatch: pytest.MonkeyPatch, shared_data: Path, encoder: Encoder, file: str, precision: float, recall: float
) -> None:
    """A twentieth of the labels is wrong. With 77 labels a model knows most rows; two moods of single sentences it
    knows less well, and doubts three times as many as it should, which is still three times better than chance."""
    monkeypatch.setattr(suspicious, "_MOST_SHOWN", 100_000)
    texts, labels = _rows(shared_data / file / "train.csv")
    turned, planted = _flipped(labels, 0.05)
    ids = [str(row) for row in range(len(texts))]
    found = suspicious_labels(ids, texts, encoder.embed(texts), turned, seed=0)
    assert found is not None
    assert found.looked_at == len(texts)
    assert found.found == len(found.worst)
    rows = [int(one.row) for one in found.worst]
    hits = [row in planted for row in rows]
    assert np.mean(hits) > precision
    assert sum(hits) / len(planted) > recall
    assert np.mean(hits[:20]) > 2 * np.mean(hits) or np.mean(hits[:20]) > 0.9
    suggested = [one.suggested == labels[int(one.row)] for one in found.worst if int(one.row) in planted]
    assert np.mean(suggested) > 0.9
    assert all(one.label == turned[int(one.row)] != one.suggested for one in found.worst)


def test_labels_that_fit_are_left_alone_and_those_that_do_not_are_found() -> None:
    vectors, labels = _clouds(100, 5, 0.1)
    ids = [f"r{row}" for row in range(len(labels))]
    texts = [f"text {row}" for row in range(len(labels))]
    clean = suspicious_labels(ids, texts, vectors, labels, seed=0)
    assert clean is not None
    assert (clean.found, clean.worst) == (0, ())
    assert "right on 100%" in clean.model
    turned, planted = _flipped(labels, 0.02)
    found = suspicious_labels(ids, texts, vectors, turned, seed=0)
    assert found is not None
    rows = {int(one.row[1:]) for one in found.worst}
    assert rows <= planted
    assert len(rows) >= 0.9 * len(planted)
    assert [one.suggested for one in found.worst] == [labels[int(one.row[1:])] for one in found.worst]
    assert all(one.probability < 0.5 for one in found.worst)


@pytest.mark.parametrize("n_labels", [2, 3, 20])
def test_the_reference_implementation_finds_the_same(n_labels: int) -> None:
    vectors, labels = _clouds(40, min(n_labels, 16), 0.45)
    given = np.unique(labels, return_inverse=True)[1]
    random = np.random.default_rng(2)
    wrong = random.random(len(given)) < 0.15
    given = np.where(wrong, random.integers(0, given.max() + 1, len(given)), given)
    folds = np.arange(len(given)) % 4
    probabilities = suspicious._out_of_sample(vectors, given, folds)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    counted = confidently(probabilities, given)
    joint = np.zeros((given.max() + 1,) * 2, dtype=int)
    np.add.at(joint, (given[counted >= 0], counted[counted >= 0]), 1)
    reference = compute_confident_joint(given, probabilities, calibrate=False)
    off_diagonal = ~np.eye(len(joint), dtype=bool)
    assert joint[off_diagonal].sum() > 0
    np.testing.assert_array_equal(joint[off_diagonal], reference[off_diagonal])
    issues = find_label_issues(given, probabilities, filter_by="confident_learning", n_jobs=1)
    ours = (counted >= 0) & (counted != given) & (probabilities.argmax(axis=1) != given)
    np.testing.assert_array_equal(ours, issues)


def test_the_joint_by_its_definition_in_loops() -> None:
    random = np.random.default_rng(3)
    probabilities = random.dirichlet(np.ones(4) * 0.7, size=300).astype(np.float32)
    given = random.integers(0, 4, 300)
    thresholds = [np.mean([p[j] for p, y in zip(probabilities, given, strict=True) if y == j]) for j in range(4)]
    for row, counted in zip(probabilities, confidently(probabilities, given), strict=True):
        reached = [j for j in range(4) if row[j] >= thresholds[j]]
        assert counted == (max(reached, key=lambda j: row[j]) if reached else -1)


def test_a_row_does_not_vouch_for_its_own_copy() -> None:
    """Twenty wrong rows stand there three times each: with copies in other folds they would look right."""
    vectors, labels = _clouds(60, 4, 0.3)
    texts = [f"text {row}" for row in range(len(labels))]
    turned, planted = _flipped(labels, 0.1)
    copies = sorted(planted) * 2
    texts += [texts[row].upper() + " !" for row in copies]
    turned += [turned[row] for row in copies]
    everything = np.concatenate([vectors, vectors[copies]])
    folds = suspicious._folds(
        suspicious._same_words(texts), suspicious._encoded(turned, np.arange(len(turned))), np.random.default_rng(0)
    )
    assert (folds[len(labels) :] == folds[copies]).all()
    found = suspicious_labels([str(i) for i in range(len(texts))], texts, everything, turned, seed=0)
    assert found is not None
    assert found.found > 2.5 * len(planted)


def test_labels_that_nothing_else_explains_are_left_alone() -> None:
    vectors, labels = _clouds(40, 3, 0.1)
    labels[0], labels[50] = "alone", ""
    labels[1] = labels[2] = "one text"
    texts = [f"text {row}" for row in range(len(labels))]
    texts[2] = texts[1]
    found = suspicious_labels(texts, texts, vectors, labels, seed=0)
    assert found is not None
    assert found.looked_at == len(labels) - 4
    assert not {one.label for one in found.worst} & {"alone", "one text", ""}
    assert not {one.suggested for one in found.worst} & {"alone", "one text", ""}


def test_too_little_to_judge_is_none() -> None:
    vectors, labels = _clouds(30, 2, 0.1)
    texts = [f"text {row}" for row in range(len(labels))]
    assert suspicious_labels(texts, texts, vectors, labels, seed=0) is not None
    assert suspicious_labels(texts[:49], texts[:49], vectors[:49], labels[:49], seed=0) is None
    assert suspicious_labels(texts, texts, vectors, ["same"] * len(labels), seed=0) is None
    assert suspicious_labels(texts, texts, vectors, [""] * len(labels), seed=0) is None
    assert suspicious_labels(texts, texts, vectors, texts, seed=0) is None
    assert suspicious_labels(texts, ["one"] * len(labels), vectors, labels, seed=0) is None
    assert suspicious_labels([], [], vectors[:0], [], seed=0) is None


def test_the_same_rows_and_seed_give_the_same_answer() -> None:
    vectors, labels = _clouds(40, 4, 0.5)
    texts = [f"text {row}" for row in range(len(labels))]
    first, again = (suspicious_labels(texts, texts, vectors, labels, seed=7) for _ in range(2))
    assert first == again


def test_many_rows_and_labels_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = _clouds(40, 4, 0.5)
    labels += ["rare"] * 2
    vectors = np.concatenate([vectors, vectors[:2]])
    texts = [f"text {row}" for row in range(len(labels))]
    monkeypatch.setattr(suspicious, "MOST_ROWS", 100)
    monkeypatch.setattr(suspicious, "MOST_LABELS", 4)
    found = suspicious_labels(texts, texts, vectors, labels, seed=0)
    assert found is not None
    assert found.looked_at == 100
    assert "rare" not in {one.label for one in found.worst}
