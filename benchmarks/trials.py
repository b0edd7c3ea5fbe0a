"""Single trials outside a study, for the benchmarks that time them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import common
import numpy as np

from tuningfork.arms.family import Family, Fitted, Services, Setting
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.encoders.cache import EmbeddingCache
from tuningfork.models.encoders.opening import open_encoder
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Gold, Pool


@dataclass(frozen=True)
class Rows:
    """A pool, rows to score on and their labels."""

    pool: Pool
    test: Inputs
    gold: Gold
    labels: LabelSpace

    @classmethod
    def of(cls, name: str, *, pool: int, test: int) -> Self:
        """Random rows of a public data set's training and test files."""
        train, held = (common.rows(name, split) for split in ("train", "test"))
        rng = np.random.default_rng(0)
        train = [train[place] for place in rng.permutation(len(train))[:pool]]
        held = [held[place] for place in rng.permutation(len(held))[:test]]
        values = sorted({row["label"] for row in (*train, *held)})
        index = {value: place for place, value in enumerate(values)}
        gold = np.array([index[row["label"]] for row in train], np.int32)
        names = tuple(f"train.csv:{row}" for row in range(1, len(train) + 1))
        return cls(
            Pool(ids=names, texts=tuple(row["text"] for row in train), gold=gold),
            Inputs.of_texts(
                tuple(f"test.csv:{row}" for row in range(1, len(held) + 1)), tuple(row["text"] for row in held)
            ),
            np.array([index[row["label"]] for row in held], np.int32),
            LabelSpace(tuple(Label(value, value) for value in values)),
        )

    def sample(self, count: int, seed: int) -> Pool:
        """The first `count` rows of a seed's order."""
        return self.pool.take(self.setting.order(seed)[:count])

    @cached_property
    def setting(self) -> Setting:
        """What an arm may know of the study."""
        return Setting(
            pool=self.pool,
            order=lambda seed: np.random.default_rng(seed).permutation(len(self.pool)),
            labels=self.labels,
            counts=(8,),
            counts_given=False,
            seeds=None,
            task_description=None,
            mean_characters=float(np.mean([len(text) for text in self.pool.texts])),
        )


def fit(family: Family, spec: str, rows: Rows, count: int, seed: int, workspace: Path) -> Fitted:
    """One trial's arm, ready to predict; what a study shares between trials is shared within one workspace."""
    plan = TrialPlan(arm=spec, level=count, n_labels=count, seed=seed)
    sample, services = rows.sample(count, seed), _services(workspace)
    return family.fit(ArmSpec.parse(spec), plan, sample, rows.setting, services)


def _services(workspace: Path) -> Services:
    store, vectors = ModelStore(), EmbeddingCache(workspace / "embeddings")

    def no_chat(spec: ArmSpec) -> None:
        raise AssertionError(f"{spec.text} asked for an LLM")

    return Services(
        encoder=lambda reference: open_encoder(reference, store),
        embed=lambda reference, texts: vectors.embed(open_encoder(reference, store), texts),
        chat=no_chat,  # type: ignore[arg-type]
        model_folder=store.locate,
        workspace=workspace,
        progress=lambda _done, _total: None,
    )
