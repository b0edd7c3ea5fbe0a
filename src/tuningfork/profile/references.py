"""The reference domains that rows are compared with, from a checked data file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from tuningfork.task.documents import parse_document

DomainName = Literal[
    "news", "reviews", "social", "legal", "medical", "finance", "code", "dialogue", "science", "encyclopaedic"
]
DOMAIN_NAMES: tuple[DomainName, ...] = get_args(DomainName)
_FILE = "domains.yaml"
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, in order; hyphens and apostrophes inside a word belong to it."""
    return _WORD.findall(text.lower().replace("’", "'"))


def _is_one_word(word: str) -> str:
    if words_of(word) != [word]:
        raise ValueError(f"{word!r} is not one word in lower case")
    return word


def _is_a_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    return pattern


class _Domain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sentences: tuple[str, ...] = Field(min_length=5)
    words: tuple[Annotated[str, AfterValidator(_is_one_word)], ...] = Field(min_length=10)
    patterns: Mapping[str, Annotated[str, AfterValidator(_is_a_pattern)]] = {}


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    domains: Mapping[DomainName, _Domain]

    @model_validator(mode="after")
    def _whole(self) -> _File:
        missing = [name for name in DOMAIN_NAMES if name not in self.domains]
        if missing:
            raise ValueError(f"no domain {', '.join(missing)}")
        seen: dict[str, str] = {}
        for name, domain in self.domains.items():
            for word in domain.words:
                if word in seen:
                    raise ValueError(f"the word {word!r} stands in {seen[word]} and in {name}")
                seen[word] = name
        return self


@dataclass(frozen=True, slots=True)
class Pattern:
    """A form that marks the domain at place `domain`, with the name under which it is shown."""

    domain: int
    name: str
    expression: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """The reference domains, in the order of `DOMAIN_NAMES`.

    Attributes:
        sentences: by domain, how texts of it sound.
        words: a word that marks a domain, and that domain's place.
        patterns: forms that mark one.
    """

    sentences: tuple[tuple[str, ...], ...]
    words: Mapping[str, int]
    patterns: tuple[Pattern, ...]


def parse_references(text: str) -> References:
    """Reference domains from YAML.

    Raises:
        InputError: a key, a domain, a word or a pattern that cannot be, with its line where that is known.
    """
    known = parse_document(text, _FILE).as_model(_File)
    domains = [known.domains[name] for name in DOMAIN_NAMES]
    return References(
        sentences=tuple(domain.sentences for domain in domains),
        words={word: place for place, domain in enumerate(domains) for word in domain.words},
        patterns=tuple(
            Pattern(place, name, re.compile(pattern, re.MULTILINE))
            for place, domain in enumerate(domains)
            for name, pattern in domain.patterns.items()
        ),
    )


@cache
def references() -> References:
    """The ten reference domains that come with the package."""
    return parse_references(files("tuningfork.profile.data").joinpath(_FILE).read_text(encoding="utf-8"))
