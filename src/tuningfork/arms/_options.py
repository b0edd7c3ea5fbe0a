"""Rows with options of their own: each option beside its question is a pair, and a scorer of pairs says which fits.

The scorer is the family's own, trained to tell right options from wrong ones. Beside it stands what nobody trained: the
cosine of question and option. A share of the two is chosen on rows of the trial's own, so that few labels do not make
an arm worse than it was before it saw any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuningfork.answers.category import Categories
from tuningfork.arms._trained import as_seen
from tuningfork.arms._vectors import Embed, cosines
from tuningfork.arms.bodies import body_named, require_body
from tuningfork.arms.family import Family, Fitted, Keepable, Progress, Services, Setting, load_fitted
from tuningfork.arms.kept import KeptAs, keeping, read_plain, write_plain
from tuningfork.arms.results import Prediction, TrialPlan, Usage
from tuningfork.arms.spec import ONLY, ArmSpec
from tuningfork.arms.targets.inner_choice import FEWEST_TO_CHOOSE, Scores, best_scale, inner_splits
from tuningfork.task.inputs import Fields, Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Pool
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TASK_TYPES, TaskType

_RIGHT_OR_WRONG = LabelSpace((Label("wrong", "wrong"), Label("right", "right")))
_FIRST, _SECOND = "text_a", "text_b"
_SHARES = np.linspace(0.0, 1.0, 6)
_FIXED_SHARE, _FIXED_SCALE = 0.2, 1.0
_COSINE_AS_ODDS = 10.0
"""What a cosine is worth in log-odds: a difference of .1 makes an option e times as likely."""
_LEAST = 1e-6
_PLAIN, _PAIRS = "options.json", "pairs"


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The options of n rows, each beside its question.

    Attributes:
        pairs: one row an option.
        sizes: options of each row, shape (n,).
    """

    pairs: Inputs
    sizes: NDArray[np.intp]

    @classmethod
    def of(cls, rows: Inputs, type_: TaskType) -> Candidates:
        """The options of these rows; everything but the options is the question."""
        options = rows.fields.lists(next(field.name for field in type_.fields if field.is_list))
        texts = [
            rows.fields.text(field.name)
            for field in type_.fields
            if not field.is_list and field.name in rows.fields.named
        ]
        questions = ["\n".join(filter(None, row)) for row in zip(*texts, strict=True)]
        sizes = np.array([len(row) for row in options], np.intp)
        first = [question for question, size in zip(questions, sizes, strict=True) for _ in range(size)]
        ids = [f"{name}#{place}" for name, size in zip(rows.ids, sizes, strict=True) for place in range(size)]
        fields = Fields({_FIRST: tuple(first), _SECOND: tuple(option for row in options for option in row)})
        return cls(Inputs(tuple(ids), fields), sizes)

    @property
    def row_of(self) -> NDArray[np.intp]:
        """The row of each pair."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @property
    def place_of(self) -> NDArray[np.intp]:
        """The place of each pair's option in its row."""
        starts = np.cumsum(self.sizes) - self.sizes
        return np.arange(int(self.sizes.sum())) - np.repeat(starts, self.sizes)

    def by_row(self, odds: NDArray[np.float64], width: int) -> Scores:
        """Log-odds of pairs, shape (pairs,), as those of a row's options, shape (n, width); -inf where it has none."""
        table = np.full((len(self.sizes), width), -np.inf, np.float32)
        table[self.row_of, self.place_of] = odds
        return table


def fit_options(
    family: Family, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services
) -> Fitted:
    """A family's scorer of pairs, fitted to right and wrong options, and its share beside the untrained cosine.

    From 50 labels on the share and the scale are chosen on held-out rows of the sample; below, they are fixed. An arm
    that sees the options alone is fitted to pairs without a question.
    """
    only, spec = spec.options.get(ONLY), spec.without_option(ONLY)
    reference = spec.model or None
    embed: Embed | None = None if reference is None else partial(services.embed, reference)

    def fitted_to(rows: Pool) -> Fitted:
        pairs = _as_pool(rows, setting.type, only)
        of_pairs = replace(setting, type=TASK_TYPES.get("pair"), labels=_RIGHT_OR_WRONG, symmetric=False)
        return family.fit(spec, replace(plan, n_labels=len(pairs)), pairs, of_pairs, services)

    share, scale, basis = _FIXED_SHARE, _FIXED_SCALE, f"fixed below {FEWEST_TO_CHOOSE} labels"
    if len(sample) >= FEWEST_TO_CHOOSE and (splits := inner_splits(sample.units)[:_MOST_SPLITS]):
        blocks = []
        for split in splits:
            held_out = sample.take(split.held_out)
            scorer = _Scorer(fitted_to(sample.take(split.fit)), embed, setting.type, only, len(setting.labels))
            blocks.append((scorer.parts(held_out.inputs), held_out.gold.astype(np.intp)))
        share, scale = _best_share(blocks)
        basis = "held-out rows of its own"
    scorer = _Scorer(fitted_to(sample), embed, setting.type, only, len(setting.labels))
    about = family.kept_as(spec, plan, setting)
    return FittedOptions(about, scorer, share if embed is not None else 1.0, scale, basis)


def load_options(folder: Path, about: KeptAs, services: Services) -> Fitted:
    """What `FittedOptions.save` wrote.

    Raises:
        InputError, ModelUnavailable: as `load_fitted`.
    """
    plain = read_plain(folder / _PLAIN)
    embed: Embed | None = None
    if plain["encoder"] is not None:
        reference = require_body(plain["encoder"], services)
        embed = partial(services.embed, reference)
    _, fitted = load_fitted(folder / _PAIRS, services)
    scorer = _Scorer(fitted, embed, about.task.type, about.spec.options.get(ONLY), len(about.task.labels))
    return FittedOptions(about, scorer, plain["share"], plain["scale"], plain["basis"])


_MOST_SPLITS = 2
"""Further folds would train a dear family once more each, for a choice among six shares."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scorer:
    """What a fitted family, and the cosine, say of options.

    Attributes:
        width: the most options that a row can have.
    """

    fitted: Fitted
    embed: Embed | None
    type: TaskType
    only: str | None
    width: int

    def candidates(self, rows: Inputs) -> Candidates:
        """The options of rows, beside what it sees of their questions."""
        return Candidates.of(as_seen(rows, self.only), self.type)

    def parts(self, rows: Inputs, *, embed: Embed | None = None) -> tuple[Scores, Scores]:
        """Log-odds by the family and by the cosine, shape (n, width); the latter all 0 without an encoder."""
        candidates = self.candidates(rows)
        probabilities = self.fitted.predict(candidates.pairs)[0].probabilities
        assert probabilities is not None, "trained arms say how sure they are"
        right = probabilities[:, 1].astype(np.float64).clip(_LEAST, 1 - _LEAST)
        learned = candidates.by_row(np.log(right / (1 - right)), self.width)
        use = embed or self.embed
        if use is None:
            return learned, candidates.by_row(np.zeros(len(right)), self.width)
        return learned, candidates.by_row(_COSINE_AS_ODDS * cosine_of(candidates, use), self.width)


def cosine_of(candidates: Candidates, embed: Embed) -> NDArray[np.float64]:
    """Of each option and its question, shape (pairs,)."""
    first, second = (embed(candidates.pairs.fields.text(name)) for name in (_FIRST, _SECOND))
    return cosines(first, second).astype(np.float64)


class FittedOptions:
    """A scorer of options that is ready to answer."""

    fit_usage = Usage()

    def __init__(self, about: KeptAs, scorer: _Scorer, share: float, scale: float, basis: str) -> None:
        self._about, self._scorer, self._share, self._scale, self._basis = about, scorer, share, scale, basis

    @property
    def model(self) -> str:
        return self._scorer.fitted.model

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        if self._scorer.embed is None:
            return (*self._scorer.fitted.details, ("scores", "each option beside its question"))
        told = f"{self._share:.0%} ({self._basis})"
        return (*self._scorer.fitted.details, ("share of what was learned, beside the untrained cosine", told))

    @property
    def notes(self) -> tuple[Note, ...]:
        return self._scorer.fitted.notes

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        prediction = prediction_of(mixed(self._scorer.parts(rows), self._share), self._scale)
        if progress is not None:
            progress(len(rows), len(rows))
        return prediction, Usage()

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        """Seconds of each row alone: of all its options, one by one."""
        candidates = self._scorer.candidates(rows)
        seconds = self._scorer.fitted.time_rows(candidates.pairs)
        ends = pairwise([0, *np.cumsum(candidates.sizes).tolist()])
        return tuple(sum(seconds[start:stop]) for start, stop in ends) if seconds else ()

    def save(self, folder: Path) -> None:
        """The scorer of pairs, a model of its own, and its share beside the cosine of an encoder, which is named."""
        inner = self._scorer.fitted
        assert isinstance(inner, Keepable), "what is trained on this machine can be kept"
        with keeping(folder, self._about):
            inner.save(folder / _PAIRS)
            encoder = None if self._scorer.embed is None else body_named(self._about.spec.model)
            plain = {"encoder": encoder, "share": self._share, "scale": self._scale, "basis": self._basis}
            write_plain(folder / _PLAIN, plain)


def mixed(parts: tuple[Scores, Scores], share: float) -> Scores:
    """The learned log-odds and the cosine's, weighed; -inf stays where a row has no such option."""
    learned, cosine = parts
    there = np.isfinite(learned)
    return np.where(there, share * np.where(there, learned, 0) + (1 - share) * np.where(there, cosine, 0), -np.inf)


def prediction_of(odds: Scores, scale: float) -> Prediction:
    """Probabilities over the options of each row, and the likeliest; the first of equals."""
    if not len(odds):
        return Prediction(Categories(np.zeros(0, np.int32)), np.zeros(odds.shape, np.float32))
    scaled = odds.astype(np.float64) * scale
    scaled = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    probabilities = (scaled / scaled.sum(axis=1, keepdims=True)).astype(np.float32)
    return Prediction(Categories(probabilities.argmax(axis=1).astype(np.int32)), probabilities)


def _as_pool(rows: Pool, type_: TaskType, only: str | None) -> Pool:
    """Each option beside its question as a row, labelled 1 where it is right; all of one row are one unit."""
    candidates = Candidates.of(as_seen(rows.inputs, only), type_)
    right = candidates.place_of == rows.gold[candidates.row_of]
    units = rows.units[candidates.row_of]
    return Pool(
        ids=candidates.pairs.ids,
        texts=candidates.pairs.texts,
        gold=right.astype(np.int32),
        groups=tuple(f"unit {unit}" for unit in units.tolist()),
        fields=candidates.pairs.fields,
    )


def _best_share(blocks: Sequence[tuple[tuple[Scores, Scores], NDArray[np.intp]]]) -> tuple[float, float]:
    """The share, and the scale, with the lowest log loss on held-out rows; a tie goes to what was learned less."""
    found = []
    for share in _SHARES:
        odds = [np.maximum(mixed(parts, share), -1e4) for parts, _ in blocks]
        scale, loss = best_scale(odds, [gold for _, gold in blocks])
        found.append((loss, float(share), scale))
    _, share, scale = min(found)
    return share, scale
