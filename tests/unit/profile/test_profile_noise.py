"""Noise of typing and markup: seen where it is, and not where text only looks like it."""

from __future__ import annotations

import csv
import time
from collections import Counter
from pathlib import Path

import pytest

from tuningfork.models.store import ModelStore
from tuningfork.profile.misspellings import misspellings_of, rows_with_misspellings
from tuningfork.profile.noise import noise_in
from tuningfork.profile.vocabulary import vocabulary_there


def kinds(text: str, store: ModelStore) -> set[str]:
    return {finding.kind for finding in noise_in([text], store=store)}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("emoji", "well done \U0001f389"),
        ("emoji", "love it ❤️"),
        ("emoji", "\U0001f1e9\U0001f1ea wins"),
        ("markup", "good film.<br /><br />See it"),
        ("markup", 'a <a href="x.html">page</a>'),
        ("markup", "fish &amp; chips"),
        ("markup", "this is **important** to me"),
        ("markup", "see [the page](https-free.html)"),
        ("markup", "intro\n## Heading\ntext"),
        ("link", "look at https://example.com/x?y=1"),
        ("link", "on WWW.example.com"),
        ("mention", "thanks @jane!"),
        ("hashtag", "so tired #monday"),
        ("shouting", "WHY IS MY CARD not HERE"),
        ("stretched word", "sooo good"),
        ("stretched word", "NOOO"),
        ("repeated marks", "what?! now"),
        ("repeated marks", "well.... no"),
        ("control character", "a\x00b"),
        ("control character", "a\u202eb"),
        ("broken character", "caf\ufffd"),
        ("broken character", "cafÃ© au lait"),
        ("broken character", "itâ€™s"),
        ("non-ASCII", "café"),
    ],
)
def test_each_kind_is_seen(kind: str, text: str, store: ModelStore) -> None:
    assert kind in kinds(text, store)


@pytest.mark.parametrize(
    "text",
    [
        "I <3 this, and 2 < 3 > 1",
        "AT&T and R&D; 5 * 3 * 2 = 30",
        "write to jane@example.com",
        "we are #1, issue #42",
        "NASA and the USA",
        "OK",
        "part iii of World War III, or XXX",
        "Really? Yes! Well...",
        "tabs\tand\r\nlines",
        "the price is 1000000 and 0.3333",
        "[1] see (below)",
    ],
)
def test_what_only_looks_like_noise_is_let_be(text: str, store: ModelStore) -> None:
    assert kinds(text, store) == set()


def test_german_letters_are_no_broken_characters(store: ModelStore) -> None:
    assert kinds("Ärger über große Füße, naïve Âge Ã", store) == {"non-ASCII"}


def test_rows_are_counted_once_a_kind_and_in_a_fixed_order(store: ModelStore) -> None:
    found = noise_in(["@a @b #cc", "#dd <b>x</b>", "plain"], store=store)
    assert [(one.kind, one.rows) for one in found] == [("markup", 1), ("mention", 1), ("hashtag", 2)]
    assert noise_in([], store=store) == ()


def test_slips_of_common_words_are_misspellings() -> None:
    counts = Counter({"receive": 400, "transfer": 300, "there": 500, "works": 200})
    counts.update({"recieve": 3, "recive": 1, "transsfer": 2, "tranfer": 1, "worked": 2, "three": 4, "orders": 1})
    assert misspellings_of(counts) == {"recieve", "recive", "transsfer", "tranfer", "three"}


def test_frequent_words_and_known_words_are_none() -> None:
    often = ["we receive it"] * 100 + ["we recieve it"] * 10
    assert rows_with_misspellings(often, frozenset()) == 0
    assert rows_with_misspellings(often[:-6], frozenset()) == 4
    assert rows_with_misspellings(often[:-6], frozenset({"recieve"})) == 0


def test_misspellings_of_real_queries_are_real(store: ModelStore, shared_data: Path) -> None:
    with (shared_data / "banking77" / "train.csv").open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    vocabulary = vocabulary_there(store)
    assert vocabulary is not None
    words = Counter(word for text in texts for word in set(text.split()) if word.islower() and word.isalpha())
    found = misspellings_of(words) - vocabulary.words
    assert {"recieve", "trasfer"} <= found
    assert not found & {"there", "brought", "tired", "card", "staying"}
    assert {one.kind: one.rows for one in noise_in(texts, store=store)}["misspelling"] in range(20, 60)


def test_without_a_vocabulary_misspellings_are_not_looked_for(tmp_path: Path) -> None:
    texts = ["we receive it"] * 100 + ["we recieve it"]
    assert noise_in(texts, store=ModelStore(tmp_path)) == ()
    assert vocabulary_there(ModelStore(tmp_path)) is None


@pytest.mark.parametrize("piece", ["a", "<a ", "**a", "[a](", "&a", "A ", "!a", "# ", "|", "w.", "ÃA", "I"])
def test_time_grows_no_faster_than_the_text(piece: str, store: ModelStore) -> None:
    text = piece * (60_000 // len(piece))
    start = time.process_time()
    noise_in([text, f"x{text}y"], store=store)
    assert time.process_time() - start < 3
