"""Languages told on real rows, what is not told, and the warning for models that do not know them."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from tuningfork.profile.figures import Languages
from tuningfork.profile.language_names import language_name
from tuningfork.profile.languages import MOST_ROWS, _identifier, languages_of, unknown_languages


def column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("file", "name", "language", "told"),
    [
        ("banking77/test.csv", "text", "en", 0.95),
        ("clinc150/validation.csv", "text", "en", 0.9),
        ("tweet_emotion/test.csv", "text", "en", 0.88),
        ("sst2/validation.csv", "text", "en", 0.88),
        ("multi30k_en_de/test.csv", "source", "en", 0.97),
        ("multi30k_en_de/test.csv", "target", "de", 0.97),
        ("stsb/shifted_german_test.csv", "sentence1", "de", 0.93),
    ],
)
def test_real_rows_are_told_rightly(shared_data: Path, file: str, name: str, language: str, told: float) -> None:
    texts = column(shared_data / file, name)[:1500]
    found = languages_of(texts, seed=0)
    assert found.looked_at == len(texts)
    assert found.told >= told * len(texts)
    assert found.shares[0][0] == language
    assert found.shares[0][1] >= 0.997
    assert sum(share for _, share in found.shares) == pytest.approx(1)


def test_a_mixture_has_its_shares(shared_data: Path) -> None:
    german = column(shared_data / "multi30k_en_de" / "test.csv", "target")[:100]
    english = column(shared_data / "multi30k_en_de" / "test.csv", "source")[:300]
    shares = dict(languages_of(german + english, seed=0).shares)
    assert shares["en"] == pytest.approx(0.75, abs=0.01)
    assert shares["de"] == pytest.approx(0.25, abs=0.01)
    assert list(shares) == sorted(shares, key=lambda code: -shares[code])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, je voudrais annuler ma commande", "fr"),
        ("我想取消订单", "zh"),
        ("注文をキャンセルしたい", "ja"),
        ("Chciałbym anulować zamówienie", "pl"),
        ("أريد إلغاء طلبي من فضلك", "ar"),
        ("<b>Ich möchte</b> meine Bestellung stornieren https://example.com/order/cancel @support", "de"),
    ],
)
def test_other_languages_and_texts_with_markup(text: str, language: str) -> None:
    assert languages_of([text]).shares == ((language, 1.0),)


@pytest.mark.parametrize("text", ["ok", "", "  ", "123 456", "\U0001f600", "lol", "www.example.com", "?!", "\ud800"])
def test_what_is_too_short_is_not_told(text: str) -> None:
    assert languages_of([text]) == Languages(shares=(), looked_at=1, told=0)


def test_no_rows() -> None:
    assert languages_of([]) == Languages(shares=(), looked_at=0, told=0)


def test_a_large_file_is_sampled_by_the_seed() -> None:
    texts = ["this is an english sentence about the weather"] * 4000 + ["ok"] * 2000
    found = languages_of(texts, seed=1)
    assert found.looked_at == MOST_ROWS
    assert found.told != languages_of(texts, seed=2).told
    assert found == languages_of(texts, seed=1)
    assert found.told / found.looked_at == pytest.approx(2 / 3, abs=0.03)


def test_every_language_that_can_be_told_has_a_name() -> None:
    codes = _identifier().labels
    assert len(codes) > 100
    assert not [code for code in codes if len(code) != 2 or language_name(code) == code]
    assert language_name("de") == "German"
    assert language_name("xx") == "xx"


KNOWN = {"head:minilm": ["en"], "head:wordllama": ["en"], "big": ["de", "en", "fr"]}


def test_models_that_do_not_know_the_rows_are_named_together() -> None:
    german = Languages(shares=(("de", 0.92), ("en", 0.08)), looked_at=100, told=90)
    (note,) = unknown_languages(german, KNOWN)
    assert note.code == "language_mismatch"
    assert "head:minilm and head:wordllama do not know (92 % German; they know English)" in note.message
    assert "big" not in note.message


def test_each_set_of_known_languages_is_a_warning_of_its_own() -> None:
    polish = Languages(shares=(("pl", 0.6), ("cs", 0.4)), looked_at=10, told=10)
    first, second = unknown_languages(polish, KNOWN)
    assert "60 % Polish and 40 % Czech" in first.message
    assert "big does not know" in second.message
    assert "it knows German, English and French" in second.message


@pytest.mark.parametrize(
    "languages",
    [
        Languages(shares=(("en", 0.5), ("de", 0.5)), looked_at=100, told=90),
        Languages(shares=(("de", 1.0),), looked_at=100, told=19),
        Languages(shares=(), looked_at=100, told=0),
    ],
)
def test_known_and_untold_languages_are_no_mismatch(languages: Languages) -> None:
    assert unknown_languages(languages, KNOWN) == ()
    assert unknown_languages(languages, {}) == ()


def test_the_detector_is_loaded_on_use_only() -> None:
    script = "import sys, tuningfork.profile.languages; sys.exit('py3langid' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
