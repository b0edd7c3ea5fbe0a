"""Near repeats: what counts as one by definition, found whatever the order; few of them in ordinary real rows."""

from __future__ import annotations

import csv
import random
import re
import string
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.task.near_repeats import near_repeats

PREMISE = "a man with a grey beard is talking on the telephone beside somebody who lies in the street"
WORDS = ["red", "lamp", "house", "seven", "walks", "under", "quiet", "river", "stone", "green", "later", "often", "x"]


def near(texts: Sequence[str], among: Sequence[str]) -> tuple[list[int], list[int]]:
    """Places of the texts that are near, and of those among the others that they are near to."""
    first, second = near_repeats(texts, among)
    assert (len(first), len(second)) == (len(texts), len(among))
    return first.nonzero()[0].tolist(), second.nonzero()[0].tolist()


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (f"{PREMISE} [SEP] he is asleep", f"{PREMISE} [SEP] his wife called him this morning"),
        (f"he is asleep\t{PREMISE}", f"nobody is awake\t{PREMISE}"),
        (f"{PREMISE.upper()}!", f"Well, {PREMISE}."),
        ("when will the parcel 17 come to my house, please", "when will the parcel 18 come to my house, please"),
        ("please refund my order to the card I paid with", "please refund my order to a card I paid with"),
        ("the same text", "The same text!"),
        ("今天天气很好我们一起去公园散步吧", "今天天气很好我们一起去公园跑步吧"),
    ],
)
def test_shared_runs_and_single_words_make_near_repeats(text: str, other: str) -> None:
    noise = ["nothing of the kind stands here, not even nearly so", "short"]
    assert near([*noise[:1], text], [noise[1], other, "else"]) == ([1], [1])


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("where is my lamp parcel", "where is my mug parcel"),
        ("@user @user @user @user @user @user @user @user hello", "@user @user @user @user @user @user @user @user no"),
        (f"{PREMISE} {' '.join(f'other{n}' for n in range(60))}", f"{PREMISE} {' '.join(map(str, range(60)))}"),
        ("how do I get a refund for the lamp that I bought", "how do I get a refund when nothing ever came"),
        ("", ""),
        ("?!", "!?"),
        ("a", "b"),
    ],
)
def test_turns_of_phrase_and_short_texts_make_none(text: str, other: str) -> None:
    assert near([text], [other]) == ([], [])


def test_a_run_of_many_words_counts_in_a_text_of_any_length() -> None:
    run = " ".join(f"word{n}" for n in range(24))
    filler = [" ".join(f"{side}{n}" for n in range(400)) for side in "ab"]
    assert near([f"{filler[0]} {run}"], [f"{run} {filler[1]}"]) == ([0], [0])
    shorter = " ".join(run.split()[:23])
    assert near([f"{filler[0]} {shorter}"], [f"{shorter} {filler[1]}"]) == ([], [])


def test_what_many_texts_begin_with_is_a_form_and_no_repeat() -> None:
    greeting = "dear support team, I hope that this message finds you all well today,"
    asked = [f"{greeting} matter {chr(97 + n // 26)}{chr(97 + n % 26)} {WORDS[n % 13]}" for n in range(60)]
    others = [f"{greeting} another thing {WORDS[n % 13]}" for n in range(60)]
    assert near(asked, others) == ([], [])
    assert near(asked[:1], others[:1]) == ([0], [0]), "two letters alone that begin alike are told"


def test_halves_of_characters_and_empty_lists() -> None:
    assert near(["\ud800 a lone half of a character in a text of words"], ["\udc00"]) == ([], [])
    assert near([], ["a b c"]) == ([], [])
    assert near(["a b c"], []) == ([], [])


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def is_near(text: str, other: str) -> bool:
    """By definition, for ASCII texts that share no form with others."""
    one, two = words_of(text), words_of(other)
    needed = min(24, max(8, 2 * -(-len(one) * 2 // 10)))
    runs = {tuple(two[n : n + needed]) for n in range(len(two) - needed + 1)}
    starts = range(len(one) - needed + 1)
    if any(len(set(run)) >= 5 and run in runs for run in (tuple(one[n : n + needed]) for n in starts)):
        return True
    return bool(_but_one(one) & _but_one(two))


def _but_one(words: list[str]) -> set[tuple[str, ...]]:
    if not 0 < len(words) <= 16:
        return set()
    letters = sum(map(len, words))
    short = [n for n, word in enumerate(words) if len(words) >= 6 and len(word) <= 0.1 * letters]
    return {tuple(words), *(tuple(words[:n] + words[n + 1 :]) for n in short)}


SENTENCES = st.lists(st.sampled_from(WORDS), max_size=22).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(SENTENCES, max_size=6), st.lists(SENTENCES, max_size=6), st.randoms(use_true_random=False))
def test_found_is_what_the_definition_says(texts: list[str], others: list[str], draw: random.Random) -> None:
    for text in texts[:3]:  # changed copies, so that there is something to find
        words = text.split()
        cut = draw.randint(0, len(words))
        others.append(" ".join([*words[:cut], draw.choice(WORDS), *words[cut + draw.randint(0, 1) :]]))
    expected = (
        [n for n, text in enumerate(texts) if any(is_near(text, other) for other in others)],
        [n for n, other in enumerate(others) if any(is_near(text, other) for text in texts)],
    )
    assert near(texts, others) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(string.printable + "é日ä\ud800", max_size=90), max_size=12), st.randoms(use_true_random=False))
def test_any_texts_in_any_order(texts: list[str], draw: random.Random) -> None:
    half = len(texts) // 2
    order = draw.sample(range(len(texts) - half), len(texts) - half)
    masks = near_repeats(texts[:half], texts[half:]), near_repeats(texts[:half], [texts[half:][n] for n in order])
    assert masks[0][0].tolist() == masks[1][0].tolist()
    assert masks[0][1][order].tolist() == masks[1][1].tolist()


def test_parts_of_a_large_pool_are_all_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{' '.join(WORDS[n:] + WORDS[:n])} {n}" for n in range(12)]
    pool = [f"filler {n} of the pool" for n in range(40)]
    pool[::4] = [f"{text} and more" for text in texts[:10]]
    whole = near(texts, pool)
    assert whole[1] == list(range(0, 40, 4))
    monkeypatch.setattr("tuningfork.task.near_repeats._CHARACTERS_AT_ONCE", 30)
    assert near(texts, pool) == whole


# ---- real rows


def rows(path: Path, *columns: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [" [SEP] ".join(row[name] for name in columns) for row in csv.DictReader(file)]


def test_pairs_that_share_a_premise_are_found(shared_data: Path) -> None:
    """Each premise comes with several hypotheses: 476 of 500 rows share a field with a training row."""
    files = ("shifted_counterfactual_test.csv", "test.csv")
    texts = sorted(
        {t for name in files for t in rows(shared_data / "nli_counterfactual" / name, "premise", "hypothesis")}
    )
    random.Random(0).shuffle(texts)
    found, _ = near(texts[:500], texts[500:])
    assert len(found) > 440


@pytest.mark.parametrize("name", ["sst2", "tweet_emotion", "tweet_offensive", "imdb_counterfactual", "tweet_stance"])
def test_ordinary_rows_are_hardly_ever_taken_for_repeats(shared_data: Path, name: str) -> None:
    asked, pool = (rows(shared_data / name / f"{part}.csv", "text") for part in ("test", "train"))
    assert len(near(asked[:500], pool)[0]) <= 5


def test_premises_of_their_own_are_no_repeats(shared_data: Path) -> None:
    asked, pool = (
        rows(shared_data / "nli_counterfactual" / f"{part}.csv", "premise", "hypothesis") for part in ("test", "train")
    )
    assert near(asked, pool) == ([], [])


def test_two_hundred_thousand_rows_take_a_second_or_two() -> None:
    draw = random.Random(0)
    letters = ["".join(draw.choices(string.ascii_lowercase, k=6)) for _ in range(3000)]
    pool = [" ".join(draw.choices(letters, k=12)) for _ in range(200_000)]
    start = time.process_time()
    found, repeats = near([f"{text} indeed" for text in pool[:500]], pool)
    assert time.process_time() - start < 5
    assert (len(found), len(repeats)) == (500, 500)


def test_rows_of_one_template_take_no_longer() -> None:
    draw = random.Random(0)
    pool = [f"please send {draw.randrange(10**6)} euros to my account at the bank in town" for _ in range(60_000)]
    start = time.process_time()
    near(pool[:5000], pool[5000:])
    assert time.process_time() - start < 8


def test_neighbours_in_a_chain_are_each_near_to_the_next() -> None:
    words = [f"w{n}" for n in range(40)]
    chain = [" ".join(words[n : n + 16]) for n in range(0, 24, 6)]
    for one, other in pairwise(chain):
        assert near([one], [other]) == ([0], [0])
    assert near(chain[:1], chain[2:]) == ([], [])


def test_a_quoted_mail_under_every_text_makes_no_repeat_whatever_stands_before_it() -> None:
    quoted = " this is quoted from an earlier mail that is not about it and stands below every one of these rows"
    tails = ("again", "today", "please", "asap")
    texts = [f"{WORDS[place % len(WORDS)]}{place} {tails[place % 4]}{quoted}" for place in range(120)]
    assert near(texts[:50], texts[50:]) == ([], [])
    with_twin = [*texts[50:], f"a man in a red coat sells old maps on the bridge at noon, no one buys{quoted}"]
    asked = [*texts[:50], f"a man in a red coat sells old maps on the bridge at noon, he is rich{quoted}"]
    assert near(asked, with_twin) == ([50], [70])
