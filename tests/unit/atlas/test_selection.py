"""Which models are listed, in which order, and how many could not be judged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuningfork.atlas.catalogue import Catalogue, Model, load
from tuningfork.atlas.selection import ORDERS, Conditions, Listed, amount, order_named, select
from tuningfork.errors import InputError, UnknownName


def names(conditions: Conditions, **how: object) -> list[str]:
    return [row.model.name for row in select(load(), conditions, **how).listed]  # type: ignore[arg-type]


def test_without_conditions_all_models_are_listed_newest_first() -> None:
    found = select(load(), Conditions())
    assert len(found.listed) == len(load())
    assert found.unknown == 0
    dates = [row.model.date or "" for row in found.listed]
    assert dates == sorted(dates, reverse=True)


@given(
    limit=st.sampled_from([1e8, 1e9, 8e9, 1e11]),
    window=st.sampled_from([None, 512, 32_000]),
    access=st.sampled_from([None, "open", "closed"]),
    branch=st.sampled_from([None, "encoder-only", "decoder-only", "non-transformer"]),
    commercial=st.sampled_from([None, True]),
)
@settings(max_examples=40, deadline=None)
def test_every_model_is_listed_refused_or_unknown(
    limit: float, window: float | None, access: str | None, branch: str | None, commercial: bool | None
) -> None:
    conditions = Conditions(
        max_parameters=limit,
        context=window,
        access=access,  # type: ignore[arg-type]
        branch=branch,
        commercial=commercial,
    )
    found = select(load(), conditions)
    met, unknown = [], 0
    for model in load():
        answers = [
            None if model.parameters is None else model.parameters <= limit,
            True if window is None else None if model.context is None else model.context >= window,
            True if access is None else None if model.access == "unknown" else model.access == access,
            True if branch is None else None if model.branch == "unknown" else model.branch == branch,
            True if commercial is None else None if model.commercial == "unknown" else model.commercial != "no",
        ]
        if all(answers):
            met.append(model.name)
        elif False not in answers:
            unknown += 1
    assert sorted(row.model.name for row in found.listed) == sorted(met)
    assert found.unknown == unknown


def test_a_language_that_may_be_among_unlisted_ones_is_not_known() -> None:
    told = [
        Model(name="names it", languages=("de", "en")),
        Model(name="names others", languages=("en",)),
        Model(name="names more than are listed", languages=("en", "mul")),
        Model(name="names none"),
    ]
    catalogue = Catalogue(models=tuple(told), sources={}, rules={}, built="2026-01-01")
    found = select(catalogue, Conditions(language="de"))
    assert [row.model.name for row in found.listed] == ["names it"]
    assert found.unknown == 2


def test_prices_are_those_of_the_price_list_and_cheapest_comes_first() -> None:
    found = select(load(), Conditions(max_price=1.0), order="price")
    prices = [row.price.prompt for row in found.listed if row.price is not None]
    assert len(prices) == len(found.listed) > 10
    assert prices == sorted(prices)
    assert prices[-1] <= 1.0
    assert found.unknown > len(load()) / 2


def test_a_model_without_an_api_has_no_price() -> None:
    assert Listed(load().get("BERT")).price is None
    assert Listed(load().get("GPT-4o mini")).price is not None


@pytest.mark.parametrize("order", ORDERS)
def test_unknown_values_come_last_in_every_order_both_ways(order: str) -> None:
    for reverse in (False, True):
        found = select(load(), Conditions(), order=order_named(order), reverse=reverse).listed
        value = {
            "date": lambda row: row.model.date,
            "name": lambda row: row.model.name,
            "organisation": lambda row: row.model.organisation,
            "parameters": lambda row: row.model.parameters,
            "context": lambda row: row.model.context,
            "price": lambda row: row.price,
            "capability": lambda row: row.model.capability,
        }[order]
        known = [value(row) is not None for row in found]
        assert known == sorted(known, reverse=True)


def test_reverse_turns_the_order_round() -> None:
    sizes = [row.model.parameters for row in select(load(), Conditions(), order="parameters").listed]
    known = [size for size in sizes if size is not None]
    assert known == sorted(known, reverse=True)
    sizes = [row.model.parameters for row in select(load(), Conditions(), order="parameters", reverse=True).listed]
    known = [size for size in sizes if size is not None]
    assert known == sorted(known)


def test_dates_include_both_ends_whatever_their_precision() -> None:
    found = select(load(), Conditions(since="2023-03", until="2023-03")).listed
    assert {"GPT-4", "Claude"} <= {row.model.name for row in found}
    assert {(row.model.date or "")[:7] for row in found} == {"2023-03"}


def test_names_and_makers_are_found_by_a_part_of_them() -> None:
    assert "Legal" in "".join(names(Conditions(domain="legal")))
    assert all(
        "mistral" in row.model.organisation.casefold()
        for row in select(load(), Conditions(organisation="MISTRAL")).listed
    )
    assert "GPT-3" in names(Conditions(name="davinci"))


@pytest.mark.parametrize(
    ("text", "value"), [("8B", 8e9), ("32k", 32_000), ("1.5T", 1.5e12), ("350 m", 3.5e8), ("4096", 4096)]
)
def test_amounts(text: str, value: float) -> None:
    assert amount(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "8X", "-3", "B", "8 B B", "nan"])
def test_what_is_no_amount_is_said(text: str) -> None:
    with pytest.raises(InputError, match="is no amount"):
        amount(text)


def test_wrong_names_bring_the_right_ones() -> None:
    with pytest.raises(UnknownName, match="did you mean 'legal'"):
        select(load(), Conditions(domain="legall"))
    with pytest.raises(UnknownName, match="decoder-only"):
        select(load(), Conditions(branch="decoder"))
    with pytest.raises(UnknownName, match="known: "):
        select(load(), Conditions(language="klingon"))
    with pytest.raises(UnknownName, match="parameters"):
        order_named("paramters")
    for date in ("yesterday", "2024-13", "24"):
        with pytest.raises(InputError, match="is no date"):
            select(load(), Conditions(since=date))


def test_the_summary_counts() -> None:
    found = select(load(), Conditions(domain="code", context=1e5))
    told = found.summary(2)
    assert told.startswith(f"{len(found.listed)} models, 2 shown")
    assert f"{found.unknown} more may fit" in told
    assert select(load(), Conditions(name="LegalBERT")).summary(1) == "1 model"
