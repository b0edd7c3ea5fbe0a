"""`linear`: trials of a learning curve, against a scikit-learn pipeline fitted anew for each count and seed.

python benchmarks/linear_curve.py
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import common
import numpy as np
from trials import Rows, fit

from tuningfork.arms.family import FAMILIES
from tuningfork.metrics.calibration import expected_calibration_error

COUNTS = (154, 500, 2000)
SEEDS = 3


def main() -> None:
    data = Rows.of("banking77", pool=4000, test=1000)
    scores: dict[str, list[float]] = {"ours": [], "scikit-learn": []}
    errors: dict[str, list[float]] = {"ours": [], "scikit-learn": []}

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            for count in COUNTS:
                for seed in range(SEEDS):
                    fitted = fit(FAMILIES.get("linear"), "linear", data, count, seed, Path(folder))
                    prediction = fitted.predict(data.test)[0]
                    note("ours", prediction.labels, prediction.probabilities)

    def pipeline() -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline, make_union

        for count in COUNTS:
            for seed in range(SEEDS):
                sample = data.sample(count, seed)
                model = make_pipeline(
                    make_union(
                        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
                        TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5)),
                    ),
                    LogisticRegression(max_iter=1000),
                )
                grid = {"logisticregression__C": [1.0, 10.0, 100.0]}
                folds = 3 if np.bincount(sample.gold).max() >= 3 else 2
                search = GridSearchCV(model, grid, cv=folds, scoring="accuracy")
                search.fit(list(sample.texts), sample.gold)
                probabilities = np.zeros((len(data.test.texts), len(data.labels)))
                probabilities[:, search.classes_] = search.predict_proba(list(data.test.texts))
                note("scikit-learn", probabilities.argmax(axis=1), probabilities)

    def note(name: str, labels: np.ndarray, probabilities: np.ndarray) -> None:
        scores[name].append(float((labels == data.gold).mean()))
        error = expected_calibration_error(data.gold, labels.astype(np.int32), probabilities.astype(np.float32))
        errors[name].append(error or 0.0)

    runs = common.side_by_side({"ours": ours, "scikit-learn": pipeline}, repeats=1)
    ratio = statistics.median(runs["ours"]) / statistics.median(runs["scikit-learn"])
    mean = {name: float(np.mean(values)) for name, values in scores.items()}
    ece = {name: float(np.mean(values)) for name, values in errors.items()}
    common.write(
        "linear_curve",
        "What do trials of TF-IDF and a linear classifier cost beside a scikit-learn pipeline with a grid search?",
        runs,
        unit="seconds",
        goals=[
            common.Goal("at most 0.5 x the pipeline", round(ratio, 3), ratio <= 0.5),
            common.Goal(
                "no lower in score (points)",
                round(100 * (mean["ours"] - mean["scikit-learn"]), 2),
                mean["ours"] >= mean["scikit-learn"] - 0.005,
            ),
            common.Goal(
                "no worse calibrated (ECE, difference)",
                round(ece["ours"] - ece["scikit-learn"], 4),
                ece["ours"] <= ece["scikit-learn"] + 0.01,
            ),
        ],
        limit="Counting n-grams of the trial's own rows is the part that no solver saves.",
        packages=("tuningfork-nlp", "scikit-learn", "scipy", "numpy"),
        more={"counts": COUNTS, "seeds": SEEDS, "accuracy": mean, "ece": ece},
    )


if __name__ == "__main__":
    main()
