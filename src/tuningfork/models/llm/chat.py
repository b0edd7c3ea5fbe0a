"""The narrow door to any LLM: questions in, replies out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The answer is one of these strings."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The answer is JSON of this schema, itself written as JSON; for servers that read schemas."""

    schema: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """The answer is what this GBNF grammar derives from `root`; for llama.cpp, which alone reads it."""

    gbnf: str


HeldTo = Choices | JsonSchema | Grammar
"""What an answer may be. A server is asked to enforce it by the strongest means it is known to keep; where it has none,
nothing is sent, and the caller reads strictly all the same."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How an answer is drawn where not the likeliest is wanted.

    Attributes:
        temperature: above 0; left out where a server takes none.
        seed: of the draw, where a server takes one.
    """

    temperature: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question to a model.

    Attributes:
        messages: what is shared by many questions stands first, so that its prefix is computed once.
        held_to: what the answer may be; None: anything.
        max_tokens: room for the visible answer; room for hidden reasoning is added by the client.
        want_logprobs: ask for the log-probabilities of the answer's tokens where the server has them.
        repeat: 0, or 1, 2, … to ask the same question again on purpose.
        sampling: how the answer is drawn; None: the likeliest, at temperature 0.
        shared: the messages as far as all questions of this kind have them, the last one cut where they part; empty
            where not known. No part of what is asked: a local server computes it once and begins every such question
            from there, so that no answer hangs on the question before.
        reads: whether a text is an answer; one that was cut before it is one is asked for again in more room. No part
            of what is asked either.
    """

    messages: tuple[Message, ...]
    held_to: HeldTo | None = None
    max_tokens: int = 64
    want_logprobs: bool = True
    repeat: int = 0
    sampling: Sampling | None = None
    shared: tuple[Message, ...] = ()
    reads: Callable[[str], bool] | None = field(default=None, compare=False)

    @property
    def choices(self) -> tuple[str, ...] | None:
        """The strings that the answer is one of, where it is held to such."""
        return self.held_to.texts if isinstance(self.held_to, Choices) else None

    def drawn(self, n: int, *, temperature: float, seed: int = 1) -> tuple[Question, ...]:
        """The question n times over, each answer a draw of its own. (Servers differ in whether they take an `n`, and a
        journal keeps one answer a question.)

        Raises:
            ValueError: fewer than one draw, or a temperature at which all draws are one.
        """
        if n < 1 or not temperature > 0:
            raise ValueError(f"{n} draws at temperature {temperature}")
        return tuple(
            replace(self, sampling=Sampling(temperature, seed + draw), repeat=self.repeat + draw) for draw in range(n)
        )


@dataclass(frozen=True, slots=True)
class TokenChoice:
    """One generated token: its text, and the log-probabilities of the candidates at that place (before sampling)."""

    text: str
    candidates: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back for one question.

    Attributes:
        text: the visible answer; '' when the room ran out or the model refused.
        tokens: the answer's tokens with candidates, or None where the server gives no log-probabilities.
        prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens: as billed; None where not reported.
        usd: dollars, None where the price is not known.
        seconds: wall time of the request that gave this reply (from the journal when replayed).
        model, fingerprint: who answered, as the server says.
        finish_reason: as the server says ('stop', 'length', 'content_filter', …).
        replayed: True if it came from the journal and nothing was sent.
        place: where in the response the answer stood, see `spoken.Place`.
        thought: the beginning of hidden reasoning that the server showed, '' where it showed none.
        refused_because: what the server said where it refused this row and no other.
        last_prompt_tokens: of the request that gave this reply alone.
    """

    text: str
    tokens: tuple[TokenChoice, ...] | None
    prompt_tokens: int | None
    cached_tokens: int | None
    completion_tokens: int | None
    reasoning_tokens: int | None
    usd: float | None
    seconds: float
    model: str | None
    fingerprint: str | None
    finish_reason: str | None
    replayed: bool = False
    place: str = "content"
    thought: str = ""
    refused_because: str | None = None
    last_prompt_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a prompt may be, as a server was found to take it.

    Attributes:
        tokens: of prompt and answer, or of the prompt alone: servers differ.
        cuts: longer prompts are cut without a word; else they are refused.
        fewest_characters, most_characters: of a token, in prompts that were counted in full; None where none was.
    """

    tokens: int
    cuts: bool
    fewest_characters: float | None = None
    most_characters: float | None = None


@dataclass(frozen=True, slots=True)
class ChatNotes:
    """What the reader must know of how this model was asked: lost constraint or temperature, another model, …

    Each is (code, message); codes: `dropped_parameter`, `lost_constraint`, `no_temperature`, `model_changed`,
    `other_model`, `gguf_rewritten`, `server_restarted`, `no_logprobs`.
    """

    items: tuple[tuple[str, str], ...] = field(default=())


class PromptLengths(Protocol):
    """How long prompts may be, learned from a server that cuts longer ones, or refuses them."""

    limit: Limit | None
    said: str

    def overflowed(self, question: Question, reply: Reply) -> bool:
        """Whether the server cut this question, or refused it for its length."""

    def surely_overflows(self, messages: Sequence[Message]) -> bool:
        """Whether the server is known to cut so long a prompt."""

    def forget(self) -> None:
        """To be told where prompts that were made much shorter count the same again: nothing is counted there."""


class ChatModel(Protocol):
    """A chat model that is ready to answer. Made by `models.llm.opening.open_chat_model`, closed by its context."""

    @property
    def name(self) -> str:
        """What runs, quantisation included: 'smollm2-135m q8_0', 'gpt-5-mini'."""

    @property
    def host(self) -> str:
        """Host that receives the rows, e.g. 'api.openai.com', or 'this machine'."""

    @property
    def context_tokens(self) -> int | None:
        """Size of the context window, or None where it is not known."""

    @property
    def lengths(self) -> PromptLengths:
        """What is known of how long prompts may be."""

    @property
    def widest(self) -> int:
        """Most tokens that an answer has been given so far, hidden reasoning included; 0 where nothing was asked."""

    @property
    def repeatable(self) -> bool:
        """True while temperature 0 (or a seed) is kept by the server, so that asking again is pointless."""

    @property
    def notes(self) -> ChatNotes:
        """What happened so far that a reader must know."""

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """Tokens of a prompt as the model sees it: exact for a local model, a careful upper estimate else."""

    def answer(
        self, questions: Sequence[Question], *, progress: Callable[[int, int], None] | None = None
    ) -> list[Reply]:
        """One reply per question, in order. Journalled questions are not sent again.

        Args:
            progress: called with (done, total) as replies come in.

        Raises:
            BudgetExceeded: the budget does not allow the next request (finished ones are in the journal).
            ProviderError: refused for good (key, model, quota), or failing through all retries.
        """
