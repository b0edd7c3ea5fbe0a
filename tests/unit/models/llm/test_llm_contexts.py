"""Where a server cuts prompts is learned from its bill, and from nothing that only looks like it."""

from __future__ import annotations

from dataclasses import replace

from llm_servers import ScriptedServer, always
from tuningfork.models.llm.chat import Message, Question, Reply
from tuningfork.models.llm.contexts import ContextWatch


def asked(characters: int) -> Question:
    return Question(messages=(Message("user", "x" * characters),))


def told(tokens: int | None, **more: object) -> Reply:
    reply = Reply(
        text="spam",
        tokens=None,
        prompt_tokens=tokens,
        cached_tokens=None,
        completion_tokens=2,
        reasoning_tokens=None,
        usd=None,
        seconds=0.1,
        model="m",
        fingerprint=None,
        finish_reason="stop",
        last_prompt_tokens=tokens,
    )
    return replace(reply, **more)  # type: ignore[arg-type]


def watched(open_client, journal, replies) -> ContextWatch:
    with ScriptedServer(always("spam")) as server:
        watch = ContextWatch(open_client(server)._connection, journal)
    for characters, tokens in replies:
        watch.look_at(asked(characters), told(tokens))
    return watch


def test_long_prompts_that_all_count_the_same_were_cut(open_client, journal):
    watch = watched(open_client, journal, [(400, 100), (440, 110), *((n, 1024) for n in (4500, 4550, 4600, 4700))])
    assert watch.limit is not None and (watch.limit.tokens, watch.limit.cuts) == (1024, True)
    assert watch.overflowed(asked(4500), told(1024)) and not watch.overflowed(asked(400), told(100))
    assert watch.surely_overflows(asked(9000).messages) and not watch.surely_overflows(asked(4200).messages)
    again = ContextWatch(open_client(None, "ollama/m")._connection, journal)
    assert again.limit is None, "another server"


def test_two_among_many_are_enough_and_one_alone_is_not(open_client, journal):
    short = [(400 + 8 * n, 100 + 2 * n) for n in range(10)]
    assert watched(open_client, journal, [*short, (9000, 2048)]).limit is None
    assert watched(open_client, journal, [*short, (9000, 2048), (9100, 2048)]).limit is not None


def test_without_anything_to_compare_with_six_different_lengths_are_enough(open_client, journal):
    replies = [(4500 + 20 * n, 1024) for n in range(6)]
    assert watched(open_client, journal, replies[:5]).limit is None
    assert watched(open_client, journal, replies).limit is not None


def test_what_nobody_counted_or_what_is_short_is_no_cut(open_client, journal):
    for replies in (
        [(4500 + 20 * n, 10) for n in range(20)],
        [(4500 + 20 * n, 0) for n in range(20)],
        [(4500 + 20 * n, None) for n in range(20)],
        [(4500, 1024)] * 20,
        [(400 + n, 100 + n // 4) for n in range(40)],
    ):
        assert watched(open_client, journal, replies).limit is None


def test_a_server_that_counts_nothing_is_remembered_as_such(open_client, journal):
    replies = [(4500 + 20 * n, 1024) for n in range(6)]
    watched(open_client, journal, replies).forget()
    assert watched(open_client, journal, []).limit is None


def test_cached_tokens_that_are_counted_apart_are_added(open_client, journal):
    watch = watched(open_client, journal, [(4500 + 20 * n, 1024) for n in range(6)])
    assert watch.overflowed(asked(5000), told(64, cached_tokens=960))
