"""Measure the shift test on public data sets, render docs/results/shift.md from it, or check that it has not drifted.

    python scripts/shift_results.py --measure DATA    write docs/results/shift.json (some minutes), then the page
    python scripts/shift_results.py                   write the page
    python scripts/shift_results.py --check           exit 1 if the page would change

DATA is a folder with the public sets, one folder each. Nothing of their rows is kept but single words that moved.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from marked_blocks import filled

from tuningfork.models.encoders.encoder import Encoder
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
from tuningfork.profile.figures import MovedShare
from tuningfork.profile.shift import ALPHA, MOST_ROWS, WORTH_SEEING, ShiftRows, measure_shift
from tuningfork.stats.planted_shift import shift_power
from tuningfork.stats.two_sample import compare_samples

ROOT = Path(__file__).resolve().parents[1]
JSON = ROOT / "docs" / "results" / "shift.json"
PAGE = ROOT / "docs" / "results" / "shift.md"
HALVINGS = 200
SAMPLES = 20
DOMAINS = ("amazon_review_snippets", "movie_review_snippets", "nyt_editorial_snippets", "tweets")


@dataclass(frozen=True)
class Pair:
    """Two files, and what a person who knows them expects."""

    name: str
    before: ShiftRows
    after: ShiftRows
    expected: bool


class Sets:
    """Rows of the public sets with their vectors."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        self._folder, self._encoder = folder, encoder

    def rows(self, file: str, *, text: str = "text", label: str | None = "label") -> ShiftRows:
        with (self._folder / file).open(encoding="utf-8", newline="") as lines:
            read = list(csv.DictReader(lines))
        texts = [row[text] for row in read]
        labels = ["" if label is None else row[label] for row in read]
        return ShiftRows(texts, self._encoder.embed(texts), labels)

    def pairs(self) -> Iterator[Pair]:
        """Everything that is compared, in the order of the page."""
        yield from self._imdb()
        yield from self._requests()
        reviews, tweets = self.rows("sst2/train.csv"), self.rows("tweet_emotion/train.csv")
        yield Pair("sst2: train, and tweet_emotion's train", reviews, tweets, True)
        yield Pair("sst2: train and test", reviews, self.rows("sst2/test.csv"), False)
        yield Pair("tweet_emotion: train and test", tweets, self.rows("tweet_emotion/test.csv"), False)
        yield from self._domains()
        yield from self._sentences()

    def _imdb(self) -> Iterator[Pair]:
        folder = "imdb_counterfactual"
        train, test = self.rows(f"{folder}/train.csv"), self.rows(f"{folder}/test.csv")
        rewritten = self.rows(f"{folder}/shifted_counterfactual_test.csv")
        few = rewritten.take(range(0, len(rewritten), 8))
        yield Pair(f"{folder}: train, and rewritten to the other label", train, rewritten, True)
        yield Pair(f"{folder}: train, and an eighth of those", train, few, True)
        yield Pair(f"{folder}: test, and the same reviews rewritten", test, rewritten, True)
        contrast = self.rows(f"{folder}/shifted_contrast_set_test.csv")
        yield Pair(f"{folder}: train, and the contrast set", train, contrast, True)
        yield Pair(f"{folder}: train and test", train, test, False)

    def _requests(self) -> Iterator[Pair]:
        train = self.rows("clinc150/train.csv")
        yield Pair("clinc150: train, and out of scope (test)", train, self.rows("clinc150/out_of_scope_test.csv"), True)
        few = self.rows("clinc150/out_of_scope_train.csv")
        yield Pair("clinc150: train, and out of scope (train)", train, few, True)
        yield Pair("clinc150: train and test", train, self.rows("clinc150/test.csv"), False)

    def _domains(self) -> Iterator[Pair]:
        rows = {name: self.rows(f"sentiment_ratings/{name}.csv", label=None) for name in DOMAINS}
        for name, own in rows.items():
            others = _joined([other for other_name, other in rows.items() if other_name != name])
            yield Pair(f"sentiment_ratings: {name}, and the other three", own, others, True)
        for name, own in rows.items():
            yield Pair(f"sentiment_ratings: halves of {name}", *_halves(own), False)

    def _sentences(self) -> Iterator[Pair]:
        english = self.rows("stsb/train.csv", text="sentence1", label=None)
        german = self.rows("stsb/shifted_german_test.csv", text="sentence1", label=None)
        test = self.rows("stsb/test.csv", text="sentence1", label=None)
        yield Pair("stsb: train, and German", english, german, True)
        yield Pair("stsb: train and test", english, test, False)


def measure(folder: Path) -> dict[str, Any]:
    """Everything that the page shows."""
    sets = Sets(folder, encoder := open_encoder("wordllama", ModelStore()))
    pairs = [_measured(pair) for pair in sets.pairs()]
    reviews, requests = sets.rows("sst2/train.csv"), sets.rows("clinc150/train.csv")
    power = [
        _power_confirmed(name, rows.vectors, size)
        for name, rows in (("sst2", reviews), ("clinc150", requests))
        for size in (100, 300)
    ]
    return {
        "encoder": encoder.name,
        "alpha": ALPHA,
        "worth_seeing": WORTH_SEEING,
        "pairs": pairs,
        "halvings": _halvings("sst2", reviews),
        "power": power,
    }


def _measured(pair: Pair) -> dict[str, Any]:
    found = measure_shift("shifted", pair.before, pair.after)
    agreed = found.detected == pair.expected
    print(pair.name, found.p_value, file=sys.stderr)
    return {
        "name": pair.name,
        "expected": pair.expected,
        "in_files": [len(pair.before), len(pair.after)],
        "rows": list(found.rows),
        "detected": found.detected,
        "p_value": found.p_value,
        "smallest_shift": found.smallest_shift,
        "power": found.power,
        "repeats_only": found.repeats_only,
        "seen_in_samples": None if agreed or max(len(pair.before), len(pair.after)) <= MOST_ROWS else _samples(pair),
        "tests": [asdict(test) for test in found.tests],
        "words": [_moved(word) for word in found.words],
        "labels": [_moved(label) for label in found.labels[:3]],
    }


def _samples(pair: Pair) -> list[int]:
    """[samples of the files in which a shift is seen, samples drawn]: whether the rows drawn are to blame."""
    found = [measure_shift("shifted", pair.before, pair.after, seed=seed).detected for seed in range(SAMPLES)]
    return [sum(seen is True for seen in found), SAMPLES]


def _moved(share: MovedShare) -> dict[str, Any]:
    return {"name": share.name, "before": round(share.before, 4), "after": round(share.after, 4)}


def _halvings(name: str, rows: ShiftRows) -> dict[str, Any]:
    """Random halves of one set: whatever is seen is a false alarm."""
    draw = np.random.default_rng(0)
    p_values = []
    for seed in range(HALVINGS):
        order = draw.permutation(len(rows))
        before, after = rows.vectors[order[:1000]], rows.vectors[order[1000:2000]]
        p_values.append(compare_samples(before, after, seed=seed).p_value)
    alarms = {str(alpha): int(sum(p <= alpha for p in p_values)) for alpha in (0.01, 0.05, 0.1)}
    return {"set": name, "halvings": HALVINGS, "rows": [1000, 1000], "alarms": alarms}


def _power_confirmed(name: str, rows: np.ndarray, size: int, repeats: int = 400) -> dict[str, Any]:
    """The smallest shift that the test reports, and how often it sees one of that size among rows drawn afresh."""
    draw = np.random.default_rng(1)
    reported = []
    for seed in range(15):
        chosen = rows[draw.permutation(len(rows))[: 2 * size]]
        found = shift_power(compare_samples(chosen[:size], chosen[size:], seed=seed), WORTH_SEEING, seed=seed)
        reported.append(1.0 if found.smallest is None else found.smallest)
    share = float(np.median(reported))
    p_values = [
        compare_samples(*_one_subject_more(rows, size, share, draw), permutations=199, seed=seed).p_value
        for seed in range(repeats)
    ]
    seen = float(np.mean([p <= ALPHA for p in p_values]))
    return {"set": name, "rows": [size, size], "smallest_shift": share, "repeats": repeats, "seen": seen}


def _one_subject_more(
    rows: np.ndarray, size: int, share: float, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Two fresh samples; in the second a share of the rows is replaced by unused rows of one subject."""
    order = draw.permutation(len(rows))
    before, after = rows[order[:size]], rows[order[size : 2 * size]].copy()
    similarity = rows @ rows[draw.integers(len(rows))]
    least = np.quantile(similarity, 2 / 3)
    come = [place for place in order[2 * size :] if similarity[place] >= least][: round(share * size)]
    after[: len(come)] = rows[come]
    return before, after


def _halves(rows: ShiftRows) -> tuple[ShiftRows, ShiftRows]:
    order = np.random.default_rng(0).permutation(len(rows))
    return rows.take(order[: len(rows) // 2]), rows.take(order[len(rows) // 2 :])


def _joined(parts: Sequence[ShiftRows]) -> ShiftRows:
    return ShiftRows(
        [text for part in parts for text in part.texts],
        np.concatenate([part.vectors for part in parts]),
        [label for part in parts for label in part.labels],
    )


def blocks(measured: dict[str, Any]) -> dict[str, str]:
    """What the page shows, by name of its place."""
    return {
        "shift pairs": _pairs_table(measured["pairs"]),
        "shift misses": _misses(measured["pairs"]),
        "shift words": _words_table(measured["pairs"]),
        "shift halvings": _halvings_sentence(measured["halvings"]),
        "shift power": _power_table(measured["power"]),
    }


def _pairs_table(pairs: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| before, and after | rows compared | p | AUC | seen | expected | smallest shift | power at 20 % |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pair in pairs:
        before, after = pair["rows"]
        lines.append(
            f"| {pair['name']} | {before} + {after} | {_p(pair['p_value'])} "
            f"| {pair['tests'][1]['statistic']:.2f} | {_yes(pair['detected'])} "
            f"| {_yes(pair['expected'])} | {_percent(pair['smallest_shift'])} | {_percent(pair['power'])} |"
        )
    return "\n".join(lines)


def _misses(pairs: Sequence[dict[str, Any]]) -> str:
    other = [pair for pair in pairs if pair["detected"] != pair["expected"]]
    agreed = f"Test and person agree on {len(pairs) - len(other)} of {len(pairs)} pairs."
    if not other:
        return agreed
    told = [
        f"- {pair['name']}: {'seen' if pair['detected'] else 'not seen'} (p = {_p(pair['p_value'])}), "
        f"{'one' if pair['expected'] else 'none'} expected{_in_other_samples(pair)}"
        for pair in other
    ]
    return "\n".join([f"{agreed} They differ on:", "", *told])


def _in_other_samples(pair: dict[str, Any]) -> str:
    if pair["seen_in_samples"] is None:
        return ""
    seen, samples = pair["seen_in_samples"]
    return f"; seen in {seen} of {samples} random samples of the files"


def _words_table(pairs: Sequence[dict[str, Any]]) -> str:
    lines = ["| before, and after | words that moved most: share of rows before and after |", "|---|---|"]
    for pair in pairs:
        words = [
            f"{word['name']} {100 * word['before']:.0f} to {100 * word['after']:.0f} %" for word in pair["words"][:6]
        ]
        if words:
            lines.append(f"| {pair['name']} | {', '.join(words)} |")
    return "\n".join(lines)


def _halvings_sentence(found: dict[str, Any]) -> str:
    told = ", ".join(
        f"{seen} alarms at alpha = {alpha} (expected {float(alpha) * found['halvings']:.0f})"
        for alpha, seen in found["alarms"].items()
    )
    return (
        f"{found['halvings']} times {found['rows'][0]} + {found['rows'][1]} random rows of {found['set']}, "
        f"no row on both sides: {told}."
    )


def _power_table(found: Sequence[dict[str, Any]]) -> str:
    lines = [
        "| rows drawn from | rows a file | smallest shift reported | seen among fresh rows |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {row['set']} | {row['rows'][0]} | {_percent(row['smallest_shift'])} "
        f"| {_percent(row['seen'])} of {row['repeats']} |"
        for row in found
    ]
    return "\n".join(lines)


def _p(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _yes(value: bool | None) -> str:
    return {True: "yes", False: "no", None: "too few rows"}[value]


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}\u00a0%"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write or check."""
    parser = argparse.ArgumentParser(description="the page on the shift test, from docs/results/shift.json")
    parser.add_argument("--measure", type=Path, metavar="DATA", help="folder of the public sets")
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args(arguments)
    if chosen.measure:
        JSON.write_text(json.dumps(measure(chosen.measure), indent=1) + "\n", encoding="utf-8")
    old = PAGE.read_text(encoding="utf-8")
    new, unplaced = filled(old, blocks(json.loads(JSON.read_text(encoding="utf-8"))))
    if unplaced:
        raise SystemExit(f"{PAGE.name} has no place for: {', '.join(unplaced)}")
    if new != old and not chosen.check:
        PAGE.write_text(new, encoding="utf-8")
    print(json.dumps({"differs" if chosen.check else "written": new != old}))
    return int(new != old and chosen.check)


if __name__ == "__main__":
    sys.exit(main())
