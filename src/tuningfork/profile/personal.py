"""Personal data that texts likely hold: in how many rows, never which values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address

from tuningfork.profile.figures import Finding
from tuningfork.profile.identifiers import IDENTITY_NUMBER, is_card_number, is_iban, is_identity_number

KINDS = ("e-mail address", "telephone number", "payment card", "IBAN", "IP address", "identity number")

# Every pattern below has bounded repeats and begins where no number or word goes on, so that its time is linear in
# the text's length. What has a checksum is checked; the rest leans on how people write such numbers.
_E_MAIL = re.compile(r"(?<![\w.+-])\w[\w.%+-]{0,63}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?![\w@-])")
_ENOUGH_DIGITS = re.compile(r"(?:[0-9][^0-9]{0,4}){6}")
_CARD = re.compile(r"(?<![\w.,/#-])[2-6][0-9]{3}(?:[ -]?[0-9]){9,18}(?![\w-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}[0-9]{2} ?(?:[A-Z0-9]{1,4} ?){3,9}", re.IGNORECASE)
_IDENTITY = re.compile(rf"(?<![\w.,/#-])(?:{IDENTITY_NUMBER})(?![\w-])", re.IGNORECASE)
_FOUR_PARTS = re.compile(r"[0-9](?:\.[0-9]{1,3}){3}")
_COLONS = re.compile(r":[0-9A-Fa-f:]{1,5}:")
_IP_4 = re.compile(r"(?<![\w.:/-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]\w|\w|-)")
_IP_6 = re.compile(r"(?<![\w:.])[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){3,7}(?![\w:])", re.IGNORECASE)
_OF_SOFTWARE = re.compile(r"(?:\bv|version|release|build|firmware|update|section|chapter)[ .:]{0,2}\Z", re.IGNORECASE)

_STARTS = r"(?<![\w.,/#+:$€£-])(?<![0-9] )"
_ENDS = r"(?![\w/]|[.,:-][0-9]| [0-9])"
_TELEPHONES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # +49 30 1234567, +44 (0)20 7946 0958
        r"(?<![\w+])\+[1-9][0-9]{0,2}(?:[ ()./-]{0,3}[0-9]){6,12}(?![0-9])",
        # 0049 30 1234567
        _STARTS + r"00[1-9][0-9]{0,2}[ /-](?:[ ()/-]{0,3}[0-9]){6,12}" + _ENDS,
        # (415) 555-2671, 1-415-555-2671
        _STARTS + r"(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}" + _ENDS,
        # 030 / 1234567, 0171-1234567, 020 7946 0958, (0711) 12 34 56
        _STARTS + r"(?:\(0[1-9][0-9]{1,4}\)|0[1-9][0-9]{1,4})[ /-]{1,3}[0-9]{2,8}(?:[ -][0-9]{2,5}){0,3}" + _ENDS,
        # 06 12 34 56 78
        _STARTS + r"0[1-9](?:[ .-][0-9]{2}){4}" + _ENDS,
        # call 5551234, Tel.: 01711234567
        r"\b(?:tel(?:e(?:ph|f)on)?|phone|fax|mobile?|handy|whatsapp|call|dial|text)(?: me| us)?(?: at| on| number)?"
        r"[ .:]{1,4}\(?[0-9](?:[ ()/-]{0,2}[0-9]){6,13}" + _ENDS,
    )
)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[ /-]?[01][0-9][ /-]?[0-3][0-9]|[0-3]?[0-9][ /-][0-3]?[0-9][ /-](?:19|20)[0-9]{2}"
)


def personal_data_in(texts: Sequence[str]) -> tuple[Finding, ...]:
    """Kinds of personal data and the rows that seem to hold some, in the order of `KINDS`, none with no row.

    Looks for e-mail addresses; telephone numbers in international and common national forms; payment cards (scheme,
    length and Luhn's check digit); IBANs (length by country, ISO 7064 check digits); public IP addresses; and
    identity numbers of seven countries. No value leaves this function.
    """
    rows = dict.fromkeys(KINDS, 0)
    for text in texts:
        for kind in set(_kinds_in(text)):
            rows[kind] += 1
    return tuple(Finding(kind=kind, rows=count) for kind, count in rows.items() if count)


def _kinds_in(text: str) -> Iterator[str]:
    if "@" in text and _E_MAIL.search(text):
        yield "e-mail address"
    if (_FOUR_PARTS.search(text) or _COLONS.search(text)) and _has_address(text):
        yield "IP address"
    if not _ENOUGH_DIGITS.search(text):
        return
    for kind, pattern, is_one in _CHECKED:
        text, found = _without(text, pattern, is_one)
        if found:
            yield kind
    if any(_is_telephone(match[0]) for pattern in _TELEPHONES for match in pattern.finditer(text)):
        yield "telephone number"


_CHECKED: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("IBAN", _IBAN, is_iban),
    ("payment card", _CARD, is_card_number),
    ("identity number", _IDENTITY, is_identity_number),
)


def _without(text: str, pattern: re.Pattern[str], is_one: Callable[[str], bool]) -> tuple[str, bool]:
    """The text with such numbers blotted out, so that their parts are not taken for telephones; and whether any was."""
    blotted = pattern.sub(lambda match: "#" if is_one(match[0]) else match[0], text)
    return blotted, blotted != text


def _is_telephone(written: str) -> bool:
    digits = sum(character.isdigit() for character in written)
    fewest = 9 if written.startswith(("0", "(0")) else 7
    return fewest <= digits <= 15 and not _DATE.search(written)


def _has_address(text: str) -> bool:
    for match in _IP_4.finditer(text):
        # 2.10.4.1 or 28.0.0.137 is a version or a section: an address of small numbers is too rare to be believed.
        likely = sum(int(part) > 31 for part in match[0].split(".")) > 1
        if likely and not _OF_SOFTWARE.search(text, max(0, match.start() - 12), match.start()) and _is_public(match[0]):
            return True
    return any(_is_public(match[0]) for match in _IP_6.finditer(text))


def _is_public(written: str) -> bool:
    try:
        return ip_address(written).is_global
    except ValueError:
        return False
