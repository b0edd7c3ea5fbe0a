"""The one client for every OpenAI-compatible server, local or remote."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tuningfork.atlas.prices import cost
from tuningfork.errors import BudgetExceeded, ProviderError, TuningforkError
from tuningfork.foundation.stopwatch import Stopwatch
from tuningfork.models.llm.asking_round import Begun, Round
from tuningfork.models.llm.attempts import Attempt, Made, learned_step, next_attempt, reply_to
from tuningfork.models.llm.blocking import run_blocking
from tuningfork.models.llm.chat import ChatNotes, Message, PromptLengths, Question, Reply
from tuningfork.models.llm.connection import Connection, estimated_tokens, post
from tuningfork.models.llm.contexts import ContextWatch
from tuningfork.models.llm.deciding import DecidingTokens
from tuningfork.models.llm.faults import Blocked, Fault, Refusal, RowRefused, RowTooLong
from tuningfork.models.llm.habits import Habits, recall_key, room_in
from tuningfork.models.llm.llama_cpp import count_prompt
from tuningfork.models.llm.observations import Observations
from tuningfork.models.llm.pacing import USUAL, Gate, Pacer, Patience
from tuningfork.models.llm.purse import NotYet, Purse
from tuningfork.models.llm.recovery import Recovery, Tries
from tuningfork.models.llm.replies import BLOCKED, ROW_REFUSED, TOO_LONG, billed, checked, finish_of, refused_response
from tuningfork.models.llm.shared_beginning import SharedBeginning
from tuningfork.models.llm.under_way import seconds_under_way
from tuningfork.models.llm.worst_case import worst_of_both, worst_usd
from tuningfork.models.ports import Journal, JournalEntry, JournalKey, Meter

if TYPE_CHECKING:
    import httpx

Progress = Callable[[int, int], None]


class LlmClient:
    """A `ChatModel` on top of one connection. Not for several threads at once.

    Args:
        connection: which model, where.
        journal: keeps every response; what is in it is never sent again.
        meter: guards the budget; every request that leaves was reserved before.
        patience: how failed requests are sent again.
        notes: what the reader must know already, as (code, message).
        announce: tells the person what cannot wait for the report.
        stopwatch: told what an answer from the journal took when it was made, and of repeated questions.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        journal: Journal,
        meter: Meter,
        patience: Patience | None = None,
        notes: Sequence[tuple[str, str]] = (),
        announce: Callable[[str], None] | None = None,
        stopwatch: Stopwatch | None = None,
    ) -> None:
        self._connection, self._journal, self._meter = connection, journal, meter
        self._stopwatch, self._kept = stopwatch or Stopwatch(), list[JournalEntry]()
        self._announce = announce or (lambda _: None)
        self._fact = recall_key(connection.identity, connection.model)
        fresh = Habits(connection.provider, connection.model, connection.effort, hidden=connection.room)
        recalled = fresh.recalled(journal.recall("dropped", self._fact))
        self._habits = replace(recalled, grown=int(journal.recall("room", self._fact) or 0))
        self._observations = Observations(connection, journal)
        self._lengths, self._widest = ContextWatch(connection, journal), 0
        self._pace = journal.recall("pace", self._fact)
        self._pacer = Pacer(connection.most, known=None if self._pace is None else int(self._pace))
        self._recovery = Recovery(connection, self._pacer, patience or USUAL, self._announce)
        self._beginning = SharedBeginning(connection, self._announce)
        self._given_notes = list(notes)
        self._deciding = DecidingTokens(connection, journal)
        self._count_exactly = lru_cache(maxsize=4096)(self._ask_for_count)

    @property
    def name(self) -> str:
        """See `ChatModel`."""
        return self._connection.name

    @property
    def host(self) -> str:
        """See `ChatModel`."""
        return self._connection.host

    @property
    def context_tokens(self) -> int | None:
        """See `ChatModel`."""
        return self._connection.context_tokens

    @property
    def lengths(self) -> PromptLengths:
        """See `ChatModel`."""
        return self._lengths

    @property
    def widest(self) -> int:
        """See `ChatModel`."""
        return self._widest

    @property
    def repeatable(self) -> bool:
        """See `ChatModel`."""
        return self._habits.repeatable

    @property
    def notes(self) -> ChatNotes:
        """See `ChatModel`."""
        endpoint = self._connection.endpoint
        completed = [] if endpoint is None else endpoint.notes()
        notes = [*self._given_notes, *completed, *self._habits.notes(self.host), *self._observations.notes()]
        if self._recovery.restarts:
            notes.append(("server_restarted", f"the local server of {self.name} crashed and was started again"))
        return ChatNotes(tuple(notes))

    def count_tokens(self, messages: Sequence[Message]) -> int:
        """See `ChatModel`."""
        if self._connection.provider.counts_tokens:
            return self._count_exactly(tuple(messages))
        return estimated_tokens(messages)

    def answer(self, questions: Sequence[Question], *, progress: Progress | None = None) -> list[Reply]:
        """See `ChatModel`."""
        copies = Counter(questions)
        replies: dict[Question, Reply] = {}
        done = 0

        def received(question: Question, made: Made, *, replayed: bool = False) -> None:
            nonlocal done
            replies[question] = reply = reply_to(made, replayed=replayed)
            self._observations.look_at(question, reply, self._habits)
            self._lengths.look_at(question, reply)
            self._widest = max([self._widest, *(room_in(one.body(self._habits)) or 0 for one, _ in made)])
            done += copies[question]
            if progress is not None:
                progress(done, len(questions))

        missing: list[Question] = []
        self._kept.clear()
        with self._stopwatch.not_counted():
            for question in copies:
                made = self._replayed(question)
                if made:
                    self._kept += [entry for _, entry in made]
                    received(question, made, replayed=True)
                else:
                    missing.append(question)
            if missing:
                import httpx  # noqa: F401 (the first block of a run loads it, and no other)
        began = time.monotonic()
        if missing:
            run_blocking(lambda: self._ask_all(missing, received, answered=len(replies)))
        self._tell_time(time.monotonic() - began, repeats=len(questions) / max(1, len(copies)))
        return [replies[question] for question in questions]

    def _tell_time(self, asked: float, *, repeats: float) -> None:
        """Owe what the kept answers took, and each repeat of a question what a question takes: whoever sends such rows
        one by one pays for all of them.

        Args:
            asked: wall seconds of what was sent now.
            repeats: questions over different questions.
        """
        kept = seconds_under_way(self._kept)
        owed = None if kept is None else kept + (repeats - 1) * (asked + kept)
        self._stopwatch.owe(owed, earlier_run=bool(self._kept))

    # journal ------------------------------------------------------------------------------------------------

    def _key(self, question: Question, body: dict[str, Any]) -> JournalKey:
        connection = self._connection
        return JournalKey(provider=connection.identity, model=connection.name, body=body, repeat=question.repeat)

    def _replayed(self, question: Question) -> Made:
        """What the journal has of a question whose answer is complete in it; () otherwise. What was asked before the
        server refused a parameter was answered as well."""
        for habits in self._habits.back_in_time():
            made = self._replayed_as_asked(question, habits)
            if made:
                return made
        return ()

    def _replayed_as_asked(self, question: Question, habits: Habits) -> Made:
        made: Made = ()
        while (attempt := self._next(question, made, habits)) is not None:
            entry = self._journal.get(self._key(attempt.question, attempt.body(habits)))
            if entry is None:
                return ()
            made = (*made, (attempt, entry))
        return made

    def _next(self, question: Question, made: Made, habits: Habits) -> Attempt | None:
        return next_attempt(question, made, habits, deciding=self._deciding.of(question, habits))

    # requests -----------------------------------------------------------------------------------------------

    async def _ask_all(
        self, questions: list[Question], received: Callable[[Question, Made], None], *, answered: int
    ) -> None:
        """Ask in order, several at a time. After a failure nothing new leaves; what is under way is kept, unless the
        study's time ends before it is here.

        Args:
            answered: other questions of the same call, which the journal answered.
        """
        import httpx

        try:
            async with (
                asyncio.timeout(self._meter.seconds_left()),
                httpx.AsyncClient(**self._connection.options()) as http,
            ):
                gate, purse = Gate(self._pacer), Purse(self._meter)
                round_ = Round(http, gate, purse, enumerate(questions), len(questions) + answered, answered)
                await asyncio.gather(*(self._work(round_, received) for _ in range(self._connection.most)))
        except TimeoutError as late:
            raise BudgetExceeded(f"the time was up before {self.host} had answered") from late
        round_.stop_if_failed()
        for question, refused in round_.settle_held():
            received(question, self._kept_as_refused(question, refused))

    async def _work(self, round_: Round, received: Callable[[Question, Made], None]) -> None:
        for row, question in round_.questions:
            if round_.failures:
                return
            try:
                begun = Begun(row, question, grown=self._habits.grown)
                with round_.purse.row(row, worst=worst_of_both(self._connection, self._habits, question)):
                    made = await self._ask(round_, begun)
                round_.answered += 1
                received(question, made)
            except RowRefused as refused:
                round_.hold(question, refused)
            except TuningforkError as error:
                round_.failures.append(error)
                return

    async def _ask(self, round_: Round, begun: Begun) -> Made:
        """A complete answer, through refusals and faults."""
        tries = Tries()
        while True:
            async with round_.gate.passage():
                round_.stop_if_failed()
                habits, sent_at = self._habits, time.monotonic()
                begun = begun.as_known_now(
                    round_.purse, habits, worst_of_both(self._connection, habits, begun.question)
                )
                try:
                    made = await self._exchange(round_, begun)
                    self._remember_room(made)
                    return made
                except Refusal as refusal:
                    self._adapt(habits, refusal)
                    continue
                except (Fault, NotYet) as error:
                    obstacle = error
            if isinstance(obstacle, NotYet):
                await obstacle.change.wait()
            else:
                await self._recovery.wait(obstacle, tries, sent_at)

    async def _exchange(self, round_: Round, begun: Begun) -> Made:
        """Ask for what is likely to decide, in full, and in more room, until it is answered.

        Between settling the first request and reserving the second nothing else runs, so that the money set aside
        for both is still there.
        """
        made: Made = ()
        asked_here = False
        question = begun.question
        while (attempt := self._next(question, made, begun.with_its_room(self._habits))) is not None:
            body = attempt.body(self._habits)
            entry = self._journal.get(self._key(attempt.question, body))
            if entry is None:
                if not asked_here:
                    await self._set_out(round_.http, question, body, made)
                entry = await self._send(round_, begun, attempt, body)
                asked_here = True
            elif entry.received is None or entry.received < round_.began:
                self._kept.append(entry)
            made = (*made, (attempt, entry))
        return made

    def _remember_room(self, made: Made) -> None:
        """Later questions begin with the room that this one turned out to need."""
        grown = learned_step(made)
        if grown > self._habits.grown:
            self._habits = replace(self._habits, grown=grown)
            self._journal.remember("room", self._fact, str(grown))

    def _kept_as_refused(self, question: Question, refused: RowRefused) -> Made:
        """A row that the server refused while it answered others, as an answer without a label."""
        attempt = Attempt(question, step=self._habits.first_step(question))
        response = refused_response(str(refused), ended=ROW_REFUSED)
        entry = JournalEntry(response=response, usd=None if self._connection.price is None else 0.0, seconds=0.0)
        self._journal.put(self._key(question, attempt.body(self._habits)), entry)
        return ((attempt, entry),)

    async def _set_out(self, http: httpx.AsyncClient, question: Question, body: dict[str, Any], made: Made) -> None:
        """Give a local server the memory that it would have without interruption, before the first request for a
        question: what questions share, or the attempt that an earlier run had an answer to."""
        if made:
            before = made[-1][0]
            await self._beginning.lay_whole(http, question, before.body(self._habits))
        else:
            await self._beginning.lay(http, question, body)

    def _reserve(self, purse: Purse, begun: Begun, attempt: Attempt) -> int:
        """A ticket for the first attempt covers the second as well; what goes beyond is a matter of its own."""
        question, habits = attempt.question, begun.with_its_room(self._habits)
        first = habits.first_step(question)
        if attempt.short or attempt.step == first:
            return purse.reserve(begun.row, worst_of_both(self._connection, habits, question))
        worst = worst_usd(self._connection, habits, question, step=attempt.step)
        is_second = attempt.step == first + 1
        if not is_second:
            purse.needs(begun.row, worst)
        return purse.reserve(begun.row, worst, set_aside=is_second)

    async def _send(self, round_: Round, begun: Begun, attempt: Attempt, body: dict[str, Any]) -> JournalEntry:
        """Reserve, send, keep, settle."""
        question = attempt.question
        worst = worst_usd(self._connection, self._habits, question, step=attempt.step)
        ticket = self._reserve(round_.purse, begun, attempt)
        spent = worst if self._connection.billed else None
        tokens = (0, 0)
        started = time.monotonic()
        try:
            response, headers = await self._response(round_.http, body)
            bill = billed(response)
            usd = cost(
                self._connection.price,
                prompt_tokens=bill.prompt,
                cached_tokens=bill.cached,
                completion_tokens=bill.completion,
            )
            seconds = time.monotonic() - started
            entry = JournalEntry(response=response, usd=usd, seconds=seconds, received=time.time())
            # A prompt that was too long cost nothing, and may fit when the server's context is larger.
            if finish_of(response) != TOO_LONG:
                self._journal.put(self._key(question, body), entry)
            spent = usd if usd is not None or self._connection.price is None else worst
            tokens = (bill.prompt or 0, bill.completion or 0)
            self._pacer.succeeded()
            self._pacer.observe(headers)
            self._remember_pace()
            return entry
        except (Fault, Refusal, RowRefused, ProviderError) as error:
            if not (isinstance(error, Fault) and error.billed) and self._connection.price is not None:
                spent = 0.0
            raise
        finally:
            round_.purse.settle(ticket, usd=spent, prompt_tokens=tokens[0], completion_tokens=tokens[1])

    def _remember_pace(self) -> None:
        """So that a study that goes on is as fast at once as it was: the way to a server's full pace takes time that
        would count for the arm."""
        pace = str(self._pacer.limit)
        if pace != self._pace:
            self._pace = pace
            self._journal.remember("pace", self._fact, pace)

    async def _response(self, http: httpx.AsyncClient, body: dict[str, Any]) -> tuple[Any, dict[str, str]]:
        try:
            payload, headers = await post(http, self._connection, body)
            return checked(payload), headers
        except Blocked as blocked:
            return refused_response(str(blocked), ended=BLOCKED), {}
        except RowTooLong as too_long:
            return refused_response(str(too_long), ended=TOO_LONG), {}

    def _adapt(self, habits: Habits, refusal: Refusal) -> None:
        """Ask without the refused parameter from now on, and remember it; others may have learned it meanwhile."""
        if self._habits != habits:
            return
        adapted = habits.without(refusal.parameter, at_most=refusal.at_most)
        if adapted is None:
            raise ProviderError(
                f"{self.host} refuses {refusal.parameter} for {self._connection.model} ({refusal.message})."
                + (" Leave ?effort= out." if refusal.parameter == "reasoning_effort" else "")
            )
        self._habits = adapted
        self._journal.remember("dropped", self._fact, adapted.to_text())

    # tokens -------------------------------------------------------------------------------------------------

    def _ask_for_count(self, messages: tuple[Message, ...]) -> int:
        """Let the server count a prompt without running it (llama.cpp); one that cannot is estimated, and said."""
        counted = count_prompt(self._connection, messages)
        if counted is not None:
            return counted
        self._announce(f"{self.name} at {self.host} cannot count tokens; they are estimated from the characters")
        return estimated_tokens(messages)
