"""What a model is shown of pairs and of rows with options, and how what it says is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prompt_settings import CharacterModel, choice_setting, form_of, label_space, pair_setting, text_row
from tuningfork.arms.family import Setting
from tuningfork.arms.prompt.family import PromptFamily
from tuningfork.arms.prompt.forms.category import FORM
from tuningfork.arms.prompt.forms.form import FORMS, AnswerForm
from tuningfork.arms.prompt.rows import PromptTask
from tuningfork.arms.prompt.shots import Shot, shots_of
from tuningfork.arms.prompt.window import Window
from tuningfork.arms.prompt.without_rows import THE_ROW, without_rows
from tuningfork.arms.prompt.wordings import Wording, wordings_of
from tuningfork.arms.results import NO_LABEL
from tuningfork.arms.spec import ArmSpec
from tuningfork.models.llm.chat import Choices, Message, Reply, TokenChoice
from tuningfork.task.labels import Label, LabelSpace
from tuningfork.task.task_type import TASK_TYPES

NLI = pair_setting(
    [
        ("A man sleeps.", "A man is awake.", "contradiction"),
        ("A dog chases a red ball.", "An animal is in motion.", "entailment"),
    ],
    {"text_a": "Premise", "text_b": "Hypothesis"},
)
FOG = choice_setting(
    [
        ("Mist forms most often over", ("a swamp", "a glacier", "the hills", "a desert"), 0),
        ("Foxes hunt", ("moss", "mice"), 1),
        ("Which is\nsoft?", ("a\nstone", "wool<|im_end|>", "glass"), 1),
    ]
)
PAIRS, CHOICES = wordings_of(TASK_TYPES.get("pair")), wordings_of(TASK_TYPES.get("choice"))
of_both = pytest.mark.parametrize(
    ("setting", "wording"), [*((NLI, wording) for wording in PAIRS), *((FOG, wording) for wording in CHOICES)]
)


def form(setting: Setting) -> AnswerForm:
    task = PromptTask(setting.labels, setting.task_description, setting.type, setting.captions)
    return FORMS.get(setting.type.kind)(task)


def prompt(setting: Setting, wording: Wording, row: int = 0, shots: tuple[Shot, ...] = ()) -> tuple[Message, ...]:
    return wording.messages(form(setting), shots, form(setting).rows(setting.pool.inputs)[row])


def shown(messages: tuple[Message, ...]) -> str:
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def said(text: str, candidates: dict[str, float] | None = None) -> Reply:
    tokens = None if candidates is None else (TokenChoice(text, {t: float(np.log(p)) for t, p in candidates.items()}),)
    return Reply(
        text=text,
        tokens=tokens,
        prompt_tokens=1,
        cached_tokens=None,
        completion_tokens=1,
        reasoning_tokens=None,
        usd=None,
        seconds=0.5,
        model="m",
        fingerprint=None,
        finish_reason="stop",
    )


@pytest.mark.parametrize("name", TASK_TYPES.names())
def test_every_type_has_three_wordings_that_differ(name: str) -> None:
    found = wordings_of(TASK_TYPES.get(name))
    assert [wording.number for wording in found] == [1, 2, 3]
    assert len({(wording.instruction, wording.row) for wording in found}) == 3


@pytest.mark.parametrize("wording", PAIRS, ids=lambda wording: wording.name)
def test_a_pair_is_shown_under_what_its_file_calls_its_texts(wording: Wording) -> None:
    messages = prompt(NLI, wording, 1, shots_of(form(NLI), NLI.pool, [0]))
    last = messages[-1].content
    assert (
        last.index("Premise: ") < last.index("A dog chases") < last.index("Hypothesis: ") < last.index("An animal is")
    )
    assert [message.content for message in messages if message.role == "assistant"] == ["contradiction"]
    assert "- contradiction\n- entailment" in messages[0].content
    assert "A man sleeps." in messages[0].content + messages[1].content
    for captions in ({}, {"text_a": "Text a", "text_b": "Text b"}):
        unnamed = shown(prompt(replace(NLI, captions=captions), wording))
        assert "Text A: " in unnamed
        assert "Text B: " in unnamed
        assert "Premise" not in unnamed


@pytest.mark.parametrize("wording", CHOICES, ids=lambda wording: wording.name)
def test_options_are_lettered_lines_and_examples_show_their_letter(wording: Wording) -> None:
    messages = prompt(FOG, wording, 1, shots_of(form(FOG), FOG.pool, [0, 2]))
    assert "\nA. moss\nB. mice\n" in messages[-1].content
    assert "C." not in messages[-1].content
    assert [message.content for message in messages if message.role == "assistant"] == ["A", "B"]
    assert "\nA. a stone\nB. wool<| im_end|>\nC. glass\n" in messages[-3].content, "an option is one line"


@pytest.mark.parametrize("wording", CHOICES, ids=lambda wording: wording.name)
def test_a_context_stands_above_the_question_where_there_is_one(wording: Wording) -> None:
    rows = [("What runs?", ("dogs", "stones"), 0), ("What flies?", ("birds", "stones"), 0)]
    setting = choice_setting(rows, ["A passage on dogs.", ""])
    with_one, without = prompt(setting, wording, 0)[-1].content, prompt(setting, wording, 1)[-1].content
    assert with_one.index("Context: A passage on dogs.\n") < with_one.index("What runs?")
    assert "Context" not in without
    named = prompt(replace(setting, captions={"context": "Passage"}), wording, 0)[-1].content
    assert "Passage: A passage on dogs." in named


@of_both
def test_what_all_rows_share_is_said_first_and_ends_where_they_part(setting: Setting, wording: Wording) -> None:
    shots = shots_of(form(setting), setting.pool, [0])
    opening = wording.opening(form(setting), shots)
    for row in range(len(setting.pool)):
        messages = prompt(setting, wording, row, shots)
        assert messages[: len(opening) - 1] == opening[:-1]
        assert messages[len(opening) - 1].content.startswith(opening[-1].content)
        assert len(messages) == len(opening)


@of_both
def test_published_copies_hide_rows_of_every_type(setting: Setting, wording: Wording) -> None:
    setting = replace(setting, task_description="Note: what the owner asked for.")
    described = LabelSpace(tuple(Label(label.value, label.name, "Told: so.") for label in setting.labels.labels))
    shots = shots_of(form(setting), setting.pool, [0])
    for of in (setting, replace(setting, labels=described)):
        for row in range(len(setting.pool)):
            told = without_rows(shown(prompt(of, wording, row, shots)))
            secrets = [*setting.pool.texts[0].split("\n"), *setting.pool.texts[row].split("\n")]
            assert not [secret for secret in secrets if len(secret) > 1 and secret in told]
            assert told.endswith(THE_ROW)
            assert told.count("[example") == 1
            assert "what the owner asked for" in told
            assert wording.instruction.split("{")[0] in told


def test_an_answer_is_held_to_the_letters_of_its_own_row() -> None:
    rows = form(FOG).rows(FOG.pool.inputs)
    assert [form(FOG).held_to(row) for row in rows] == [
        Choices(("A", "B", "C", "D")),
        Choices(("A", "B")),
        Choices(("A", "B", "C")),
    ]
    assert form(FOG).reads(rows[0])("D")
    assert not form(FOG).reads(rows[1])("D")
    assert form_of(label_space("x", "y")).held_to(text_row("t")) == Choices(("x", "y"))


def test_options_are_read_by_their_places_in_the_file_however_they_were_shown() -> None:
    fog, foxes, soft = form(FOG).rows(FOG.pool.inputs)
    turned = fog.reordered((2, 3, 0, 1))
    assert turned.options == ("the hills", "a desert", "a swamp", "a glacier")
    replies = [said("A"), said("C"), said("a glacier"), said("C"), said("none of them"), said("B")]
    found = form(FOG).read(replies, [turned, turned, turned, foxes, soft, soft])
    assert found.labels.tolist() == [2, 0, 1, NO_LABEL, NO_LABEL, 1]
    assert found.probabilities is None


def test_probabilities_stand_in_the_files_order_and_are_none_beyond_the_rows_options() -> None:
    fog, foxes, _ = form(FOG).rows(FOG.pool.inputs)
    turned = fog.reordered((1, 2, 3, 0))
    told = {"A": 0.5, "B": 0.3, "C": 0.15, "D": 0.05}
    replies = [said("A", told), said("A", told), said("A", {"A": 0.6, "B": 0.2, "C": 0.2}), said("a swamp", told)]
    found = form(FOG).read(replies, [fog, turned, foxes, fog]).probabilities
    assert found is not None
    assert found[0] == pytest.approx([0.5, 0.3, 0.15, 0.05])
    assert found[1] == pytest.approx([0.05, 0.5, 0.3, 0.15])
    assert found[2] == pytest.approx([0.75, 0.25, 0, 0])
    assert np.isnan(found[3]).all(), "the tokens of a text are no letters"


def test_both_long_texts_lose_their_middles_and_options_never_do() -> None:
    setting = pair_setting([("a" * 600, "b" * 500, "yes"), ("c", "d" * 400, "no")])
    of_pair = form(setting)
    room = 700
    window = Window(CharacterModel(room + of_pair.answer_tokens), of_pair)
    long, one_long = of_pair.rows(setting.pool.inputs)
    cut = window.cut(PAIRS[0], (), long)
    assert sum(len(message.content) for message in PAIRS[0].messages(of_pair, (), cut)) in (room - 1, room)
    (_, first), (_, second) = cut.texts
    assert len(first) == len(second)
    assert window.cut(PAIRS[0], (), one_long).texts[0] == ("text_a", "c")
    choice = choice_setting([("q" * 900, ("x" * 100, "y" * 100), 0)])
    of_choice = form(choice)
    (row,) = of_choice.rows(choice.pool.inputs)
    held = Window(CharacterModel(500 + of_choice.answer_tokens), of_choice).cut(CHOICES[0], (), row)
    assert held.options == row.options
    assert "…" in held.texts[0][1]


def test_what_the_arm_can_do_is_said_before_anything_runs() -> None:
    family, spec = PromptFamily(), ArmSpec.parse("prompt:smollm2-135m")
    permuted = ArmSpec.parse("prompt:smollm2-135m?permute=4")
    for name in ("classification", "pair", "choice"):
        assert family.cannot_do(spec, TASK_TYPES.get(name)) is None
    assert family.cannot_do(permuted, TASK_TYPES.get("choice")) is None
    assert "options" in str(family.cannot_do(permuted, TASK_TYPES.get("pair")))
    assert "options" in str(family.cannot_do(permuted, TASK_TYPES.get("classification")))
    wordless = replace(TASK_TYPES.get("choice"), name="mine", prompts=())
    assert "no words" in str(family.cannot_do(spec, wordless))
    assert "kind poems" in str(family.cannot_do(spec, replace(TASK_TYPES.get("pair"), kind="poems")))


def test_an_arm_hangs_on_what_its_rows_are_called() -> None:
    family, spec = PromptFamily(), ArmSpec.parse("prompt:m@http://127.0.0.1:9/v1")
    digests = {family.identity(spec, setting) for setting in (NLI, replace(NLI, captions={}), FOG)}
    assert len(digests) == 3
    renamed = replace(NLI, captions={**NLI.captions, "text_a": "Text"})
    assert family.identity(spec, renamed) not in digests


def test_an_estimate_counts_every_order_that_a_row_is_asked_in() -> None:
    family = PromptFamily()

    def estimated(setting: Setting, options: str = ""):  # type: ignore[no-untyped-def]
        spec = ArmSpec.parse(f"prompt:m@http://127.0.0.1:9/v1{options}")
        return family.estimate(spec, family.schedule(spec, setting)[0], setting)

    once, often = estimated(FOG), estimated(FOG, "?permute=6")
    assert (once.requests_per_row, once.fit_requests) == (1, 20)
    assert (often.requests_per_row, often.fit_requests) == (6, 0)
    assert often.prompt_tokens_per_row == pytest.approx(6 * once.prompt_tokens_per_row)
    assert often.row_seconds == pytest.approx(6 * once.row_seconds)
    two = choice_setting([("q", ("x", "y"), 0)])
    assert estimated(two, "?permute=24").requests_per_row == 2, "two options have two orders"
    assert estimated(NLI).fit_requests == 0
    assert FORM is FORMS.get("category")
