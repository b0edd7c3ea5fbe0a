"""Labels that the other rows speak against: confident learning (Northcutt, Jiang and Chuang, arXiv 1911.00068).

Each row gets label probabilities from a model that did not see it. A label's threshold is the mean probability that its
own rows get for it. A row counts as the label of highest probability among those whose thresholds it reaches; where
that is another label than its own, it stands off the diagonal of the confident joint, and its label is doubtful.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tuningfork.models.encoders.encoder import Vectors
from tuningfork.profile.figures import SuspiciousLabel, SuspiciousLabels
from tuningfork.profile.references import words_of

MOST_ROWS = 20_000
"""Rows looked at; a random sample where there are more."""
MOST_LABELS = 200
"""Labels looked at, the most frequent ones: the time grows with rows times labels."""
_FEWEST_ROWS = 50
_FOLDS = 4
_MOST_SHOWN = 20
_STEPS = 40
"""Of L-BFGS. Thresholds are relative to each label's own mean, so that probabilities need not be exact."""
_STRENGTH = 10.0
"""Inverse of the penalty on weights: with thousands of rows, from 2 labels to 150, no other was better by a point."""

Probabilities = NDArray[np.float32]
"""Shape (rows, labels)."""
Places = NDArray[np.intp]


def suspicious_labels(
    ids: Sequence[str], texts: Sequence[str], vectors: Vectors, labels: Sequence[str], *, seed: int
) -> SuspiciousLabels | None:
    """Rows whose label is doubtful, the most doubtful first: by the lead of another label over their own.

    Rows with the same words are held out together, so that no row vouches for its own copy. A label with a single text
    is left alone, for nothing else says what it means.

    Args:
        ids, texts, labels: by row; '' for no label.
        vectors: shape (n, d), unit length.
        seed: of the sample and the folds.

    Returns:
        None where fewer than 50 rows, or fewer than two labels, can be judged.
    """
    random = np.random.default_rng(seed)
    judged = _chosen(labels, random)
    folds = _folds(_same_words([texts[i] for i in judged]), _encoded(labels, judged), random)
    taught = _learnt_elsewhere(folds, _encoded(labels, judged))
    judged, folds = judged[taught], folds[taught]
    given = _encoded(labels, judged)
    names = sorted({labels[i] for i in judged})
    if len(judged) < _FEWEST_ROWS or len(names) < 2:
        return None
    probabilities = _out_of_sample(vectors[judged], given, folds)
    suggested = confidently(probabilities, given)
    # Where the row's own label is the likeliest, although short of its threshold, nothing speaks for another one.
    likeliest = probabilities.argmax(axis=1) == given
    found = np.flatnonzero((suggested >= 0) & (suggested != given) & ~likeliest)
    own = probabilities[found, given[found]]
    worst = np.argsort(own - probabilities[found, suggested[found]], kind="stable")[:_MOST_SHOWN]
    return SuspiciousLabels(
        looked_at=len(judged),
        found=len(found),
        worst=tuple(
            SuspiciousLabel(
                row=ids[judged[found[i]]],
                label=names[given[found[i]]],
                suggested=names[suggested[found[i]]],
                probability=float(own[i]),
            )
            for i in worst
        ),
        model=f"logistic regression on embeddings, right on {likeliest.mean():.0%} of rows that it had not seen",
    )


def confidently(probabilities: Probabilities, given: Places) -> Places:
    """The label under which the confident joint counts each row; -1 where the row reaches no label's threshold.

    Args:
        probabilities: out of sample, shape (n, labels).
        given: the rows' labels as columns, shape (n,); each column is the label of some row.
    """
    own = probabilities[np.arange(len(given)), given]
    thresholds = np.bincount(given, weights=own) / np.bincount(given)
    reached = np.where(probabilities >= thresholds, probabilities, -1.0)
    return np.where(reached.max(axis=1) >= 0, reached.argmax(axis=1), -1)


def _chosen(labels: Sequence[str], random: np.random.Generator) -> Places:
    """Rows with one of the most frequent labels, a sample of them where there are many; in order."""
    counts = Counter(label for label in labels if label)
    frequent = {label for label, _ in counts.most_common(MOST_LABELS)}
    rows = np.array([row for row, label in enumerate(labels) if label in frequent], dtype=np.intp)
    return rows if len(rows) <= MOST_ROWS else np.sort(random.choice(rows, MOST_ROWS, replace=False))


def _encoded(labels: Sequence[str], rows: Places) -> Places:
    """The rows' labels as places in the order of the names."""
    places = {name: place for place, name in enumerate(sorted({labels[i] for i in rows}))}
    return np.array([places[labels[i]] for i in rows], dtype=np.intp)


def _same_words(texts: Sequence[str]) -> Places:
    """A number a text, from 0 in order of appearance; texts with the same words share it."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(" ".join(words_of(text)) or text, len(numbers)) for text in texts], dtype=int)


def _folds(texts: Places, given: Places, random: np.random.Generator) -> Places:
    """A fold a row: rows of one text share it, and each label's texts are shared out over as many as they can be."""
    _, first = np.unique(texts, return_index=True)
    shuffled = random.permutation(len(first))
    dealt = shuffled[np.argsort(given[first][shuffled], kind="stable")]
    fold = np.empty(len(first), dtype=np.intp)
    fold[dealt] = np.arange(len(first)) % _FOLDS
    return fold[texts]


def _learnt_elsewhere(folds: Places, given: Places) -> NDArray[np.bool_]:
    """Rows whose label stands in a fold other than their own too."""
    counts = np.zeros((given.max(initial=-1) + 1, _FOLDS), dtype=np.intp)
    np.add.at(counts, (given, folds), 1)
    elsewhere: NDArray[np.bool_] = counts.sum(axis=1)[given] > counts[given, folds]
    return elsewhere


def _out_of_sample(vectors: Vectors, given: Places, folds: Places) -> Probabilities:
    """Each row's label probabilities from a model of the other folds, each of which holds all labels."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    probabilities = np.zeros((len(given), given.max() + 1), dtype=np.float32)
    with threadpool_limits(1), warnings.catch_warnings():
        # So few steps are meant: see _STEPS.
        warnings.simplefilter("ignore", ConvergenceWarning)
        for fold in np.unique(folds):
            held, seen = folds == fold, folds != fold
            model = LogisticRegression(C=_STRENGTH, max_iter=_STEPS).fit(vectors[seen], given[seen])
            probabilities[held] = model.predict_proba(vectors[held])
    return probabilities
