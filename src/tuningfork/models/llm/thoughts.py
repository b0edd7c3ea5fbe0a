"""Taking a model's thought, and the marks of its chat template, off what it says.

Servers that were not told how a model marks its thought leave the marks in the text. Every family has its own: tags,
tags with a prefix, brackets, channels, reserved tokens.
"""

from __future__ import annotations

import re

_WORDS = r"think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratch_?pad|analysis|inner_?monologue|deliberation"
_PREFIX = r"(?:[A-Za-z]+[:_])?"
_SUFFIX = r"(?::\w+)?"
_PAIRS: tuple[tuple[str, str], ...] = (
    (rf"<{_PREFIX}(?:{_WORDS}){_SUFFIX}>", rf"</{_PREFIX}(?:{_WORDS}){_SUFFIX}>"),
    (r"<\|(?:begin|start)_of_(?:thought|thinking|reasoning)\|>", r"<\|end_of_(?:thought|thinking|reasoning)\|>"),
    (r"<\|START_(?:THINKING|THOUGHT|REASONING)\|>", r"<\|END_(?:THINKING|THOUGHT|REASONING)\|>"),
    (r"<\|(?:think|thinking)\|>", r"<\|/(?:think|thinking)\|>"),
    (r"\[(?:THINK|THINKING|REASONING)\]", r"\[/(?:THINK|THINKING|REASONING)\]"),
    (r"◁think▷", r"◁/think▷"),
    (r"<unused94>(?:thought)?", r"<unused95>"),
    (r"<\|channel>(?:thought|analysis)", r"<channel\|>"),
)
"""How a thought begins and how it ends, one family a line: most open models; OpenThinker; Command A and R; Phi;
Magistral; Kimi; MedGemma; Gemma 4."""

_WHOLE = tuple(re.compile(f"{opening}.*?{closing}", re.DOTALL | re.IGNORECASE) for opening, closing in _PAIRS)
_CLOSING = re.compile("|".join(closing for _, closing in _PAIRS), re.IGNORECASE)
_OPENING = re.compile(r"\s*(?:" + "|".join(opening for opening, _ in _PAIRS) + ")", re.IGNORECASE)

_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>", re.IGNORECASE)
_BARE_CHANNEL = re.compile(r"\s*(?:assistant)?analysis.*?assistant\s*final(?P<answer>.*)", re.DOTALL)
"""gpt-oss writes channels; a server that drops special tokens leaves 'analysis…assistantfinal…'."""

_ENDS = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|eom_id|end_of_text|end|return|start|end_of_turn|endofturn|eot|assistant"
    r"|user|END_RESPONSE|END_OF_TURN_TOKEN|end_of_solution|end_of_box|end_of_sentence)\|>"
    r"|</?s>|<eos>|<bos>|<pad>|<unk>|<end_of_turn>|<start_of_turn>|<turn\|>|<\|turn>|\[EOS\]|\[/?INST\]|\[e~\["
    r"|<｜(?:end▁of▁sentence|begin▁of▁sentence|Assistant|User)｜>|<\|?(?:eod|eoa|eoh)\|?>"
)
"""What ends a turn: the answer stands before the first of them, or between the first two."""

_BEGINS = re.compile(r"<\|(?:START_RESPONSE|START_TEXT|begin_of_solution|begin_of_box)\|>")


def without_thought(text: str) -> str:
    """The text without thought and without marks that begin or end turns; '' where all of it is thought.

    A thought that was cut before its end has no answer behind it; one whose opening mark is missing (templates write
    it for the model) ends at its closing mark.
    """
    answer = _final_channel(text)
    if answer is None:
        return ""
    for whole in _WHOLE:
        answer = whole.sub("", answer)
    closings = list(_CLOSING.finditer(answer))
    if closings:
        answer = answer[closings[-1].end() :]
    if _OPENING.match(answer):
        return ""
    return _within_its_turn(_BEGINS.sub("", answer)) if "<" in answer or "[" in answer else answer.lstrip("\n")


def is_marked(text: str) -> bool:
    """Whether marks of thought are in the text: a sign that this model thinks."""
    return any((_CLOSING.search(text), _OPENING.match(text), _CHANNEL.search(text)))


def _final_channel(text: str) -> str | None:
    """What was said in the last channel that is meant for the reader; the text where there are no channels, None where
    all of them are for the model itself."""
    channels = list(_CHANNEL.finditer(text))
    if not channels:
        bare = _BARE_CHANNEL.fullmatch(text)
        return text if bare is None else bare["answer"]
    last = channels[-1]
    return None if last[1].lower() == "analysis" else text[last.end() :]


def _within_its_turn(text: str) -> str:
    """The first part between marks of turns that says anything."""
    if not _ENDS.search(text):
        return text
    return next((part for part in _ENDS.split(text) if part.strip()), "")
