"""Settings and services for tests of prompt arms: real chat models, vectors of word counts, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from ports import MemoryJournal, MemoryMeter
from tuningfork.arms.family import FAMILIES, Fitted, Services, Setting
from tuningfork.arms.prompt.forms.category import FORM
from tuningfork.arms.prompt.forms.form import AnswerForm
from tuningfork.arms.prompt.rows import PromptRow, PromptTask
from tuningfork.arms.prompt.shots import Shot
from tuningfork.arms.prompt.wordings import wordings_of
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.encoders.encoder import Encoder, Vectors
from tuningfork.models.llm.chat import ChatModel, ChatNotes, Message, PromptLengths, Question, Reply
from tuningfork.models.llm.opening import open_chat_model
from tuningfork.models.store import ModelStore
from tuningfork.task.inputs import Field, Fields
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.right_options import letters
from tuningfork.task.rows import Pool
from tuningfork.task.task_type import TASK_TYPES

WORDINGS = wordings_of(TASK_TYPES.get("classification"))
text_row = PromptRow.of_text


def form_of(labels: LabelSpace, description: str | None = None) -> AnswerForm:
    """What puts rows that are one text into words."""
    return FORM(PromptTask(labels, description))


def shot_of(text: str, answer: str) -> Shot:
    """An example that is one text."""
    return Shot(text_row(text), answer)


def pool_of(rows: Sequence[tuple[str, str]], labels: LabelSpace) -> Pool:
    """Pool rows from (text, label) pairs."""
    return Pool(
        ids=tuple(f"rows:{i}" for i in range(len(rows))),
        texts=tuple(text for text, _ in rows),
        gold=np.array([labels.values.index(label) for _, label in rows], dtype=np.int32),
    )


def label_space(*names: str) -> LabelSpace:
    """Labels that are their own names."""
    return LabelSpace(tuple(Label(name, name) for name in names))


def setting_of(
    rows: Sequence[tuple[str, str]],
    *,
    counts: tuple[int, ...] = (8,),
    counts_given: bool = False,
    labels: LabelSpace | None = None,
    order: Callable[[int], np.ndarray] | None = None,
) -> Setting:
    """A setting over a pool of (text, label) pairs; the order of seed s is a seeded permutation."""
    space = labels or label_space(*sorted({label for _, label in rows}))
    return Setting(
        pool=pool_of(rows, space),
        order=order or (lambda seed: np.random.default_rng(seed).permutation(len(rows))),
        labels=space,
        counts=counts,
        counts_given=counts_given,
        seeds=None,
        task_description=None,
        mean_characters=float(np.mean([len(text) for text, _ in rows])),
    )


def word_vectors(texts: Sequence[str], dimensions: int = 64) -> Vectors:
    """Unit vectors of hashed word counts: texts that share words are near."""
    vectors = np.full((len(texts), dimensions), 1e-6, dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            vectors[row, sum(map(ord, word)) % dimensions] += 1
    found: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found


def services_of(chat: ChatModel) -> Services:
    """Services with one chat model and word vectors."""

    def no_encoder(reference: str) -> Encoder:
        raise AssertionError(f"a prompt arm opened the encoder {reference}")

    def no_folder(reference: str) -> Path:
        raise AssertionError(f"a prompt arm asked for the folder of {reference}")

    return Services(
        encoder=no_encoder,
        embed=lambda reference, texts: word_vectors(texts),
        chat=lambda spec: chat,
        model_folder=no_folder,
        workspace=Path(),
        progress=lambda done, total: None,
    )


@contextmanager
def opened(spec: str, journal: MemoryJournal | None = None) -> Iterator[ChatModel]:
    """The real chat model of a spec, with a journal and a meter in memory."""
    parsed = ArmSpec.parse(spec)
    with open_chat_model(
        parsed.model,
        parsed.url,
        parsed.options,
        store=ModelStore(),
        journal=MemoryJournal() if journal is None else journal,
        meter=MemoryMeter(),
        prices={},
    ) as chat:
        yield chat


def pair_setting(rows: Sequence[tuple[str, str, str]], captions: Mapping[str, str] | None = None) -> Setting:
    """A setting over a pool of (first text, second text, label)."""
    space = label_space(*sorted({label for *_, label in rows}))
    named = {"text_a": tuple(a for a, _, _ in rows), "text_b": tuple(b for _, b, _ in rows)}
    golds = [space.values.index(label) for *_, label in rows]
    return _setting_of_fields(Fields(named), golds, space, "pair", captions or {})


def choice_setting(
    rows: Sequence[tuple[str, Sequence[str], int]], contexts: Sequence[str] | None = None, labels: int | None = None
) -> Setting:
    """A setting over a pool of (question, options, place of the right one)."""
    named: dict[str, Field] = {} if contexts is None else {"context": tuple(contexts)}
    named |= {"question": tuple(row[0] for row in rows), "choices": tuple(tuple(row[1]) for row in rows)}
    space = letters(labels or max(len(options) for _, options, _ in rows))
    return _setting_of_fields(Fields(named), [right for *_, right in rows], space, "choice", {})


def _setting_of_fields(
    fields: Fields, golds: Sequence[int], space: LabelSpace, name: str, captions: Mapping[str, str]
) -> Setting:
    ids = tuple(f"rows:{i}" for i in range(len(fields)))
    return Setting(
        pool=Pool(ids=ids, texts=fields.joined, gold=np.array(golds, np.int32), fields=fields),
        order=lambda seed: np.arange(len(fields)),
        labels=space,
        counts=(8,),
        counts_given=False,
        seeds=None,
        task_description=None,
        mean_characters=float(np.mean([len(text) for text in fields.joined])),
        type=TASK_TYPES.get(name),
        captions=captions,
    )


def fitted_to(setting: Setting, chat: ChatModel, options: str = "") -> Fitted:
    """The first trial of a prompt arm, ready to answer."""
    spec, family = ArmSpec.parse(f"prompt:m@http://127.0.0.1:1/v1{options}"), FAMILIES.get("prompt")
    plan = family.schedule(spec, setting)[0]
    sample = setting.pool.take(setting.order(plan.seed)[: plan.n_labels])
    return family.fit(spec, plan, sample, setting, services_of(chat))


class CharacterModel:
    """Counts one token a character; answers nothing."""

    name, host, repeatable, notes = "characters", "this machine", True, ChatNotes()

    widest = 0

    def __init__(self, context_tokens: int | None) -> None:
        self.context_tokens = context_tokens

    @property
    def lengths(self) -> PromptLengths:
        raise AssertionError("nothing was asked from which a length could be learned")

    def count_tokens(self, messages: Sequence[Message]) -> int:
        return sum(len(message.content) for message in messages)

    def answer(
        self, questions: Sequence[Question], *, progress: Callable[[int, int], None] | None = None
    ) -> list[Reply]:
        raise AssertionError("nothing is asked while a prompt is fitted")
