"""Personal data is counted by rows, seldom where there is none, and no value gets out."""

from __future__ import annotations

import csv
import dataclasses
import json
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuningfork.profile.identifiers import is_card_number, is_iban
from tuningfork.profile.personal import KINDS, personal_data_in

EXAMPLES = {
    "e-mail address": [
        "write to jane.doe+spam@mail.example.co.uk.",
        "(customerservice@example.com)",
        "müller@exämple.de",
        "mailto:a_b@c-d.org",
    ],
    "telephone number": [
        "call +49 30 1234567",
        "+1 (415) 555-2671",
        "+44 (0)20 7946 0958",
        "0049 30 1234567",
        "(415) 555-2671",
        "my number is 415-555-2671.",
        "1-415-555-2671",
        "415.555.2671",
        "030 / 1234567",
        "0171-1234567",
        "020 7946 0958",
        "appelle le 06 12 34 56 78",
        "Tel.: 01711234567",
        "call me at 5551234",
    ],
    "payment card": [
        "4111 1111 1111 1111",
        "card 4111-1111-1111-1111 12/26",
        "5500005555555559",
        "378282246310005 is my amex",
        "3530111333300000",
        "6011111111111117 123",
    ],
    "IBAN": [
        "DE89 3704 0044 0532 0130 00",
        "to GB82WEST12345698765432 please",
        "ES91 2100 0418 4502 0005 1332 then some words",
        "nl91abna0417164300",
        "FR14 2004 1010 0505 0001 3M02 606.",
    ],
    "IP address": ["from 66.102.33.99", "185.60.216.35:443", "2001:4860:4860::8888", "2a00:1450:4001:81b:0:0:0:200e"],
    "identity number": [
        "SSN 536-90-4399",
        "dni 12345678Z",
        "X1234567L",
        "RSSMRA85T10A562S",
        "RSS MRA 85T10 A562S",
        "2 55 08 14 168 025 38",
        "AB 12 34 56 C",
        "CPF 529.982.247-25",
        "131052-308T",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in EXAMPLES.items() for text in texts])
def test_each_form_is_seen_as_what_it_is_and_as_nothing_else(kind: str, text: str) -> None:
    assert {finding.kind: finding.rows for finding in personal_data_in([text, "nothing here"])} == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "on 2024-01-15 and 15.01.2024, or 01/15/2024 at 09:30:45",
        "2024-01-15T09:30:45.123456+02:00",
        "born 01-02-1987 12 34",
        "from 1914-1918 and 1939 - 1945",
        "order 20240115-0042, invoice #415-555-2671",
        "order number 4111111111111112",
        "tracking 1Z999AA10123456784, ISBN 978-3-16-148410-0, ISSN 0378-5955",
        "it costs 1,234,567.89 or 1.234.567,89 or 1 234 567 890 dollars",
        "price: 0.99 - 1234.50",
        "version 66.102.33.99 and v185.60.216.35",
        "section 2.10.4.1 of 28.0.0.137",
        "the router is 192.168.178.199 and localhost 127.0.0.1",
        "std::vector<int>::iterator ab::cd::ef 12:34:56:78",
        "550e8400-e29b-41d4-a716-446655440000",
        "@jane and @john.doe met @ 5 example.com",
        "pi is 3.14159265358979323846264338327950288",
        "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
        "0123456789012345678901234567890123456789",
        "call 2024-01-15 or text 20240115",
        "666-12-3456, 123-00-4567 and 536-90-43999",
        "12345678A, 111.111.111-11 and 529.982.247-24",
        "DE88 3704 0044 0532 0130 00",
        "score 10-12 14-16 18-20 22-24",
        "1600 Pennsylvania Avenue NW, Washington, DC 20500-0005",
        "lat 52.5200066, long 13.4049540",
        "sha 9fceb02d0ae598e95dc970b74767f19372d61af8",
    ],
)
def test_what_only_looks_like_personal_data_is_let_be(text: str) -> None:
    assert personal_data_in([text]) == ()


def test_rows_are_counted_not_values() -> None:
    twice = "a@example.com or b@example.com, +49 30 1234567"
    found = {finding.kind: finding.rows for finding in personal_data_in([twice, "c@example.com", "none"])}
    assert found == {"e-mail address": 2, "telephone number": 1}
    assert personal_data_in([]) == ()


def test_the_order_is_that_of_the_kinds() -> None:
    texts = [text for kind in reversed(KINDS) for text in EXAMPLES[kind]]
    assert [finding.kind for finding in personal_data_in(texts)] == list(KINDS)


@pytest.mark.parametrize("text", [text for texts in EXAMPLES.values() for text in texts])
def test_no_value_gets_out(text: str) -> None:
    findings = personal_data_in([text])
    told = repr(findings) + json.dumps([dataclasses.asdict(finding) for finding in findings])
    assert set(dataclasses.asdict(findings[0])) == {"kind", "rows"}
    parts = [part for part in text.replace("@", " ").split() if any(character.isdigit() for character in part)]
    assert not [part for part in [text, *parts] if len(part) > 1 and part in told]


def luhn_digit(digits: str) -> str:
    """The last digit by its definition: doubling from the right, digits summed."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += sum(map(int, str(value)))
    return str(-total % 10)


@given(st.text("0123456789", min_size=14, max_size=14))
def test_exactly_one_last_digit_makes_a_card_number(digits: str) -> None:
    right = [last for last in "0123456789" if is_card_number(f"4{digits}{last}")]
    assert right == [luhn_digit(f"4{digits}")]


@given(st.text("0123456789", min_size=18, max_size=18))
def test_two_check_digits_make_an_iban_and_swapping_two_digits_breaks_it(account: str) -> None:
    check = f"{98 - int(account + '131400') % 97:02d}"
    assert is_iban(f"DE{check}{account}")
    for place in range(17):
        swapped = account[:place] + account[place + 1] + account[place] + account[place + 2 :]
        assert is_iban(f"DE{check}{swapped}") == (swapped == account)


def test_random_order_numbers_are_seldom_taken_for_anything() -> None:
    draw = random.Random(0)
    numbers = [f"order {draw.randrange(10 ** (length - 1), 10**length)}" for length in range(5, 20) for _ in range(200)]
    assert sum(finding.rows for finding in personal_data_in(numbers)) < 0.02 * len(numbers)


def test_real_queries_and_captions_hold_none(shared_data: Path) -> None:
    for name, column in (("banking77/train.csv", "text"), ("multi30k_en_de/train.csv", "source")):
        with (shared_data / name).open(encoding="utf-8") as file:
            assert personal_data_in([row[column] for row in csv.DictReader(file)]) == ()


PIECES = ["1", "1 ", "a@", "a.", "+1", "0-", "(0", "ab:", "1.", "DE12 ", "4111 ", "tel. ", "9-9-", "A1 ", "1:", "01 "]


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    start = time.process_time()
    personal_data_in([text, f"{text}@", f"{text}x"])
    assert time.process_time() - start < 3


@given(st.text(st.sampled_from(" 0123456789.:-+()/@#abDEXYZ\n"), max_size=60))
def test_no_text_is_refused(text: str) -> None:
    assert {finding.rows for finding in personal_data_in([text])} <= {1}
