"""The contract of an arm family, and the registry of families.

A new family is one new module (or folder) of `tuningfork.arms` with a module-level `FAMILY`, and its test; or an
entry point in the group `tuningfork.arms` of another package.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tuningfork.arms.kept import KeptAs, KeptTask, read_kept
from tuningfork.arms.results import Prediction, Side, TrialPlan, Usage
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import InputError, TuningforkError
from tuningfork.foundation.hashing import hash_of
from tuningfork.foundation.registry import Registry
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.llm.chat import ChatModel
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import LabelSpace
from tuningfork.task.read import FileRead
from tuningfork.task.readers.text_file import TextFormat
from tuningfork.task.rows import Pool
from tuningfork.task.schema import Note
from tuningfork.task.task_type import TASK_TYPES, TaskType

Progress = Callable[[int, int], None]
"""Called with (rows done, rows in all)."""


@dataclass(frozen=True, slots=True)
class Services:
    """What a trial may use; made by `study/`, which counts and keeps what goes through it.

    Attributes:
        encoder: opens (once) the encoder that a model reference names.
        embed: vectors of texts by a model reference, each text computed once a study whoever asks.
        chat: opens (once) the chat model of a spec; its replies are journalled and metered.
        workspace: a folder of the study for caches that should survive a restart (may be emptied at any time).
        model_folder: path of the weights of a local or Hub encoder (for fine-tuning), fetched if need be.
        progress: tells the person how far this trial is.
        stopwatch: of the study; an arm that takes work of an earlier trial from a memory says there what it would
            take, and leaves out what is nobody's to pay.
    """

    encoder: Callable[[str], Encoder]
    embed: Callable[[str, Sequence[str]], Vectors]
    chat: Callable[[ArmSpec], ChatModel]
    model_folder: Callable[[str], Path]
    workspace: Path
    progress: Progress
    stopwatch: Stopwatch = field(default_factory=Stopwatch)


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What a family knows of the study when it makes its schedule and its estimates. No evaluation row is in it.

    Attributes:
        pool: all pool rows.
        order: the study's random order of the pool for a seed, shape (len(pool),); a sample is a prefix of it.
        labels: the label space.
        counts: the label counts of the study's learning curves, ascending; the user's, or the default.
        counts_given: True if the user gave them.
        seeds: the user's number of seeds for trained arms, or None for the family's default.
        task_description: one sentence for prompts, or None.
        mean_characters: mean length of a row's text.
        prices: the user's own, by model: dollars a million prompt and completion tokens.
        form: how the study's text files are read.
        text_column: how they call the column with the text; None where that is not known.
        type: of the task: which fields a row has, and what an answer is one of.
        captions: field -> what a reader of the row would call it, of rows that are more than one text.
        symmetric: the two texts of a pair may change places.
    """

    pool: Pool
    order: Callable[[int], NDArray[np.intp]]
    labels: LabelSpace
    counts: tuple[int, ...]
    counts_given: bool
    seeds: int | None
    task_description: str | None
    mean_characters: float
    prices: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    form: TextFormat = field(default_factory=TextFormat)
    text_column: str | None = None
    type: TaskType = field(default_factory=lambda: TASK_TYPES.get("classification"))
    captions: Mapping[str, str] = field(default_factory=dict)
    symmetric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToAnswer:
    """The rows that a study scores, for a family whose answers were made before it.

    Attributes:
        evaluation, validation, shifted: none of the last without such a file.
        right: shape (evaluation rows,), labels as indices. They serve to notice a file that keeps them beside the
            answers, or that is of other rows; nothing is chosen by them.
        source: the file of the evaluation rows, for messages.
        command: that runs the study, with `{}` where this arm stands.
    """

    evaluation: Inputs
    validation: Inputs
    shifted: Inputs
    right: NDArray[np.int32]
    source: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What a family found in the files that hold its answers.

    Attributes:
        read: what was read of each file.
        notes: what a reader of the verdict should know of it.
        unanswered: role ('validation', 'shifted') -> rows without an answer; they are left unanswered then, all of
            them.
        as_before: the answers are those that the family's present `recipe_version` has always read of these files.
    """

    read: tuple[FileRead, ...]
    notes: tuple[Note, ...] = ()
    unanswered: Mapping[str, int] = field(default_factory=dict)
    as_before: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one trial is likely to take, before anything ran. Seconds are a middle guess for two CPU cores.

    Attributes:
        fit_seconds: from sample to ready model (loading included).
        row_seconds: for one predicted row.
        requests_per_row, prompt_tokens_per_row, completion_tokens_per_row: LLM traffic for one predicted row.
        fit_requests: LLM requests before the first predicted row (wordings).
        host: who receives rows, if anybody outside this machine does or may: a server on this machine that may pass
            them on is named with its port.
        usd_per_row: None where the price is not known or there is no bill.
    """

    fit_seconds: float
    row_seconds: float
    requests_per_row: float = 0.0
    prompt_tokens_per_row: float = 0.0
    completion_tokens_per_row: float = 0.0
    fit_requests: int = 0
    host: str | None = None
    usd_per_row: float | None = None


class Fitted(Protocol):
    """An arm that is ready to predict."""

    @property
    def model(self) -> str:
        """What runs, e.g. 'minilm-int8'."""

    @property
    def fit_usage(self) -> Usage:
        """LLM traffic that getting ready took."""

    @property
    def details(self) -> tuple[tuple[str, str], ...]:
        """What a reader may want to see of the recipe."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """Fallbacks and losses so far."""

    def predict(self, rows: Inputs, *, progress: Progress | None = None) -> tuple[Prediction, Usage]:
        """An answer for every row, in order."""

    def time_rows(self, rows: Inputs) -> tuple[float, ...]:
        """Seconds that each row takes alone, nothing cached; () where that would cost money or make no sense."""


@runtime_checkable
class Keepable(Protocol):
    """A `Fitted` that can be kept. One that only asks a server, or looks answers up, has nothing to keep."""

    def save(self, folder: Path) -> None:
        """Write all that `load_fitted` needs to answer as this does into a folder that is empty or not there yet: plain
        files of numbers and texts, encoders by their reference and digest. No row is in it.

        Raises:
            OSError: it cannot be written.
        """


class Family(ABC):
    """One way to do a task, for any model it can use."""

    name: ClassVar[str]
    side: ClassVar[Side]
    reads_texts: ClassVar[bool] = True
    """Whether its answers follow from the texts that it is given; not so for answers that were made elsewhere."""
    recipe_version: ClassVar[int] = 1
    """Raised with every change after which the same spec could answer the same rows otherwise, so that trials of the
    recipe before run again and are not taken for its own."""
    redraws: ClassVar[bool] = False
    """Whether the recipe itself is random, so that two seeds on one sample may answer differently."""
    sure_labels: ClassVar[int | None] = None
    """Label counts up to this are always run; of larger ones, which take minutes, as many as a study's time allows.
    None: all are always run."""

    def cannot_do(self, spec: ArmSpec, type_: TaskType) -> str | None:
        """Why this arm has nothing to answer rows of such a type with, in a clause; None where it can do them.

        A type that is not one text needs a family that says so: by default it can do classifications and no more.
        """
        return None if type_.has_one_text and type_.kind == "category" else f"{self.name} reads one text a row"

    @abstractmethod
    def check(self, spec: ArmSpec) -> None:
        """Refuse a spec that cannot work, without a request and without loading a model.

        Raises:
            InputError: a bad option, an unknown model, a missing key, extra or file, with the remedy.
        """

    def models(self, spec: ArmSpec) -> Sequence[str]:
        """References of the models whose files its answers hang on, as far as the store has them."""
        return ()

    def make_ready(self, spec: ArmSpec, store: ModelStore) -> None:
        """Fetch what the person named and look at it, so that what is wrong with it is known before any trial.

        Raises:
            InputError: it cannot work, with the remedy.
            ModelUnavailable: it cannot be had now; the trials will say so.
        """
        return None

    def side_of(self, spec: ArmSpec) -> Side:
        """The side this arm stands on."""
        return self.side

    def identity(self, spec: ArmSpec, setting: Setting) -> str:
        """Digest of what this arm's answers hang on beside spec, sample, rows and the labels' values: 64 hex digits.

        Raises:
            ModelUnavailable: weights on this disk cannot be read.
        """
        return hash_of([self.recipe_version, *self.hangs_on(spec, setting)])

    def hangs_on(self, spec: ArmSpec, setting: Setting) -> Sequence[object]:
        """What `identity` is made of beside the recipe's version, JSON-able: digests of weights and files, and whatever
        of the task it shows to a model. What a family never sees has no place here: it would run again for nothing."""
        return ()

    def elsewhere(self, spec: ArmSpec, setting: Setting, rows: ToAnswer) -> Elsewhere | None:
        """What its files say of these rows, for a family whose answers were made before the study; None for others.

        Raises:
            InputError: a file that cannot be used, or that lacks an answer to an evaluation row.
        """
        return None

    @abstractmethod
    def schedule(self, spec: ArmSpec, setting: Setting) -> tuple[TrialPlan, ...]:
        """The trials of this arm: its label counts and seeds, cheapest first."""

    @abstractmethod
    def estimate(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> Estimate:
        """What one of these trials is likely to take; no request, no model."""

    @abstractmethod
    def fit(self, spec: ArmSpec, plan: TrialPlan, sample: Pool, setting: Setting, services: Services) -> Fitted:
        """Make the arm ready from the trial's own rows and nothing else.

        Args:
            sample: exactly `plan.n_labels` pool rows (none for zero-shot), in the seed's order.

        Raises:
            RoleError: `sample` is not of the pool.
            ArmFailed, ModelUnavailable, ProviderError, BudgetExceeded: as their names say.
        """

    def kept_as(self, spec: ArmSpec, plan: TrialPlan, setting: Setting) -> KeptAs:
        """What a model of this trial is kept as."""
        task = KeptTask(setting.type, setting.labels, setting.captions, setting.symmetric)
        return KeptAs(spec=spec, recipe_version=self.recipe_version, task=task, n_labels=plan.n_labels, seed=plan.seed)

    def load(self, folder: Path, about: KeptAs, services: Services) -> Fitted:
        """What `Keepable.save` wrote; see `load_fitted`, which has looked at the files before.

        Raises:
            InputError, ModelUnavailable: as `load_fitted`.
            ValueError, KeyError, TypeError: the files are of something else.
        """
        raise InputError(f"{self.name} keeps no models", file=folder)


FAMILIES: Registry[Family] = Registry(
    kind="arm family",
    package="tuningfork.arms",
    attribute="FAMILY",
    helpers=frozenset({"bodies", "family", "kept", "results", "spec", "schedules", "targets"}),
)


def load_fitted(folder: Path, services: Services) -> tuple[KeptAs, Fitted]:
    """A model that was kept, ready to answer as it did, and what it is. No data of its study is needed.

    Raises:
        InputError: no model, one of a newer tuningfork or of another recipe, or one that is damaged.
        UnknownName: of a family or a type of task that is not known here.
        ModelUnavailable: its encoder cannot be had, or is another by now.
    """
    about = read_kept(folder)
    family = FAMILIES.get(about.spec.family)
    if family.recipe_version != about.recipe_version:
        raise InputError(
            f"was fitted by recipe {about.recipe_version} of {family.name}, and this tuningfork has recipe "
            f"{family.recipe_version}",
            file=folder,
            remedy="Run the study again",
        )
    try:
        return about, family.load(folder, about, services)
    except (ValueError, KeyError, TypeError, IndexError) as error:
        if isinstance(error, TuningforkError):
            raise
        raise InputError(f"holds no model of {family.name} ({error})", file=folder) from error
