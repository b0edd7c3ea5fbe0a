"""The bundled sample: a sound file, a fair task, and hard enough that a verdict on it means something."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline

from tuningfork.errors import UnknownName
from tuningfork.sample import sample_path
from tuningfork.task.content import normalised
from tuningfork.task.loading import prepare
from tuningfork.task.schema import TaskData
from tuningfork.task.task_file import read_task_file

_FOLDS = StratifiedKFold(5, shuffle=True, random_state=0)


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str]]:
    with sample_path("customer_messages.csv").open(encoding="utf-8", newline="") as file:
        header, *found = list(csv.reader(file, strict=True))
    assert header == ["text", "label"]
    return [(text, label) for text, label in found]


@pytest.fixture(scope="module")
def task() -> TaskData:
    return prepare(read_task_file(sample_path("task.yaml")))


def _linear() -> Pipeline:
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    return make_pipeline(words, LogisticRegression(C=10, max_iter=2000, class_weight="balanced"))


def test_there_are_enough_rows_of_each_of_eight_labels(rows: list[tuple[str, str]]) -> None:
    counts = Counter(label for _, label in rows)
    assert len(rows) >= 640
    assert len(counts) == 8
    assert min(counts.values()) >= 60
    assert max(counts.values()) <= 120


def test_the_file_is_written_as_the_csv_writer_would(rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([("text", "label"), *rows])
    assert sample_path("customer_messages.csv").read_bytes().decode("utf-8") == written.getvalue()


def test_texts_are_clean_unicode(rows: list[tuple[str, str]]) -> None:
    for text, _ in rows:
        assert text == unicodedata.normalize("NFC", text).strip()
        assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cn", "Co"} and c != "\n"], text
        assert "\ufffd" not in text


def test_texts_are_short_and_of_all_lengths(rows: list[tuple[str, str]]) -> None:
    lengths = np.array([len(text.split()) for text, _ in rows])
    assert lengths.max() <= 70
    assert (lengths <= 5).sum() >= 10
    assert (lengths >= 40).sum() >= 10


def test_no_text_stands_there_twice_or_nearly(rows: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in rows]
    assert len({normalised(text) for text in texts}) == len(texts)
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4)).fit_transform(texts)
    likeness = (grams @ grams.T).toarray()
    np.fill_diagonal(likeness, 0)
    first, second = divmod(int(likeness.argmax()), len(texts))
    assert likeness.max() < 0.6, (texts[first], texts[second])


def test_no_template_shows_in_how_texts_begin(rows: list[tuple[str, str]]) -> None:
    openings = Counter(tuple(text.lower().split()[:4]) for text, _ in rows if len(text.split()) >= 8)
    opening, count = openings.most_common(1)[0]
    assert count <= 4, opening


def test_nobody_can_be_reached_by_what_is_written(rows: list[tuple[str, str]]) -> None:
    reachable = re.compile(r"\S@\S+\.\S|https?://|www\.|\+\d{2}|\d(?:[ -]?\d){8,}")
    assert not [text for text, _ in rows if reachable.search(text)]


def test_the_task_loads_with_nothing_to_note(task: TaskData, rows: list[tuple[str, str]]) -> None:
    assert task.notes == ()
    assert len(task.pool) + len(task.validation) + len(task.evaluation) == len(rows)
    assert set(task.labels.values) == {label for _, label in rows}


def test_every_label_is_named_and_described(task: TaskData) -> None:
    assert len(set(task.labels.names)) == 8
    for label in task.labels.labels:
        assert label.name == label.value.replace("_", " ")
        assert label.description is not None
        assert label.description.endswith(".")
    assert task.spec.description


def test_a_linear_model_neither_solves_it_nor_fails(rows: list[tuple[str, str]]) -> None:
    texts, labels = zip(*rows, strict=True)
    accuracy = cross_val_score(_linear(), texts, labels, cv=_FOLDS).mean()
    assert 0.5 < accuracy < 0.9


def test_labels_pay(task: TaskData) -> None:
    """The learning curve rises: with a tenth of the pool a linear model is far behind itself on all of it."""

    def score(count: int) -> float:
        model = _linear().fit(task.pool.texts[:count], task.pool.gold[:count])
        return float(model.score(task.evaluation.texts, task.evaluation.gold))

    assert score(len(task.pool)) > score(len(task.pool) // 10) + 0.1


def test_the_first_word_gives_nothing_away(rows: list[tuple[str, str]]) -> None:
    firsts, labels = zip(*((text.split()[0], label) for text, label in rows), strict=True)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=2000))
    assert cross_val_score(model, firsts, labels, cv=_FOLDS).mean() < 0.35


def test_a_file_that_the_sample_lacks_is_named() -> None:
    with pytest.raises(UnknownName, match=r"label_names\.csv"):
        sample_path("labels_names.csv")


def test_the_licence_is_there() -> None:
    assert "CC0-1.0" in sample_path("LICENSE").read_text(encoding="utf-8")
