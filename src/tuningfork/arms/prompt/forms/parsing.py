"""From an LLM's answer to a label, strictly: a constraint may have been ignored, and a guess is no answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tuningfork.arms.prompt.forms.json_answers import answers_in, json_value, json_within
from tuningfork.arms.results import NO_LABEL
from tuningfork.task.written_alike import WrittenAlike, looks

LONGEST_SENTENCE = 12
"""Words of a short sentence, its label counted as one."""

_QUOTES = (
    ('"', '"'),
    ("'", "'"),
    ("“", "”"),
    ("‘", "’"),
    ("„", "“"),
    ("„", "”"),
    ("«", "»"),
    ("「", "」"),
    ("`", "`"),
    ("(", ")"),
    ("[", "]"),
)
_WRAPPINGS = (
    re.compile(r"(`{3,})(?:[\w+-]*\n)?(?P<inner>.*?)\n?\1", re.DOTALL),
    re.compile(r"(\*\*|__|\*|_|~~)(?P<inner>.+?)\1", re.DOTALL),
    re.compile(r"\$+(?P<inner>.+?)\$+", re.DOTALL),
    re.compile(r"\\(?:boxed|text|textbf|mathrm|texttt)\{(?P<inner>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}", re.DOTALL),
    re.compile(r"<(\w+)>(?P<inner>.*?)</\1>", re.DOTALL),
    re.compile(r"<(\w+)>(?P<inner>[^<]+)", re.DOTALL),
    re.compile(r"(?:[-*•>#]+|→|=>|->)\s+(?P<inner>.+)", re.DOTALL),
    re.compile(r"(?P<inner>.*?\w.*?)[.!,;。！…]", re.DOTALL),
)
_CUE = (
    r"(?:the\s+)?(?:(?:final|correct|best|my|predicted|chosen|most\s+likely)\s+)?"
    r"(?:answer|label|category|class|classification|prediction|intent|sentiment|topic|antwort|etikett|kategorie|klasse"
    r"|réponse|étiquette|catégorie|classe|respuesta|etiqueta|categoría|risposta|etichetta|categoria|resposta"
    r"|答案|标签|类别|回答|ラベル|カテゴリ)(?:\s+is)?"
)
_NAMED = re.compile(rf"[\s>#*_`-]*{_CUE}[*_`\s]*[:：=][*_`\s]*(?P<answer>\S.*)", re.IGNORECASE)
"""A line that names its answer: 'Answer: refund', '**Label:** refund', 'Final answer = refund'."""

_MARKED = re.compile(
    r"\\boxed\{(?P<boxed>[^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|<(?P<tag>answer|final_answer|final|label|output|result|response"
    r"|category|tool_call)>(?P<tagged>.*?)</(?P=tag)>|<\|begin_of_box\|>(?P<box>.*?)<\|end_of_box\|>",
    re.DOTALL | re.IGNORECASE,
)
_NEXT_ROW = re.compile(r"^\s*(?:text|row|input|message|user|human|question)\s*:", re.IGNORECASE | re.MULTILINE)
"""Where a model goes on with a row of its own; what it answers there is no answer to ours."""

DENIAL = re.compile(r"\b(?:not|no|never|neither|nor|cannot|without)\b|n[’']t\b", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?]\s+\S")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that set no blanks between words."""

_LEADING_MARKS = re.compile(r"\A[*_`\"'\s]+(?=\w)|[*`]+")
_EXPLAINS = re.compile(r"[*_`\"']*\s*(?:[-:;,(|]|\.(?=\s))\s*\w")
"""What stands between a label and its explanation: 'refund - the customer …', 'Refund. The customer …'."""

LONGEST_EXPLAINED = 1000
_SEPARATED = re.compile(r"(?<=[^\W_])(?:[\s_\-]|\\[ \-_])+(?=[^\W_])")
_MOST_PEELED = 12
_LONGEST_LABEL_TIMES = 4
_MOST_KEPT = 50_000


class LabelParser:
    """Reads answers against one set of label names.

    An answer counts in this order: the whole of it, then its first line, each freed of its wrapping, must be a
    label, however it is written; else JSON in it must name one; else a place that says that it is the answer (a line
    'Answer: …', a tag, a box); else it may begin with a label that it goes on to explain, naming no other and denying
    nothing; else it must be one short sentence that holds exactly one label and denies nothing.
    Everything else is no answer. Writing does not matter unless two labels differ by nothing else.

    Args:
        names: the labels as shown to the model, at least one, all different.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._alike = WrittenAlike(names)
        self._longest = max(map(len, names)) * _LONGEST_LABEL_TIMES + 64
        longest_first = sorted(map(looks, names), key=len, reverse=True)
        self._mention = re.compile("|".join(_bounded(name) for name in longest_first if name) or r"(?!)", re.IGNORECASE)
        self._read: dict[str, int] = {}

    def parse(self, answer: str) -> int:
        """Index of the label that the answer gives, or NO_LABEL."""
        if answer not in self._read:
            if len(self._read) >= _MOST_KEPT:
                self._read.clear()
            found = self._parsed(answer.strip())
            self._read[answer] = NO_LABEL if found is None else found
        return self._read[answer]

    def reads(self, answer: str) -> bool:
        """Whether the answer gives a label."""
        return self.parse(answer) != NO_LABEL

    def is_label(self, text: str) -> bool:
        """Whether the text is a label but for its writing."""
        return self._label(text) is not None

    def _parsed(self, whole: str) -> int | None:
        first_line = whole.partition("\n")[0]
        for part in (whole, first_line):
            label = self._unwrapped(part)
            if label is not None:
                return label
        own = whole[: found.start()] if (found := _NEXT_ROW.search(whole)) and found.start() else whole
        value = json_within(own)
        if value is not None:
            return self._in_json(value)
        label = self._explicit(own)
        if label is None:
            label = self._leading(own)
        if label is not None or whole != first_line:
            return label
        return self._mentioned(whole)

    def _label(self, text: str) -> int | None:
        return self._alike.find(text) if len(text) <= self._longest else None

    def _unwrapped(self, text: str) -> int | None:
        """The label that is left when one wrapping after the other is taken off."""
        for _ in range(_MOST_PEELED):
            label = self._label(text)
            if label is not None:
                return label
            value = json_value(text)
            if value is not None and not (isinstance(value, str) and value != text):
                return self._in_json(value)
            inner = value if isinstance(value, str) else _peel(text)
            if inner is None or inner == text:
                return None
            text = inner
        return None

    def _in_json(self, value: object) -> int | None:
        """The one label of the values that count; None where one that has to be a label is none."""
        found: set[int] = set()
        for text, is_needed in answers_in(value):
            label = self._unwrapped(text) if text.strip() else None
            if label is not None:
                found.add(label)
            elif is_needed:
                return None
        return found.pop() if len(found) == 1 else None

    def _explicit(self, text: str) -> int | None:
        """The label that places which say that they are the answer agree on; the last of them must be one."""
        marked = [next(filter(None, (m["boxed"], m["tagged"], m["box"])), "") for m in _MARKED.finditer(text)]
        lines = [line for line in text.splitlines() if line.strip()]
        named = [found["answer"] for line in lines if (found := _NAMED.fullmatch(line))]
        closes = bool(lines) and (_NAMED.fullmatch(lines[-1]) or _NAMED.fullmatch(lines[0]))
        given = marked or (named if closes else [])
        labels = [self._answer_of(answer) for answer in given]
        known = {label for label in labels if label is not None}
        return known.pop() if len(known) == 1 and labels[-1] is not None else None

    def _answer_of(self, text: str) -> int | None:
        """What a place that says that it is the answer holds: a label, or one with a remark beside it."""
        label = self._unwrapped(text)
        return self._mentioned(" ".join(text.split())) if label is None else label

    def _leading(self, text: str) -> int | None:
        """The label that an answer begins with, where what follows explains it: no other label is in it, and no
        denial."""
        if len(text) > LONGEST_EXPLAINED:
            return None
        plain = _LEADING_MARKS.sub("", looks(text))
        begins = self._mention.match(plain)
        if begins is None or not _EXPLAINS.match(plain, begins.end()):
            return None
        labels = {self._label(match.group()) for match in self._mention.finditer(plain)}
        is_alone = len(labels) == 1 and not DENIAL.search(plain, begins.end())
        return labels.pop() if is_alone else None

    def _mentioned(self, line: str) -> int | None:
        """The one label in a short sentence."""
        if line.startswith(("{", "[")) or len(line) > self._longest + LONGEST_SENTENCE * 40:
            return None
        line = looks(line)
        found = {self._label(match.group()) for match in self._mention.finditer(line)}
        around = self._mention.sub("LABEL", line)
        is_short = len(around.split()) <= LONGEST_SENTENCE and not SENTENCE_END.search(around)
        if len(found) != 1 or not is_short or DENIAL.search(around):
            return None
        return found.pop()


def _peel(text: str) -> str | None:
    """The text without its outermost wrapping, or None where there is none."""
    text = text.strip()
    for pattern in _WRAPPINGS:
        match = pattern.fullmatch(text)
        if match:
            return match["inner"]
    for opening, closing in _QUOTES:
        if len(text) > 2 and text.startswith(opening) and text.endswith(closing):
            return text[1:-1]
    return None


def _bounded(name: str) -> str:
    """A pattern for the name where it is no part of a longer word ('card' is not in 'card_arrival'); what separates its
    words may be written in other ways."""
    before = r"(?<![\w-])" if _joins_words(name[:1]) else ""
    after = r"(?![\w-])" if _joins_words(name[-1:]) else ""
    words = _SEPARATED.sub(lambda _: r"[\s_-]+", re.escape(name))
    return f"{before}{words}{after}"


def _joins_words(character: str) -> bool:
    return bool(re.match(r"\w", character)) and not _UNSPACED.match(character)
