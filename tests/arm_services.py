"""Real services, settings and rows for tests of arms: the store's own encoders, and samples of real data sets."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from tuningfork.arms.family import Family, Fitted, Services, Setting
from tuningfork.arms.results import Prediction, TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.encoder import Encoder
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.llm.chat import ChatModel
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Gold, Pool


@dataclass(frozen=True, eq=False)
class Bench:
    """A pool to sample from, rows to score on, and the services that trials get."""

    setting: Setting
    services: Services
    test: Inputs
    gold: Gold

    def fit(self, family: Family, text: str, n_labels: int, seed: int = 0) -> Fitted:
        spec = ArmSpec.parse(text)
        plan = TrialPlan(arm=text, level=n_labels, n_labels=n_labels, seed=seed)
        sample = self.setting.pool.take(self.setting.order(seed)[:n_labels])
        return family.fit(spec, plan, sample, self.setting, self.services)

    def predict(self, family: Family, text: str, n_labels: int, seed: int = 0) -> Prediction:
        return self.fit(family, text, n_labels, seed).predict(self.test)[0]

    def accuracy(self, family: Family, text: str, n_labels: int, seed: int = 0) -> float:
        return float((self.predict(family, text, n_labels, seed).labels == self.gold).mean())


def make_bench(
    services: Services,
    train: Sequence[tuple[str, str]],
    test: Sequence[tuple[str, str]],
    counts: tuple[int, ...] = (8,),
) -> Bench:
    """A bench of (text, label) pairs; the label space holds every label of both."""
    values = sorted({label for _, label in (*train, *test)})
    index = {value: place for place, value in enumerate(values)}
    pool = Pool(
        ids=tuple(f"train.csv:{row}" for row in range(1, len(train) + 1)),
        texts=tuple(text for text, _ in train),
        gold=np.array([index[label] for _, label in train], np.int32),
    )
    setting = Setting(
        pool=pool,
        order=lambda seed: np.random.default_rng(seed).permutation(len(pool)),
        labels=LabelSpace(tuple(Label(value, value) for value in values)),
        counts=counts,
        counts_given=False,
        seeds=None,
        task_description=None,
        mean_characters=float(np.mean([len(text) for text in pool.texts])),
    )
    inputs = Inputs.of_texts(
        tuple(f"test.csv:{row}" for row in range(1, len(test) + 1)), tuple(text for text, _ in test)
    )
    return Bench(setting, services, inputs, np.array([index[label] for _, label in test], np.int32))


def real_services(store: ModelStore, workspace: Path) -> Services:
    """Services over the real store: encoders opened once, vectors cached, no LLM."""
    encoders: dict[str, Encoder] = {}
    vectors = EmbeddingCache(workspace / "embeddings")

    def encoder(reference: str) -> Encoder:
        if reference not in encoders:
            encoders[reference] = open_encoder(reference, store)
        return encoders[reference]

    def no_chat(spec: ArmSpec) -> ChatModel:
        raise AssertionError(f"{spec.text} asked for an LLM")

    return Services(
        encoder=encoder,
        embed=lambda reference, texts: vectors.embed(encoder(reference), texts),
        chat=no_chat,
        model_folder=store.locate,
        workspace=workspace,
        progress=lambda _done, _total: None,
    )


@cache
def rows_of(file: Path) -> tuple[tuple[str, str], ...]:
    """(text, label) of every row of a CSV file, in one random order."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [(row["text"], row["label"]) for row in csv.DictReader(lines)]
    return tuple(rows[place] for place in np.random.default_rng(0).permutation(len(rows)))
