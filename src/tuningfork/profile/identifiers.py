"""Numbers that prove themselves: check digits and forms of payment cards, bank accounts and identity numbers."""

from __future__ import annotations

import re
import string
from itertools import takewhile

_CARD_SCHEMES = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|"  # Visa
    r"(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|"  # Mastercard
    r"3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|"  # American Express, Diners Club
    r"35(?:2[89]|[3-8]\d)\d{12}|"  # JCB
    r"6(?:011|5\d\d|4[4-9]\d)\d{12}|62\d{14,17}",  # Discover, UnionPay
    re.ASCII,
)
_IBAN_COUNTRIES = {
    15: "NO",
    16: "BE",
    18: "DK FI FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_IBAN_LENGTHS = {country: length for length, countries in _IBAN_COUNTRIES.items() for country in countries.split()}
_VALUES = {character: str(value) for value, character in enumerate(string.digits + string.ascii_uppercase)}
_SEPARATORS = str.maketrans("", "", " .-")
_SPANISH_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_FINNISH_LETTERS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
_IDENTITY_FORMS = {
    "american": r"(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}",
    "brazilian": r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}",
    "british": r"(?!BG|GB|NK|KN|TN|NT|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]",
    "finnish": r"[0-3][0-9][01][0-9]{3}[-+A][0-9]{3}[0-9A-Y]",
    "french": r"[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
    "italian": r"[A-Z]{3} ?[A-Z]{3} ?[0-9]{2}[A-EHLMPRST][0-7][0-9] ?[A-Z][0-9]{3}[A-Z]",
    "spanish": r"[XYZ0-9]-?[0-9]{7}-?[A-Z]",
}
IDENTITY_NUMBER = "|".join(f"(?P<{country}>{form})" for country, form in _IDENTITY_FORMS.items())
"""Pattern of what may be one, in capitals or not (`re.IGNORECASE`)."""

_OF_IDENTITY = re.compile(IDENTITY_NUMBER, re.IGNORECASE)


def is_card_number(written: str) -> bool:
    """Whether it begins with a number of a card scheme's form and length whose last digit is right (Luhn's).

    It may be written in groups of three digits or more. What follows it, such as a date or a security code, has to be
    parted from it.
    """
    groups = re.split("[ -]", written)
    written_so = takewhile(lambda count: len(groups[count - 1]) > 2, range(1, len(groups) + 1))
    numbers = ("".join(groups[:count]) for count in written_so)
    return any(_CARD_SCHEMES.fullmatch(number) and _luhn(number) for number in numbers)


def is_iban(written: str) -> bool:
    """Whether it begins with an IBAN of its country's length and right check digits (ISO 13616, ISO 7064)."""
    compact = written.replace(" ", "").upper()
    length = _IBAN_LENGTHS.get(compact[:2])
    if length is None or len(compact) < length or not _ends_a_word(written, length):
        return False
    account = compact[4:length] + compact[:4]
    return int("".join(map(_VALUES.__getitem__, account))) % 97 == 1


def is_identity_number(written: str) -> bool:
    """Whether it is an identity, tax or social security number by its form and, where there is one, its check digit.

    Of Spain, Italy, France, the United Kingdom, Finland, Brazil and the United States. British and American numbers
    have no check digit; they and the Italian ones are taken by their form.
    """
    match = _OF_IDENTITY.fullmatch(written)
    check = _IDENTITY_CHECKS.get(match.lastgroup or "") if match else None
    return match is not None and (check is None or check(written.upper().translate(_SEPARATORS)))


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0


def _brazilian(digits: str) -> bool:
    """Two check digits, each the weighted sum of those before it modulo 11; eleven equal digits are none."""
    right = all(
        sum(int(digit) * weight for digit, weight in zip(digits, range(place + 1, 1, -1), strict=False)) * 10 % 11 % 10
        == int(digits[place])
        for place in (9, 10)
    )
    return right and len(set(digits)) > 1


def _ends_a_word(written: str, length: int) -> bool:
    """Whether the first `length` letters and digits end where a word ends."""
    seen = 0
    for place, character in enumerate(written):
        seen += character != " "
        if seen == length:
            return written[place + 1 : place + 2] in ("", " ")
    return False


def _spanish(compact: str) -> bool:
    number = compact[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return _SPANISH_LETTERS[int(number) % 23] == compact[-1]


def _french(compact: str) -> bool:
    number = compact[:-2].replace("2A", "19").replace("2B", "18")
    return 97 - int(number) % 97 == int(compact[-2:])


def _finnish(compact: str) -> bool:
    """Six digits of the birthday and three of the person; between them stood the century."""
    digits = compact[:6] + compact[-4:-1]
    return _FINNISH_LETTERS[int(digits) % 31] == compact[-1]


_IDENTITY_CHECKS = {"brazilian": _brazilian, "finnish": _finnish, "french": _french, "spanish": _spanish}
