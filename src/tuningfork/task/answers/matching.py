"""Which row of a file of answers is of which row of the task: by id, by text, and never by keys that contradict."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from tuningfork.errors import InputError
from tuningfork.task.answers.labels import Remedies
from tuningfork.task.wording import counted, quoted
from tuningfork.task.written_alike import folded, looks

_UNCLEAR = -1
_SHORTEST_CUT = 20
"""Characters from which on the beginning of a text tells which text it was."""
_LIKE_SHARE = 0.75
_MOST_UNLIKE = 0.2
"""Share of the rows whose texts may be another than the id's, before the ids are taken for those of other rows."""
_NUMBER = re.compile(r"[+-]?0*(\d+)(?:[.,]0+)?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """n rows of the task that answers are wanted for.

    Attributes:
        source: the file that they stand in, for messages.
        ids, texts: one a row; None without such a column.
        names: what messages call the rows: 'row data.csv:17', 'row 17 of gold.csv'.
    """

    source: str
    ids: Sequence[str] | None
    texts: Sequence[str] | None
    names: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """m rows of a file of answers.

    Attributes:
        answers: one a row: rows of one key with one answer are one answer.
        rows: their numbers in the file.
        id_column, text_column: as the file names them.
        text_is_sure: the text column is called as that of the task, or 'text'; one that merely may be it, and holds
            none of the texts, is something else.
    """

    source: str
    ids: Sequence[str] | None
    texts: Sequence[str] | None
    answers: Sequence[Hashable]
    rows: Sequence[int]
    id_column: str = "id"
    text_column: str = "text"
    text_is_sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where the answers stand.

    Attributes:
        places: place in the file of each row's answer; None where it has none.
        how: 'by id', 'by text', 'by id, 3 by text'.
        key: 'id' or 'text', the one that was taken first.
        told: what was seen on the way, in sentences; it may change what a score means.
        confirmed: texts say that the ids are of the same rows.
        plain: no key was written otherwise, and none was overruled.
    """

    places: tuple[int | None, ...]
    how: str
    key: str
    told: tuple[str, ...] = ()
    confirmed: bool = False
    plain: bool = True


class Matcher:
    """Finds rows of the task in one file of answers.

    Raises:
        InputError: (from each method) see there.
    """

    def __init__(self, given: Given, *, only: str | None = None, remedies: Remedies) -> None:
        self._given, self._remedies = given, remedies
        self._ids = None if given.ids is None or only == "text" else _Index(given.ids, given.answers, _ID_WRITINGS)
        self._texts = None if given.texts is None or only == "id" else _TextIndex(given.texts, given.answers)

    def match(self, asked: Asked) -> Match:
        """Where each row's answer stands.

        Where ids and texts contradict each other, the texts decide if all of them are there: ids are numbered anew
        more easily than texts are. The ids decide where the texts have been tidied up and no more.

        Raises:
            InputError: neither key fits; a row is answered twice, differently; or neither side has a key of the other.
        """
        by_id = None if asked.ids is None or self._ids is None else self._ids.find(asked.ids)
        by_text = None if asked.texts is None or self._texts is None else self._texts.find(asked.texts)
        if by_id is None and by_text is None:
            raise InputError("no column tells which row an answer is of", file=self._given.source)
        if by_id is None or by_text is None:
            return self._by_one("text" if by_id is None else "id", by_id or by_text or [], asked)
        return self._by_both(by_id, by_text, asked)

    def follow(self, asked: Asked, match: Match) -> tuple[int | None, ...]:
        """Where the answers of further rows stand, by the key that was found to fit; None where a row has none."""
        by_text: Sequence[int | None] = [None] * len(asked.names)
        by_id = by_text
        if self._texts is not None and asked.texts is not None:
            by_text = _cleared(self._texts.find(asked.texts))
        if match.key == "text" or self._ids is None or asked.ids is None:
            return tuple(by_text)
        by_id = _cleared(self._ids.find(asked.ids))
        return tuple(text if place is None else place for place, text in zip(by_id, by_text, strict=True))

    def missing(self, asked: Asked, match: Match) -> InputError | None:
        """The error of rows without an answer: how many, and the first; None where all have one."""
        lacking = [row for row, place in enumerate(match.places) if place is None]
        if not lacking:
            return None
        name, more = asked.names[lacking[0]], len(lacking) - 1
        text = "" if asked.texts is None else f" ({quoted(_short(asked.texts[lacking[0]]))})"
        others = f", nor for {more:,} more of {len(match.places):,}" if more else ""
        keys = " or ".join(
            key for key, there in (("id", self._ids is not None), ("text", self._texts is not None)) if there
        )
        remedy = f"Every row that is scored needs one, found by its {keys}."
        if len(lacking) == len(match.places) and self._texts is None and asked.ids and self._given.ids:
            ids = f"its ids are such as {quoted(self._given.ids[0])}, those of the rows such as {quoted(asked.ids[0])}"
            remedy += f" Of these none is there: {ids}. A column 'text' with the rows' texts would tell them too."
        return InputError(f"no answer for {name}{text}{others}", file=self._given.source, remedy=remedy)

    def _by_one(self, key: str, places: list[int | None], asked: Asked) -> Match:
        index = self._ids if key == "id" else self._texts
        assert index is not None
        values = asked.ids if key == "id" else asked.texts
        assert values is not None
        self._refuse_unclear(key, index, places)
        return self._found(key, index, places, values)

    def _found(self, key: str, index: _Index, places: list[int | None], values: Sequence[str]) -> Match:
        found, told = _cleared(places), index.told(values, places)
        return Match(places=found, how=f"by {key}", key=key, told=told, plain=index.is_plain(values, places))

    def _by_both(self, by_id: list[int | None], by_text: list[int | None], asked: Asked) -> Match:
        assert self._ids is not None and self._texts is not None
        assert self._given.texts is not None and asked.texts is not None and asked.ids is not None
        ids, texts = _cleared(by_id), _cleared(by_text)
        here = [(row, place) for row, place in enumerate(ids) if place is not None]
        unlike = [row for row, place in here if not _same(asked.texts[row], self._given.texts[place])]
        elsewhere = [row for row in unlike if texts[row] is not None and texts[row] != ids[row]]
        foreign = [
            row
            for row, place in here
            if row in set(unlike) - set(elsewhere) and not _alike(asked.texts[row], self._given.texts[place])
        ]
        if foreign and not self._given.text_is_sure and not any(place is not None for place in texts):
            return self._by_one("id", by_id, asked)
        all_by_text = None not in texts
        if elsewhere and all_by_text:
            told = (
                f"ids and texts contradict each other in {len(elsewhere):,} of {len(here):,} rows, and every text is "
                "there: the rows were matched by text",
            )
            return Match(places=texts, how="by text", key="text", told=told, plain=False)
        if elsewhere or len(foreign) > _MOST_UNLIKE * len(here):
            raise self._contradiction(asked, ids, texts, elsewhere or foreign)
        if self._ids.unclear and all_by_text:
            told = ("ids stand there more than once with different answers: the rows were matched by text",)
            return Match(places=texts, how="by text", key="text", told=told, plain=False)
        return self._by_id_then_text(by_id, by_text, asked, unlike=len(unlike), compared=len(here))

    def _by_id_then_text(
        self, by_id: list[int | None], by_text: list[int | None], asked: Asked, *, unlike: int, compared: int
    ) -> Match:
        assert self._ids is not None and self._texts is not None and asked.ids is not None and asked.texts is not None
        if not compared and _UNCLEAR not in by_id:
            return self._found("text", self._texts, by_text, asked.texts)
        self._refuse_unclear("id", self._ids, by_id)
        ids, texts = _cleared(by_id), _cleared(by_text)
        places = tuple(text if place is None else place for place, text in zip(ids, texts, strict=True))
        further = sum(place is None and text is not None for place, text in zip(ids, texts, strict=True))
        told = list(self._ids.told(asked.ids, by_id))
        if unlike:
            told.append(f"the texts of {unlike:,} of {compared:,} rows are written otherwise; the ids decided")
        return Match(
            places=places,
            how=f"by id, {further:,} by text" if further else "by id",
            key="id",
            told=tuple(told),
            confirmed=unlike < compared,
            plain=self._ids.is_plain(asked.ids, by_id) and self._texts.is_plain(asked.texts, by_text),
        )

    def _contradiction(
        self, asked: Asked, ids: Sequence[int | None], texts: Sequence[int | None], rows: Sequence[int]
    ) -> InputError:
        assert asked.texts is not None and asked.ids is not None and self._given.texts is not None
        row = rows[0]
        place = ids[row]
        there = "" if place is None else _short(self._given.texts[place])
        n, by_text = len(ids), sum(found is not None for found in texts)
        return InputError(
            f"its ids are not of the rows of {asked.source}: of {n:,} rows {n - ids.count(None):,} have their id and "
            f"{by_text:,} their text, and in {len(rows):,} the id is of another text, first in {asked.names[row]} "
            f"({quoted(_short(asked.texts[row]))}; the file has {quoted(there)})",
            file=self._given.source,
            row=None if place is None else self._given.rows[place],
            remedy=f"Give the answers to these rows; or say which key is right: {self._remedies.match('id')} (or text)",
        )

    def _refuse_unclear(self, key: str, index: _Index, places: Sequence[int | None]) -> None:
        if not index.unclear or (_UNCLEAR not in places and index.in_order):
            return
        place = index.unclear[0]
        values = self._given.ids if key == "id" else self._given.texts
        assert values is not None
        raise InputError(
            f"a second, different answer for {quoted(_short(values[place]))}",
            file=self._given.source,
            row=self._given.rows[place],
            column=self._given.id_column if key == "id" else self._given.text_column,
            remedy="Keep one answer a row.",
        )


def _id_number(value: str) -> str:
    """'7' for '007' and '7.0'."""
    found = _NUMBER.fullmatch(value.strip())
    return value.strip() if found is None else found[1]


_Writing = Callable[[str], str]
_ID_WRITINGS: tuple[_Writing, ...] = (str.strip, _id_number, folded)
_TEXT_WRITINGS: tuple[_Writing, ...] = (str.strip, looks, folded)


class _Index:
    """Places of a key's values in a file; a looser writing is taken where the strict one is not there, and where it
    takes no two values of either side together.

    Attributes:
        unclear: places of values that stand there before with another answer.
        in_order: the last values that were asked for are exactly the file's, in its order.
    """

    def __init__(self, values: Sequence[str], answers: Sequence[Hashable], writings: Sequence[_Writing]) -> None:
        self._values = [value.strip() for value in values]
        self._writings = writings
        self.in_order = False
        self._strict, self.unclear = _places(self._values, answers)
        self._loose: list[dict[str, int]] = []
        for writing in writings[1:]:
            found, _ = _places([writing(value) for value in self._values], answers)
            self._loose.append(found)

    def find(self, asked: Sequence[str]) -> list[int | None]:
        """Place of each value: None where it is not there, -1 where the file contradicts itself."""
        wanted = [value.strip() for value in asked]
        self.in_order = wanted == self._values
        if self.in_order:
            return list(range(len(wanted)))
        places: list[int | None] = [self._strict.get(value) for value in wanted]
        for writing, known in zip(self._writings[1:], self._loose, strict=True):
            lacking = [row for row, place in enumerate(places) if place is None and wanted[row]]
            if not lacking:
                break
            shared = Counter(writing(value) for value in set(wanted))
            for row in lacking:
                written = writing(wanted[row])
                place = known.get(written)
                if place is not None and place != _UNCLEAR and shared[written] == 1:
                    places[row] = place
        return places

    def is_plain(self, asked: Sequence[str], places: Sequence[int | None]) -> bool:
        """Whether every value was found as it is written."""
        return all(
            place in {None, _UNCLEAR} or value.strip() in self._strict
            for value, place in zip(asked, places, strict=True)
        )

    def told(self, asked: Sequence[str], places: Sequence[int | None]) -> tuple[str, ...]:
        """How many keys are written otherwise."""
        found = [(value, place) for value, place in zip(asked, places, strict=True) if place is not None]
        otherwise = [(value, place) for value, place in found if value.strip() not in self._strict]
        if not otherwise:
            return ()
        value, place = otherwise[0]
        here, there = quoted(_short(self._values[place])), quoted(_short(value))
        return (f"{counted(len(otherwise), 'key')} written otherwise, first {here} for {there}",)


class _TextIndex(_Index):
    """The same of texts, which may have been cut."""

    def __init__(self, texts: Sequence[str], answers: Sequence[Hashable]) -> None:
        super().__init__(texts, answers, _TEXT_WRITINGS)
        self._answers = answers

    def find(self, asked: Sequence[str]) -> list[int | None]:
        places = super().find(asked)
        lacking = [row for row, place in enumerate(places) if place is None and len(asked[row]) > _SHORTEST_CUT]
        if not lacking:
            return places
        cut, lengths = self._cut_texts()
        whole = set(places)  # a text that stands there as it is was not cut from a longer one
        taken: dict[int, str] = {}
        for row in lacking:
            written = looks(asked[row])
            found = {cut[written[:length]] for length in lengths if written[:length] in cut and length <= len(written)}
            if len(found) == 1 and (place := found.pop()) != _UNCLEAR and place not in whole:
                if taken.setdefault(place, written) != written:
                    return super().find(asked)
                places[row] = place
        return places

    def _cut_texts(self) -> tuple[dict[str, int], list[int]]:
        """Texts that end with an ellipsis, or are as long as the longest ones: by what is left of them."""
        written = [looks(text) for text in self._values]
        longest = max(map(len, written), default=0)
        bare = [re.sub(r"\s*(?:…|\.\.\.|\[\.\.\.\])$", "", text) for text in written]
        cut = [
            text if len(text) >= _SHORTEST_CUT and (text != full or len(full) >= longest - 1) else ""
            for text, full in zip(bare, written, strict=True)
        ]
        found, _ = _places(cut, self._answers)
        return found, sorted({len(text) for text in found})


def _places(values: Sequence[str], answers: Sequence[Hashable]) -> tuple[dict[str, int], list[int]]:
    """First place by value, -1 for one with different answers; and the places that contradict an earlier one."""
    found: dict[str, int] = {}
    first: dict[str, int] = {}
    unclear = []
    for place, (value, answer) in enumerate(zip(values, answers, strict=True)):
        if not value:
            continue
        if answers[first.setdefault(value, place)] != answer:
            unclear.append(place)
            found[value] = _UNCLEAR
        else:
            found.setdefault(value, place)
    return found, unclear


def _cleared(places: Sequence[int | None]) -> tuple[int | None, ...]:
    return tuple(None if place == _UNCLEAR else place for place in places)


def _same(one: str, other: str) -> bool:
    """Whether two texts are one but for their writing, or one is the beginning of the other."""
    a, b = folded(one), folded(other)
    bare = re.sub(r"\s*(?:…|\.\.\.)$", "", b)
    return a == b or (min(len(a), len(bare)) >= _SHORTEST_CUT and (a.startswith(bare) or bare.startswith(a)))


def _alike(one: str, other: str) -> bool:
    """Whether one text holds the other, as a prompt does, or they share most of their words: then it was tidied up."""
    a, b = folded(one), folded(other)
    if not a or not b or a in b or b in a:
        return True
    words_a, words_b = set(re.findall(r"\w+", a)), set(re.findall(r"\w+", b))
    return len(words_a & words_b) >= _LIKE_SHARE * max(1, len(words_a | words_b))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
