"""What an answer hangs on, as digests: the names under which trials are kept and found again."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from tuningfork.arms.family import Family, Setting
from tuningfork.arms.results import TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.foundation.hashing import hash_of, hash_of_bytes, hash_of_texts
from tuningfork.task.labels import LabelSpace
from tuningfork.task.rows import Pool


def question_of(family: Family, spec: ArmSpec, setting: Setting) -> str:
    """Digest of all that an arm's answers hang on beside their rows: what its family says, the labels' values in their
    order, which answers are indices into, and of rows that are more than one text which fields they have.

    Raises:
        InputError, ModelUnavailable: as `Family.identity`.
    """
    of_type = [] if setting.type.has_one_text else [setting.type.name, setting.symmetric, sorted(setting.captions)]
    return hash_of([family.identity(spec, setting), label_space_of(setting.labels), *of_type])


def label_space_of(labels: LabelSpace) -> str:
    """Digest of the labels' values in their order."""
    return hash_of_texts(labels.values)


def names_of(labels: LabelSpace) -> str:
    """Digest of the labels as they are shown: values, names and descriptions."""
    return hash_of([asdict(label) for label in labels.labels])


def key_of(plan: TrialPlan, question: str, setting: Setting) -> str:
    """Names a trial in the ledger: arm, level, labels, seed, its question and its sample, in the sample's order."""
    sample = setting.order(plan.seed)[: plan.n_labels or 0]
    digest = hash_of_bytes(np.ascontiguousarray(sample, dtype="<i8").tobytes())
    return hash_of([plan.arm, plan.level, plan.n_labels, plan.seed, question, digest])


def draw_of(family: Family, plan: TrialPlan, sample: Pool) -> str:
    """Digest of what was random in a trial: which rows it was given, in whatever order, and the seed too where the
    family's recipe is itself random. Trials of one arm and level with different draws are redrawn."""
    return hash_of([hash_of_texts(sorted(sample.ids)), plan.seed if family.redraws else None])
