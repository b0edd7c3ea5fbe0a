"""`linear`: trials of a learning curve, against scikit-learn pipelines fitted anew for each count and seed.

python benchmarks/linear_curve.py
"""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import common
import numpy as np
from trials import Rows, fit

from tuningfork.arms.family import FAMILIES
from tuningfork.metrics.calibration import expected_calibration_error

COUNTS = (154, 500, 2000)
SEEDS = 3
OURS, LOGISTIC, MACHINES = "ours", "pipeline, logistic regression (C = 10)", "pipeline, LinearSVC (no probabilities)"

LabelsAndProbabilities = tuple[np.ndarray, np.ndarray | None]
"""Labels, shape (n,), and probabilities, shape (n, labels), where there are any."""


def main() -> None:
    data = Rows.of("banking77", pool=4000, test=1000)
    models: dict[str, Callable[[int, int], LabelsAndProbabilities]] = {
        OURS: lambda count, seed: ours(data, count, seed),
        LOGISTIC: lambda count, seed: pipeline(data, logistic_regression(), count, seed),
        MACHINES: lambda count, seed: pipeline(data, machines(), count, seed),
    }
    seconds: dict[str, list[float]] = {name: [] for name in models}
    accuracy: dict[str, list[float]] = {name: [] for name in models}
    errors: dict[str, list[float]] = {name: [] for name in models}
    ours(data, COUNTS[0], 0)  # imports are not counted
    for seed in range(SEEDS):
        for name, model in models.items():
            answers: list[LabelsAndProbabilities] = []
            seconds[name].append(common.timed(partial(answers.extend, (model(n, seed) for n in COUNTS))))
            for labels, probabilities in answers:
                accuracy[name].append(float((labels == data.gold).mean()))
                if probabilities is not None:
                    certain = probabilities.astype(np.float32)
                    errors[name].append(expected_calibration_error(data.gold, labels.astype(np.int32), certain) or 0.0)
    means = ({name: float(np.mean(found)) for name, found in kind.items() if found} for kind in (accuracy, errors))
    report(seconds, *means)


def report(seconds: dict[str, list[float]], accuracy: dict[str, float], error: dict[str, float]) -> None:
    median = {name: statistics.median(values) for name, values in seconds.items()}
    ratio = median[OURS] / median[LOGISTIC]
    common.write(
        "linear_curve",
        f"What do trials of TF-IDF and a linear classifier cost at {', '.join(map(str, COUNTS))} labels, beside "
        "scikit-learn pipelines that choose nothing?",
        seconds,
        unit="seconds",
        goals=[
            common.Goal("at most 0.5 x the pipeline with logistic regression", round(ratio, 3), ratio <= 0.5),
            common.Goal(
                "no lower in score (points)",
                round(100 * (accuracy[OURS] - accuracy[LOGISTIC]), 2),
                accuracy[OURS] >= accuracy[LOGISTIC] - 0.005,
            ),
            common.Goal(
                "no worse calibrated (ECE, difference)",
                round(error[OURS] - error[LOGISTIC], 4),
                error[OURS] <= error[LOGISTIC] + 0.01,
            ),
        ],
        limit=f"Counting n-grams of the trial's own rows is what no solver saves. Against the pipeline with the same "
        f"kind of machine, which has no strength to choose, it is {median[OURS] / median[MACHINES]:.2f} x.",
        packages=("tuningfork-nlp", "scikit-learn", "scipy", "numpy"),
        more={"counts": COUNTS, "seeds": SEEDS, "accuracy": accuracy, "ece": error},
    )


def ours(data: Rows, count: int, seed: int) -> LabelsAndProbabilities:
    with tempfile.TemporaryDirectory() as folder:
        prediction = fit(FAMILIES.get("linear"), "linear", data, count, seed, Path(folder)).predict(data.test)[0]
    return prediction.labels, prediction.probabilities


def pipeline(data: Rows, classifier: Any, count: int, seed: int) -> LabelsAndProbabilities:
    """The features that ours counts, with scikit-learn's own defaults otherwise."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline, make_union

    sample = data.sample(count, seed)
    features = make_union(
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 4)),
    )
    model = make_pipeline(features, classifier).fit(list(sample.texts), sample.gold)
    texts = list(data.test.texts)
    if not hasattr(model, "predict_proba"):
        return model.predict(texts), None
    probabilities = np.zeros((len(texts), len(data.labels)))
    probabilities[:, model.classes_] = model.predict_proba(texts)
    return probabilities.argmax(axis=1), probabilities


def logistic_regression() -> Any:
    """Strong enough for many labels of few rows; nothing is chosen, so this is as fast as it gets."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=10.0, max_iter=1000)


def machines() -> Any:
    from sklearn.svm import LinearSVC

    return LinearSVC()


if __name__ == "__main__":
    main()
