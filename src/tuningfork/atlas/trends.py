"""The survey's five observations on the field, as rules that are computed from the catalogue.

Each is a statement of April 2023, a rule that says when it holds at a date, the number that the rule looks at, and the
same number year by year. Nothing is fixed: another catalogue gives another answer.

The models that are counted are transformers with 100 million parameters or more, or with an undisclosed number of them,
so that the many small networks of research papers, which were published at all times, do not hide what was built to be
used.

Encoders and encoder-decoders from 2020 on come for the most part from a list of their own, which holds nearly nothing
that is closed. It is counted wherever limbs or makers are compared. The share of closed models is that of the lists
which hold both kinds, and what it were with the list of encoders is told beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tuningfork.atlas.catalogue import Catalogue, Model

SURVEY_DAY = "2023-04-26"
"""The day of the survey; models of that day and before are its past."""

_GPT_3 = "2020-05-28"
_FIRST_YEAR = 2018
_SMALLEST = 100_000_000
_WINDOW_YEARS = 2
_FEWEST = 5
"""Models below which a share is not computed."""
_ENCODERS, _DERIVED = "encoders", ("rule", "correction")
"""The source that lists encoders of 2020 and later, and what is no source of models at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One year of a series.

    Attributes:
        value: in the observation's unit; None where too few models are known.
        n: models that the value rests on.
        other: whose number stands beside it, where one does: the best of the others, or a part of the models.
        other_value: that number.
    """

    year: int
    value: float | None
    n: int
    other: str | None = None
    other_value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One observation, then and today.

    Attributes:
        id: its name.
        statement: what the survey says, in our words.
        rule: when it counts as holding at a date.
        measure: what the values are.
        unit: 'share' (0 to 1), 'points' or 'models'.
        value_2023, value_today: the number that the rule looks at, on the survey's day and on the catalogue's last;
            None where too few models are known.
        held_then, holds_today: what the rule says; None where it cannot say.
        numbers: what else the rule looked at, as sentences.
        caveat: how the catalogue's coverage may bend it.
        series: year by year, the last year as far as the catalogue goes.
        beside: what the series' `other_value` is; None where it has none.
    """

    id: str
    statement: str
    rule: str
    measure: str
    unit: str
    value_2023: float | None
    value_today: float | None
    held_then: bool | None
    holds_today: bool | None
    numbers: tuple[str, ...]
    caveat: str
    series: tuple[Point, ...]
    beside: str | None = None

    @property
    def verdict(self) -> str:
        """'held then, holds today', 'held then, no longer holds', 'did not hold then, …'."""
        then = "not known then" if self.held_then is None else "held then" if self.held_then else "did not hold then"
        if self.holds_today is None:
            return f"{then}, not known today"
        if self.holds_today:
            return f"{then}, holds today"
        return f"{then}, {'no longer holds' if self.held_then else 'does not hold today'}"

    def as_dict(self) -> dict[str, Any]:
        """All fields and the verdict as JSON has them."""
        return asdict(self) | {
            "verdict": self.verdict,
            "numbers": list(self.numbers),
            "series": list(map(asdict, self.series)),
        }


def observations(catalogue: Catalogue) -> tuple[Observation, ...]:
    """The five, in the survey's order."""
    counted = [model for model in catalogue if _counts(model)]
    today = catalogue.built
    return (
        _decoder_only(counted, today),
        _openai(list(catalogue), today),
        _meta(counted, today),
        _closing(counted, today),
        _encoder_decoder(counted, today),
    )


def _counts(model: Model) -> bool:
    transformer = model.branch in ("encoder-only", "encoder-decoder", "decoder-only")
    return transformer and (model.parameters is None or model.parameters >= _SMALLEST) and model.date is not None


def _in_a_mixed_list(model: Model) -> bool:
    """Whether another source than the list of encoders, nearly all of them open, has the model."""
    kinds = {source.partition(": ")[0] for source in model.sources.values()}.difference(_DERIVED)
    return kinds != {_ENCODERS}


def _between(models: Iterable[Model], after: str, until: str) -> list[Model]:
    """Published after one day and not after another; a month counts as its first day."""
    return [model for model in models if after < (model.date or "") <= until]


def _lately(models: Iterable[Model], day: str) -> list[Model]:
    """Published in the two years to a day."""
    return _between(models, f"{int(day[:4]) - _WINDOW_YEARS}{day[4:]}", day)


def _years(today: str) -> range:
    return range(_FIRST_YEAR, int(today[:4]) + 1)


def _of_year(models: Iterable[Model], year: int) -> list[Model]:
    return [model for model in models if model.year == year]


def _share(part: Sequence[Model], whole: Sequence[Model]) -> float | None:
    return len(part) / len(whole) if len(whole) >= _FEWEST else None


def _percent(share: float | None) -> str:
    return "unknown" if share is None else f"{100 * share:.0f} %"


def _decoder_share(models: Sequence[Model]) -> float | None:
    return _share([model for model in models if model.branch == "decoder-only"], models)


def _decoder_only(models: list[Model], today: str) -> Observation:
    before = _decoder_share([model for model in models if (model.date or "") < _GPT_3])
    then, now = (_decoder_share(_lately(models, day)) for day in (SURVEY_DAY, today))
    return Observation(
        id="decoder-only-dominates",
        statement="Decoder-only models have come to dominate the field since GPT-3 (May 2020).",
        rule="More than half of the models of the last two years are decoder-only, and more than before GPT-3.",
        measure="decoder-only models among all transformers of the two years to the date",
        unit="share",
        value_2023=then,
        value_today=now,
        held_then=_dominates(then, before),
        holds_today=_dominates(now, before),
        numbers=(f"before GPT-3: {_percent(before)}",),
        caveat=f"The limbs come from different lists, so their shares depend on how fully each was gathered: "
        f"{_of_encoders(models)} of the {len(models)} transformers counted, from 2020 on, are encoders and "
        "encoder-decoders of a list of their own, many of them sizes and embedding models. From 2023 on a chat or "
        f"text-generation model whose report names no architecture counts as decoder-only by rule. {_sizes(models)}",
        series=tuple(
            Point(year=year, value=_decoder_share(_of_year(models, year)), n=len(_of_year(models, year)))
            for year in _years(today)
        ),
    )


def _dominates(share: float | None, before: float | None) -> bool | None:
    return None if share is None or before is None else share > 0.5 and share > before


def _openai(models: list[Model], today: str) -> Observation:
    then, now = (_lead(models, day, "OpenAI") for day in (SURVEY_DAY, today))
    ends = {year: min(f"{year}-12-31", today) for year in _years(today)}
    leads = {year: _lead(models, day, "OpenAI") for year, day in ends.items()}
    return Observation(
        id="openai-leads",
        statement="OpenAI leads: others have not caught up with its best model.",
        rule="OpenAI's best model has the highest score of all in the Epoch Capabilities Index.",
        measure="OpenAI's best score minus the best of all others, in points of the index",
        unit="points",
        value_2023=then.value,
        value_today=now.value,
        held_then=None if then.value is None else then.value > 0,
        holds_today=None if now.value is None else now.value > 0,
        numbers=(_next_best("April 2023", then), _next_best("today", now)),
        caveat=f"The index covers {now.measured} of {len(models)} models, hardly any from before 2023 (no Claude, "
        "PaLM or Bard of April 2023), and the copy ends in April 2026.",
        series=tuple(
            Point(year=year, value=lead.value, n=lead.measured, other=lead.rival) for year, lead in leads.items()
        ),
    )


@dataclass(frozen=True, slots=True)
class _Lead:
    value: float | None
    rival: str | None
    measured: int


def _lead(models: Iterable[Model], day: str, organisation: str) -> _Lead:
    """By how many points of the index an organisation's best model was ahead of everyone else's on a day."""
    best: dict[str, float] = {}
    measured = 0
    for model in models:
        if model.capability is not None and "" < (model.date or "") <= day:
            measured += 1
            best[model.organisation] = max(best.get(model.organisation, 0.0), model.capability)
    own = best.pop(organisation, None)
    rival = max(best, key=lambda name: best[name], default=None)
    if own is None or rival is None:
        return _Lead(None, rival, measured)
    return _Lead(round(own - best[rival], 2), rival, measured)


def _next_best(when: str, lead: _Lead) -> str:
    return f"{when}: the best of the others is {lead.rival or 'not known'}'s, of {lead.measured} models measured"


def _meta(models: list[Model], today: str) -> Observation:
    opened = [model for model in models if model.access == "open"]
    then, now = (_contributions(_lately(opened, day), "Meta") for day in (SURVEY_DAY, today))
    yearly = {year: _contributions(_of_year(opened, year), "Meta") for year in _years(today)}
    return Observation(
        id="meta-opens-most",
        statement="Meta gives most to open weights.",
        rule="No organisation published more models with open weights in the last two years than Meta.",
        measure="Meta's models with open weights in the two years to the date",
        unit="models",
        value_2023=then.own,
        value_today=now.own,
        held_then=None if then.rival_value is None else then.own >= then.rival_value,
        holds_today=None if now.rival_value is None else now.own >= now.rival_value,
        numbers=(
            f"April 2023: next is {then.rival} with {then.rival_value}",
            f"today: most of the others has {now.rival} with {now.rival_value}",
        ),
        caveat="Each size counts as a model, which favours whoever releases many sizes, encoders of 2020 and later "
        "among them; how much each is used is not counted.",
        series=tuple(
            Point(year=year, value=found.own, n=found.total, other=found.rival, other_value=found.rival_value)
            for year, found in yearly.items()
        ),
        beside="the most that another organisation published in the year",
    )


@dataclass(frozen=True, slots=True)
class _Contributions:
    own: int
    rival: str | None
    rival_value: int | None
    total: int


def _contributions(models: Sequence[Model], organisation: str) -> _Contributions:
    counts = Counter(model.organisation for model in models if model.organisations)
    own = counts.pop(organisation, 0)
    rival, most = min(counts.items(), key=lambda item: (-item[1], item[0]), default=(None, None))
    return _Contributions(own, rival, most, len(models))


def _closed_share(models: Iterable[Model]) -> float | None:
    known = [model for model in models if model.access != "unknown"]
    return _share([model for model in known if model.access == "closed"], known)


def _closing(everything: list[Model], today: str) -> Observation:
    models = [model for model in everything if _in_a_mixed_list(model)]
    before = _closed_share(model for model in models if (model.date or "") < "2020")
    then, now = (_closed_share(_lately(models, day)) for day in (SURVEY_DAY, today))
    all_then, all_now = (_percent(_closed_share(_lately(everything, day))) for day in (SURVEY_DAY, today))
    return Observation(
        id="closing-since-2020",
        statement="Since 2020 models tend to be closed, where most had been open before.",
        rule="The share of closed models in the last two years is above the share before 2020.",
        measure="closed models among those of the two years to the date whose access is known, without the list of "
        "encoders",
        unit="share",
        value_2023=then,
        value_today=now,
        held_then=None if then is None or before is None else then > before,
        holds_today=None if now is None or before is None else now > before,
        numbers=(
            f"before 2020: {_percent(before)}",
            f"with the list of encoders: {all_then} in April 2023, {all_now} today",
        ),
        caveat="The list of encoders begins in 2020 and holds hardly a closed one: nobody lists the encoders that are "
        "kept, so counting it would lower the later shares alone. 'Closed' includes models of papers whose weights "
        "were never published, which bends the early years; from 2026 on the sources list notable models and those "
        "with an API, which favours closed ones.",
        series=tuple(
            Point(
                year=year,
                value=_closed_share(_of_year(models, year)),
                n=sum(model.access != "unknown" for model in _of_year(models, year)),
            )
            for year in _years(today)
        ),
    )


def _encoder_decoder(models: list[Model], today: str) -> Observation:
    found = [model for model in models if model.branch == "encoder-decoder"]
    then, now = (_lately(found, day) for day in (SURVEY_DAY, today))
    return Observation(
        id="encoder-decoder-alive",
        statement="Encoder-decoder models stay alive: still explored, most by Google, most of them open.",
        rule=f"At least {_FEWEST} encoder-decoder models in the last two years, most of them with open weights, and no "
        "organisation made more of them than Google.",
        measure="encoder-decoder models in the two years to the date",
        unit="models",
        value_2023=len(then),
        value_today=len(now),
        held_then=_alive(then),
        holds_today=_alive(now),
        numbers=(f"April 2023: {_told_of(then)}", f"today: {_told_of(now)}"),
        caveat=f"Each size counts as a model: the {len(now)} of today come from {_makers(now)} organisations. The "
        "sources' later editions list notable and very large models, so nearly all those of 2024 and later rest on the "
        f"list of encoders and encoder-decoders. {_sizes(found)}",
        series=tuple(
            Point(
                year=year,
                value=len(_of_year(found, year)),
                n=len(_of_year(models, year)),
                other="Google",
                other_value=_google(_of_year(found, year)),
            )
            for year in _years(today)
        ),
        beside="those by Google",
    )


def _of_encoders(models: Iterable[Model]) -> int:
    return sum(not _in_a_mixed_list(model) for model in models)


def _makers(models: Iterable[Model]) -> int:
    return len({model.organisation for model in models if model.organisations})


def _sizes(models: Sequence[Model]) -> str:
    unknown = sum(model.parameters is None for model in models)
    return f"The sizes of {unknown} of the {len(models)} counted are not known; they count as large."


def _google(models: Sequence[Model]) -> int:
    return sum("Google" in model.organisations for model in models)


def _alive(models: Sequence[Model]) -> bool:
    closed, made = _closed_share(models), _contributions(models, "Google")
    return closed is not None and closed < 0.5 and made.own >= max(made.rival_value or 0, 1)


def _told_of(models: Sequence[Model]) -> str:
    closed = _closed_share(models)
    opened = "too few to say how many are open" if closed is None else f"{_percent(1 - closed)} open"
    return f"{len(models)}, {opened}, {_google(models)} by Google"
