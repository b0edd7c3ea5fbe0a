"""Prompt arms against real HTTP servers on loopback whose answers are planted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from llm_servers import Answer, Asked, ScriptedServer, always, in_prose, planted, refuses
from ports import MemoryJournal
from prompt_settings import opened, pool_of, services_of, setting_of
from tuningfork.arms.family import FAMILIES, Fitted, Setting
from tuningfork.arms.prompt.arm import PromptArm
from tuningfork.arms.prompt.choosing import MOST_ROWS_TO_CHOOSE, ROWS_TO_TELL_THE_TIME
from tuningfork.arms.results import NO_LABEL, TrialPlan
from tuningfork.arms.spec import ArmSpec
from tuningfork.errors import RoleError
from tuningfork.models.llm.chat import ChatModel
from tuningfork.task.inputs import Inputs
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.rows import Evaluation

NOUNS = ("parcel", "invoice", "router", "contract", "lamp", "kettle", "sofa", "ticket", "password", "garden")
VERBS = ("lost", "late", "broken", "paid", "cancelled", "praised", "opened", "moved", "sold", "found")
TOPICS = ("delivery", "billing", "praise")
ROWS = [
    (f"my {noun} was {verb} in week {week}", TOPICS[(i + week) % 3])
    for week in range(2)
    for i, (noun, verb) in enumerate(itertools.product(NOUNS, VERBS))
]
POOL, EVALUATION = ROWS[:100], ROWS[100:]
GOLD = np.array([TOPICS.index(label) for _, label in EVALUATION])
LABELS = LabelSpace(tuple(Label(topic, topic) for topic in TOPICS))


def inputs(rows: Sequence[tuple[str, str]]) -> Inputs:
    return Inputs.of_texts(tuple(str(i) for i in range(len(rows))), tuple(text for text, _ in rows))


def first_trial(spec: ArmSpec, setting: Setting) -> TrialPlan:
    return FAMILIES.get("prompt").schedule(spec, setting)[0]


def fitted(
    chat: ChatModel, options: str = "", *, counts: tuple[int, ...] = (60,), pool: Sequence[tuple[str, str]] = POOL
) -> Fitted:
    spec = ArmSpec.parse(f"prompt:m@http://127.0.0.1:1/v1{options}")
    setting = setting_of(pool, counts=counts, counts_given=True, labels=LABELS)
    plan = first_trial(spec, setting)
    sample = setting.pool.take(setting.order(plan.seed)[: plan.n_labels])
    return FAMILIES.get("prompt").fit(spec, plan, sample, setting, services_of(chat))


@pytest.mark.parametrize("share", [0.95, 0.55])
@pytest.mark.parametrize("options", ["", "?shots=6", "?shots=3&select=nearest&wording=1"])
def test_a_planted_share_of_right_answers_is_what_is_measured(share: float, options: str) -> None:
    with ScriptedServer(planted(dict(EVALUATION), share)) as server, opened(f"prompt:m@{server.url}") as chat:
        prediction, usage = fitted(chat, options).predict(inputs(EVALUATION))
    assert np.mean(prediction.labels == GOLD) == pytest.approx(share)
    assert usage.requests == len(EVALUATION)
    assert (usage.prompt_tokens, usage.completion_tokens) == (1000, 200)
    assert usage.usd is None
    assert prediction.row_seconds is not None
    assert (prediction.row_seconds > 0).all()


def test_prose_that_guesses_is_no_label_and_one_is_quoted() -> None:
    chatty = in_prose(planted(dict(EVALUATION), 1.0))
    with ScriptedServer(chatty, obedient=False) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted(chat)
        prediction, _ = arm.predict(inputs(EVALUATION[:10]))
    assert (prediction.labels == NO_LABEL).all()
    assert prediction.probabilities is None
    assert "difficult one" in dict(arm.details)["an answer that is no label"]
    assert "lost_constraint" in {note.code for note in arm.notes}


def test_one_short_sentence_without_a_constraint_still_counts() -> None:
    brief = in_prose(planted(dict(EVALUATION), 1.0), "The label is **{}**.")
    with (
        ScriptedServer(brief, refuses("response_format"), obedient=False) as server,
        opened(f"prompt:m@{server.url}") as chat,
    ):
        prediction, _ = fitted(chat).predict(inputs(EVALUATION[:10]))
    assert (prediction.labels == GOLD[:10]).all()


def test_probabilities_come_from_candidates_and_agree_with_the_answers() -> None:
    with ScriptedServer(planted(dict(EVALUATION), 0.8)) as server, opened(f"prompt:m@{server.url}") as chat:
        prediction, _ = fitted(chat).predict(inputs(EVALUATION[:20]))
    assert prediction.probabilities is not None
    assert prediction.probabilities.sum(axis=1) == pytest.approx(np.ones(20))
    assert (prediction.probabilities.argmax(axis=1) == prediction.labels).all()


def test_a_prefix_and_then_the_rest_is_asked_once() -> None:
    with ScriptedServer(planted(dict(EVALUATION), 0.9)) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted(chat, "?shots=3&select=nearest&wording=1")
        start, _ = arm.predict(inputs(EVALUATION[:7]))
        whole, _ = arm.predict(inputs(EVALUATION[:30]))
        assert len(server.requests) == 30
    assert whole.labels[:7].tolist() == start.labels.tolist()


def swayed_by(phrase: str, gold: dict[str, str]) -> Answer:
    """Right where the prompt has the phrase, else always the first topic."""
    right = planted(gold, 1.0)
    return lambda asked: right(asked) if phrase in str(asked.body["messages"]) else TOPICS[0]


def test_the_best_wording_is_chosen_on_the_trials_own_rows_and_nothing_else() -> None:
    with (
        ScriptedServer(swayed_by("careful annotator", dict(ROWS))) as server,
        opened(f"prompt:m@{server.url}") as chat,
    ):
        arm = fitted(chat, "?shots=3&select=nearest")
        asked_to_choose = list(server.requests)
        prediction, _ = arm.predict(inputs(EVALUATION[:20]))
    own = {text for text, _ in POOL}
    assert len(asked_to_choose) == 3 * MOST_ROWS_TO_CHOOSE
    assert all(any(text in request.text for text in own) for request in asked_to_choose)
    assert not any(text in str(request.body) for request in asked_to_choose for text, _ in EVALUATION)
    assert arm.fit_usage.requests == 3 * MOST_ROWS_TO_CHOOSE
    assert "wording 3" in dict(arm.details)["wording"]
    assert (prediction.labels == GOLD[:20]).all()


def test_a_slow_model_keeps_the_first_wording_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuningfork.arms.prompt.choosing.MOST_SECONDS_TO_CHOOSE", 0.5)
    with (
        ScriptedServer(swayed_by("careful annotator", dict(ROWS)), seconds=0.02) as server,
        opened(f"prompt:m@{server.url}") as chat,
    ):
        arm = fitted(chat, "?shots=3&select=nearest")
        assert len(server.requests) == ROWS_TO_TELL_THE_TIME
    assert arm.fit_usage.requests == ROWS_TO_TELL_THE_TIME
    assert "(classify): the first: comparing 3 wordings on 24 rows" in dict(arm.details)["wording"]
    assert "wording_not_chosen" in [note.code for note in arm.notes]


def test_a_row_is_never_its_own_example_while_a_wording_is_chosen() -> None:
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        fitted(chat, "?shots=3&select=nearest")
    for request in server.requests:
        *shown, _ = [m["content"] for m in request.body["messages"] if m["role"] == "user"]
        row = next(text for text, _ in POOL if text in request.text)
        assert not any(row in text for text in shown)


def test_a_copy_of_a_row_is_never_its_example_while_a_wording_is_chosen() -> None:
    copied = [(text.upper() if copy else text, label) for copy in range(2) for text, label in POOL[:50]]
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        fitted(chat, "?shots=3&select=nearest", counts=(100,), pool=copied)
    assert len(server.requests) == 3 * MOST_ROWS_TO_CHOOSE
    asked = [request.text.lower() for request in server.requests]
    rows = [next(text for text, _ in POOL if text in one) for one in asked]
    assert len(set(rows)) == MOST_ROWS_TO_CHOOSE, "no text is asked twice"
    for request, row in zip(server.requests, rows, strict=True):
        *shown, _ = [m["content"].lower() for m in request.body["messages"] if m["role"] == "user"]
        assert len(shown) == 3
        assert not any(row in text for text in shown)


@pytest.mark.parametrize(("options", "counts"), [("?shots=6", (60,)), ("?shots=3&select=nearest", (49,))])
def test_below_fifty_labels_nothing_is_chosen(options: str, counts: tuple[int, ...]) -> None:
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted(chat, options, counts=counts)
        assert server.requests == []
    assert "wording 1" in dict(arm.details)["wording"]


def test_the_spread_has_every_wording_and_asks_the_used_one_no_more() -> None:
    with (
        ScriptedServer(swayed_by("careful annotator", dict(ROWS))) as server,
        opened(f"prompt:m@{server.url}") as chat,
    ):
        arm = fitted(chat)
        assert isinstance(arm, PromptArm)
        arm.predict(inputs(EVALUATION[:60]))
        before = len(server.requests)
        spread, usage = arm.wording_spread(inputs(EVALUATION[:60]))
        assert len(server.requests) - before == 2 * 40
    right = [np.mean(prediction.labels == GOLD[:40]) for prediction in spread.values()]
    assert right[2] == 1.0
    assert max(right[:2]) < 0.5
    assert usage.requests == 120


class Wavering:
    """Changes its mind about some rows when they are asked again."""

    def __init__(self, every: int) -> None:
        self._every, self._seen = every, dict[str, int]()

    def __call__(self, asked: Asked) -> str:
        place = [text for text, _ in EVALUATION].index(next(t for t, _ in EVALUATION if asked.text.find(t) >= 0))
        again = self._seen.get(asked.text, 0)
        self._seen[asked.text] = again + 1
        return TOPICS[again % 3] if place % self._every == 0 else TOPICS[0]


def test_a_server_that_keeps_no_temperature_is_asked_twice() -> None:
    with (
        ScriptedServer(Wavering(5), refuses("temperature"), refuses("seed")) as server,
        opened(f"prompt:m@{server.url}", MemoryJournal()) as chat,
    ):
        arm = fitted(chat)
        _, usage = arm.predict(inputs(EVALUATION[:15]))
        arm.predict(inputs(EVALUATION[15:60]))
    assert usage.requests == 15
    assert arm.fit_usage.requests == 20
    details = dict(arm.details)
    assert float(details["changed_on_repeat"]) == pytest.approx(4 / 20)
    assert details["rows_asked_twice"] == "20"
    assert "no_temperature" in {note.code for note in arm.notes}


def test_a_repeatable_server_is_asked_once() -> None:
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted(chat)
        arm.predict(inputs(EVALUATION[:30]))
        assert len(server.requests) == 30
    assert "changed_on_repeat" not in dict(arm.details)


def test_the_prompt_is_shown_in_full_with_one_row() -> None:
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted(chat, "?shots=3")
        arm.predict(inputs(EVALUATION[:2]))
        sent = [m["content"] for m in server.requests[0].body["messages"]]
    shown = dict(arm.details)["prompt"]
    assert EVALUATION[0][0] in shown
    assert all(content in shown for content in sent)
    assert dict(arm.details)["select"] == "fixed"


def test_fewer_labelled_rows_than_shots_are_told() -> None:
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        arm = fitted(chat, "?shots=9&select=nearest", counts=(4,))
    assert [note.code for note in arm.notes] == ["fewer_shots"]


def test_evaluation_rows_cannot_be_fitted_on() -> None:
    spec = ArmSpec.parse("prompt:m@http://127.0.0.1:1/v1?shots=2")
    setting = setting_of(POOL, labels=LABELS)
    pool = pool_of(POOL, LABELS)
    rows = Evaluation(pool.ids, pool.texts, pool.gold)
    with ScriptedServer(always("billing")) as server, opened(f"prompt:m@{server.url}") as chat:
        with pytest.raises(RoleError):
            FAMILIES.get("prompt").fit(spec, first_trial(spec, setting), rows, setting, services_of(chat))  # type: ignore[arg-type]
        assert server.requests == []
