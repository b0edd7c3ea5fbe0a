"""Prompt arms on rows with options and on pairs, against real HTTP servers on loopback whose answers are planted."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from llm_servers import Answer, Asked, ScriptedServer, always
from ports import MemoryMeter
from prompt_settings import choice_setting, fitted_to, opened, pair_setting
from tuningfork.arms.family import Fitted
from tuningfork.arms.results import NO_LABEL
from tuningfork.errors import BudgetExceeded

NOUNS = ("lamp", "kettle", "garden", "ticket", "router", "sofa")
ROWS = [
    (f"which is number {row}?", [f"{NOUNS[(row + place) % 6]} {row}" for place in range(2 + row % 3)], row % 2)
    for row in range(30)
]
SETTING = choice_setting(ROWS)
INPUTS = SETTING.pool.inputs
GOLD = SETTING.pool.gold
RIGHT = {options[right] for _, options, right in ROWS}


def letters_of(asked: Asked) -> dict[str, str]:
    """Option by letter of the row that is asked about."""
    return dict(re.findall(r"^([A-Z])\. (.+)$", asked.text, re.MULTILINE))


def question_in(asked: Asked) -> str:
    return re.findall(r"number \d+", asked.text)[0]


def knows(asked: Asked) -> str:
    """The letter of the right text, wherever it stands."""
    return next(letter for letter, text in letters_of(asked).items() if text in RIGHT)


def allowed(asked: Asked) -> list[str]:
    found: list[str] = asked.body["structured_outputs"]["choice"]
    return found


class Spread(ScriptedServer):
    """A server that names candidates for the first letter: .7 for what it says, the rest even."""

    def completion(self, asked: Asked) -> dict[str, Any]:
        response = super().completion(asked)
        said, letters = self.answer(asked), letters_of(asked)
        rest = 0.3 / (len(letters) - 1)
        top = [{"token": one, "logprob": float(np.log(0.7 if one == said else rest))} for one in letters]
        content = [{"token": said, "logprob": float(np.log(0.7)), "top_logprobs": top}]
        response["choices"][0]["logprobs"] = {"content": content}
        return response


def answered(answer: Answer, options: str = "", *, spread: bool = False) -> tuple[Fitted, Any, ScriptedServer]:
    kind = Spread if spread else ScriptedServer
    with kind(answer, logprobs=spread) as server, opened(f"prompt:m@{server.url}?server=vllm") as chat:
        arm = fitted_to(SETTING, chat, options)
        prediction, usage = arm.predict(INPUTS)
        assert usage.requests == sum(max(1, min(_orders(options), _factorial(len(row[1])))) for row in ROWS)
        return arm, prediction, server


def _orders(options: str) -> int:
    found = re.search(r"permute=(\d+)", options)
    return int(found[1]) if found else 1


def _factorial(options: int) -> int:
    return int(np.prod(range(1, options + 1)))


def test_each_row_is_held_to_its_own_letters() -> None:
    _, prediction, server = answered(knows)
    assert (prediction.labels == GOLD).all()
    for asked in server.requests:
        assert allowed(asked) == list(letters_of(asked))
    assert {len(allowed(asked)) for asked in server.requests} == {2, 3, 4}


def test_who_knows_the_text_is_right_wherever_it_stands_and_follows_no_place() -> None:
    for options in ("?permute=2", "?permute=4", "?permute=24", "?permute=3&shots=2"):
        for spread in (False, True):
            arm, prediction, _ = answered(knows, options, spread=spread)
            assert (prediction.labels == GOLD).all()
            assert dict(arm.details)["follows_position"] == "0.0000"
            if spread:
                assert prediction.probabilities[np.arange(30), GOLD] == pytest.approx(np.full(30, 0.7), abs=1e-5)


def test_who_always_says_a_follows_places_and_is_averaged_out() -> None:
    arm, prediction, _ = answered(always("A"), "?permute=4", spread=True)
    details = dict(arm.details)
    assert (details["follows_position"], details["rows_asked_in_another_order"]) == ("1.0000", "30")
    for row, (_, options, _) in enumerate(ROWS):
        if len(options) != 3:  # three options in four orders: one of them stands first twice
            expected = [1 / len(options)] * len(options) + [0] * (4 - len(options))
            assert prediction.probabilities[row] == pytest.approx(expected, abs=1e-5)
            assert prediction.labels[row] == 0, "of options that are even the one that was named first"


def test_without_probabilities_the_askings_vote() -> None:
    """Right in three of four orders, whatever is said in the first."""
    seen: Counter[str] = Counter()

    def mostly(asked: Asked) -> str:
        seen[question_in(asked)] += 1
        right = knows(asked)
        return right if seen[question_in(asked)] > 1 else next(one for one in letters_of(asked) if one != right)

    _, prediction, _ = answered(mostly, "?permute=4")
    sizes = np.array([len(options) for _, options, _ in ROWS])
    assert (prediction.labels == GOLD)[sizes > 2].all()
    assert prediction.probabilities is None


def test_without_permute_twenty_rows_are_asked_once_more_turned_round() -> None:
    arm, prediction, server = answered(always("A"))
    assert (prediction.labels == 0).all()
    assert len(server.requests) == 50
    assert arm.fit_usage.requests == 20
    details = dict(arm.details)
    assert (details["follows_position"], details["rows_asked_in_another_order"]) == ("1.0000", "20")
    firsts = {question_in(asked): letters_of(asked) for asked in server.requests[:30]}
    for asked in server.requests[30:]:
        before, after = firsts[question_in(asked)], letters_of(asked)
        assert sorted(before.values()) == sorted(after.values())
        assert all(before[letter] != after[letter] for letter in before)
    assert {question_in(asked) for asked in server.requests[30:]} == {f"number {row}" for row in range(20)}


@dataclass
class UntilThirty(MemoryMeter):
    """Allows thirty requests."""

    def reserve(self, **asked: Any) -> int:
        if len(self.tickets) >= 30:
            raise BudgetExceeded("thirty were asked")
        return super().reserve(**asked)


def test_a_budget_that_ends_while_rows_are_turned_costs_no_answer() -> None:
    with (
        ScriptedServer(knows, logprobs=False) as server,
        opened(f"prompt:m@{server.url}", meter=UntilThirty()) as chat,
    ):
        arm = fitted_to(SETTING, chat)
        prediction, _ = arm.predict(INPUTS)
    assert (prediction.labels == GOLD).all()
    assert len(server.requests) == 30
    assert "follows_position" not in dict(arm.details)


def test_the_option_as_text_counts_and_a_letter_beyond_does_not() -> None:
    with (
        ScriptedServer(lambda asked: letters_of(asked)[knows(asked)], logprobs=False) as server,
        opened(f"prompt:m@{server.url}") as chat,
    ):
        assert (fitted_to(SETTING, chat).predict(INPUTS)[0].labels == GOLD).all()
    with (
        ScriptedServer(always("E"), logprobs=False, obedient=False) as server,
        opened(f"prompt:m@{server.url}") as chat,
    ):
        arm = fitted_to(SETTING, chat)
        prediction, _ = arm.predict(INPUTS)
    assert (prediction.labels == NO_LABEL).all()
    assert "follows_position" not in dict(arm.details)
    assert "letters ('A', 'B', 'C')" in dict(arm.details)["unread"]
    assert "--label-names" not in dict(arm.details)["unread"]


def test_pairs_are_asked_once_and_both_texts_are_seen() -> None:
    rows = [(f"The {noun} is on.", f"The {noun} is {word}.", label) for noun in NOUNS for word, label in WORDS.items()]
    setting = pair_setting(rows, {"text_a": "Premise", "text_b": "Hypothesis"})

    def entails(asked: Asked) -> str:
        found = re.search(r"Premise: The (\w+) is on\.\nHypothesis: The (\w+) is (\w+)\.", asked.text)
        assert found is not None
        return WORDS[found[3]] if found[1] == found[2] else "neither"

    for options in ("", "?shots=2", "?shots=2&select=nearest&wording=2"):
        with ScriptedServer(entails) as server, opened(f"prompt:m@{server.url}") as chat:
            arm = fitted_to(setting, chat, options)
            prediction, usage = arm.predict(setting.pool.inputs)
        assert (prediction.labels == setting.pool.gold).all()
        assert usage.requests == len(server.requests) == len(rows)
        assert "follows_position" not in dict(arm.details)


WORDS = {"on": "entailment", "off": "contradiction"}


def test_rows_that_were_asked_in_part_are_not_asked_again() -> None:
    with ScriptedServer(knows, logprobs=False) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted_to(SETTING, chat, "?permute=3&wording=1")
        start, _ = arm.predict(INPUTS.part(0, 7))
        whole, _ = arm.predict(INPUTS)
        sent = len(server.requests)
        spread, _ = arm.wording_spread(INPUTS)  # type: ignore[attr-defined]
    assert whole.labels[:7].tolist() == start.labels.tolist()
    assert sent == sum(min(3, _factorial(len(options))) for _, options, _ in ROWS)
    assert len(spread) == 3
    assert len(server.requests) == sent + 2 * len(ROWS), "the wording in use was asked in the first order before"


def test_a_prompt_that_is_shown_holds_question_and_options() -> None:
    arm, _, _ = answered(knows, "?shots=2")
    assert dict(arm.details)["prompt"].endswith(
        f"[user]\nQuestion: {ROWS[0][0]}\nA. {ROWS[0][1][0]}\nB. {ROWS[0][1][1]}\nAnswer:"
    )


def test_no_row_is_asked_for_no_rows() -> None:
    with ScriptedServer(knows) as server, opened(f"prompt:m@{server.url}") as chat:
        prediction, usage = fitted_to(SETTING, chat, "?permute=2").predict(INPUTS.part(0, 0))
    assert len(prediction) == usage.requests == len(server.requests) == 0
