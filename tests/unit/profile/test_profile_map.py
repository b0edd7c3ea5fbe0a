"""The map of the rows: principal components, shared by the files, and the same on every machine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from tuningfork.profile.embedding_map import MOST_POINTS, embedding_map
from tuningfork.profile.figures import EmbeddingMap


def _vectors(rows: int, dimensions: int = 12, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return (random.standard_normal((rows, dimensions)) * np.linspace(3, 0.2, dimensions) + 5).astype(np.float32)


def _one(vectors: np.ndarray) -> EmbeddingMap:
    return embedding_map({"data": vectors}, {"data": [""] * len(vectors)}, seed=0)


def test_the_axes_are_the_principal_components() -> None:
    vectors = _vectors(300)
    reference = PCA(n_components=2).fit(vectors)
    found = _one(vectors)
    expected = reference.transform(vectors)
    for axis in range(2):
        sign = np.sign(reference.components_[axis][np.abs(reference.components_[axis]).argmax()])
        np.testing.assert_allclose(found.points[:, axis], sign * expected[:, axis], rtol=1e-3, atol=1e-3)
    assert found.explained == pytest.approx(tuple(reference.explained_variance_ratio_), rel=1e-4)


def test_files_share_the_axes_and_the_points() -> None:
    sizes = {"data": 5000, "test": 150, "shifted": 4000}
    vectors = {role: _vectors(size, seed=place) for place, (role, size) in enumerate(sizes.items())}
    labels = {role: [f"{role} {row}" for row in range(size)] for role, size in sizes.items()}
    found = embedding_map(vectors, labels, seed=3)
    counts = {role: found.roles.count(role) for role in sizes}
    assert counts == {"data": 925, "test": 150, "shifted": 925}
    assert len(found.points) == len(found.labels) == len(found.roles) == MOST_POINTS
    assert all(label.startswith(role) for label, role in zip(found.labels, found.roles, strict=True))
    assert len(set(found.labels)) == MOST_POINTS
    again = embedding_map(vectors, labels, seed=3)
    np.testing.assert_array_equal(found.points, again.points)
    assert embedding_map(vectors, labels, seed=4).labels != found.labels


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
def test_the_order_of_the_rows_does_not_turn_the_picture(order: list[int]) -> None:
    vectors = _vectors(5)
    np.testing.assert_allclose(_one(vectors[order]).points, _one(vectors).points[order], atol=1e-3)


@pytest.mark.parametrize("vectors", [np.zeros((0, 8)), np.ones((1, 8)), np.full((40, 8), 0.1), np.zeros((3, 8))])
def test_rows_that_do_not_differ_lie_in_the_origin(vectors: np.ndarray) -> None:
    found = _one(vectors.astype(np.float32))
    assert found.points.shape == (len(vectors), 2)
    assert not found.points.any()
    assert found.explained == (0.0, 0.0)


def test_two_rows_span_one_axis() -> None:
    found = _one(np.eye(4, dtype=np.float32)[:2])
    assert found.explained == pytest.approx((1.0, 0.0))
    assert abs(found.points[0, 0] - found.points[1, 0]) == pytest.approx(np.sqrt(2))


def test_no_file_is_an_empty_map() -> None:
    found = embedding_map({}, {}, seed=0)
    assert (found.points.shape, found.labels, found.roles) == ((0, 2), (), ())


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=4))
def test_points_are_shared_as_evenly_as_the_files_allow(sizes: list[int]) -> None:
    roles = [f"file {place}" for place in range(len(sizes))]
    vectors = {role: _vectors(size, 2) for role, size in zip(roles, sizes, strict=True)}
    found = embedding_map(vectors, {role: [""] * size for role, size in zip(roles, sizes, strict=True)}, seed=0)
    counts = [found.roles.count(role) for role in roles]
    assert sum(counts) == min(sum(sizes), MOST_POINTS)
    cut = [count for count, size in zip(counts, sizes, strict=True) if count < size]
    assert all(count <= min(cut) + 1 for count in counts) if cut else counts == sizes
