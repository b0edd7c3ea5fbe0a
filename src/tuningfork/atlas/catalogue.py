"""The catalogue of language models: one committed file of facts, each under the source that states it.

`load()` is the door. The file is JSON, built by `scripts/build_catalogue.py`; reading it takes some milliseconds and
no library. What nobody states is None, an empty tuple or 'unknown', never a guess.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal

from tuningfork.errors import InputError, UnknownName

Branch = Literal["encoder-only", "encoder-decoder", "decoder-only", "non-transformer", "unknown"]
Access = Literal["open", "closed", "unknown"]
Relation = Literal["trained from", "follows", "version of"]
Commercial = Literal["yes", "no", "conditional", "unknown"]

BRANCHES: tuple[Branch, ...] = ("encoder-only", "encoder-decoder", "decoder-only", "non-transformer", "unknown")
ACCESSES: tuple[Access, ...] = ("open", "closed", "unknown")
RELATIONS: tuple[Relation, ...] = ("trained from", "follows", "version of")
COMMERCIAL: tuple[Commercial, ...] = ("yes", "no", "conditional", "unknown")

SCHEMA_VERSION = 1
_DAYS_BEFORE_MONTH = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyFacts:
    """What the survey's Figure 1 shows for a model, as it stands there, uncorrected.

    Attributes:
        name: as written in the figure.
        parent: the model that it is drawn to grow from, or None where it grows from the branch itself.
        year: the band of the time axis that it is drawn in.
    """

    name: str
    branch: Branch
    parent: str | None
    organisation: str
    access: Access
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One language model.

    Attributes:
        name: unique in the catalogue, whatever the case of letters.
        aliases: other names that the sources use for it.
        branch: the architecture's branch of the tree.
        parent: name of the catalogue's model that it grew from, or None.
        relation: how: 'trained from' its weights; 'follows' as the next generation of a family, as another maker's kin
            or as Figure 1 draws it; 'version of' the lead of its own generation (another size, a snapshot); None
            without a parent.
        organisation: the first of `organisations`; 'unknown' where there is none.
        organisations: who made it, under one name each (Facebook AI Research is Meta).
        date: of publication, 'YYYY-MM-DD', 'YYYY-MM' or 'YYYY', or None.
        access: 'open' where weights can be had, on whatever terms; 'closed' where not.
        offered: how, in the source's words: 'API access', 'Open weights (non-commercial)'; or None.
        architecture: of the network, beyond the branch: 'transformer, mixture of experts'; or None.
        objective: of the pretraining: 'next token', 'masked tokens', …; or None.
        use: typical use of its kind, as the survey's Table 1 tells it; or None.
        parameters: weights in all, of the largest variant that the source means; or None.
        context: window in tokens, or None.
        languages: ISO 639-1 codes that its maker names; 'mul' stands for further ones.
        domains: that it was made for: 'code', 'legal', 'medical', …; general models have none.
        corpus: what it was trained on, in a few words, or None.
        modalities: of the input: 'text', 'image', 'audio', 'video'.
        licence: of the weights, or None.
        commercial: whether commercial use is allowed; 'conditional' where terms restrict it.
        restrictions: on use, in a few words, or None.
        training_flop: floating-point operations of the training, or None.
        capability: Epoch Capabilities Index, the best of its versions, or None.
        api: 'PROVIDER/MODEL' under which a price list may know it, or None.
        weights: address of the weights, or None.
        link: to the paper, page or card that describes it, or None.
        survey: what Figure 1 shows, or None where it is not in it.
        sources: what states each known field: a row of a source, a rule or a correction.
    """

    name: str
    aliases: tuple[str, ...] = ()
    branch: Branch = "unknown"
    parent: str | None = None
    relation: Relation | None = None
    organisations: tuple[str, ...] = ()
    date: str | None = None
    access: Access = "unknown"
    offered: str | None = None
    architecture: str | None = None
    objective: str | None = None
    use: str | None = None
    parameters: int | None = None
    context: int | None = None
    languages: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    corpus: str | None = None
    modalities: tuple[str, ...] = ()
    licence: str | None = None
    commercial: Commercial = "unknown"
    restrictions: str | None = None
    training_flop: float | None = None
    capability: float | None = None
    api: str | None = None
    weights: str | None = None
    link: str | None = None
    survey: SurveyFacts | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def organisation(self) -> str:
        """Who made it, first of all."""
        return self.organisations[0] if self.organisations else "unknown"

    @property
    def in_survey(self) -> bool:
        """Whether Figure 1 shows it."""
        return self.survey is not None

    @property
    def side(self) -> Literal["fine-tuned", "llm"] | None:
        """The side on which the survey's Table 1 puts its kind: BERT-style or GPT-style; None for neither.

        Encoder-decoder models are BERT-style there.
        """
        if self.branch in ("encoder-only", "encoder-decoder"):
            return "fine-tuned"
        return "llm" if self.branch == "decoder-only" else None

    @property
    def year(self) -> int | None:
        """Of publication."""
        return None if self.date is None else int(self.date[:4])

    @property
    def when(self) -> float | None:
        """The date as a year with its fraction, 2023.2 for mid-March 2023; the middle of what is not known."""
        if self.date is None:
            return None
        year, *rest = (int(part) for part in self.date.split("-"))
        if not rest:
            return year + 0.5
        day = rest[1] if len(rest) > 1 else 15
        return year + (_DAYS_BEFORE_MONTH[rest[0] - 1] + day - 1) / 365

    def as_dict(self) -> dict[str, Any]:
        """All fields as JSON has them, with `organisation`."""
        found = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        survey = None if self.survey is None else {e.name: getattr(self.survey, e.name) for e in fields(self.survey)}
        listed = {key: list(value) for key, value in found.items() if isinstance(value, tuple)}
        return found | listed | {"organisation": self.organisation, "survey": survey, "sources": dict(self.sources)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A collection of facts that the catalogue was built from, and what its licence asks to be told."""

    title: str
    licence: str
    link: str


@dataclass(frozen=True)
class Catalogue:
    """All models, oldest first (those without a date last), and where the facts come from.

    Args:
        models: of unique names, parents among them.
        sources: by their short names, with which the entries of `Model.sources` begin.
        rules: the family rules by name, each a sentence; entries 'rule: NAME' of `Model.sources` lead here.
        built: day of the newest fact in it, 'YYYY-MM-DD': what 'today' means to the catalogue.
    """

    models: tuple[Model, ...]
    sources: Mapping[str, Source]
    rules: Mapping[str, str]
    built: str

    def __len__(self) -> int:
        return len(self.models)

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)

    @cached_property
    def _by_key(self) -> dict[str, Model]:
        """By name and alias, as they are compared; a name wins over another model's alias."""
        found = {_key(alias): model for model in self.models for alias in model.aliases}
        return found | {_key(model.name): model for model in self.models}

    @cached_property
    def _children(self) -> dict[str, tuple[Model, ...]]:
        found: dict[str, list[Model]] = {}
        for model in self.models:
            if model.parent is not None:
                found.setdefault(model.parent, []).append(model)
        return {parent: tuple(children) for parent, children in found.items()}

    def get(self, name: str) -> Model:
        """The model of a name or alias; case, blanks and hyphens do not matter.

        Raises:
            UnknownName: no such model, but near ones.
            InputError: nothing near it.
        """
        model = self._by_key.get(_key(name))
        if model is not None:
            return model
        if near := self._near(name):
            raise UnknownName("model", name, known=near)
        raise InputError(f"the atlas has no model {name!r}", remedy="tuningfork atlas models --name TEXT searches it.")

    def _near(self, name: str) -> list[str]:
        """Up to eight names like it: those that contain it, then those that are spelt like it."""
        key = _key(name)
        containing = [found.name for other, found in self._by_key.items() if len(key) > 2 and key in other]
        spelt = [self._by_key[k].name for k in difflib.get_close_matches(key, self._by_key, n=5, cutoff=0.6)]
        return list(dict.fromkeys([*spelt, *containing]))[:8]

    def children(self, model: Model) -> tuple[Model, ...]:
        """The models whose parent it is, oldest first."""
        return self._children.get(model.name, ())

    def ancestors(self, model: Model) -> tuple[Model, ...]:
        """Its parent, its parent's parent, and so on."""
        found: list[Model] = []
        parent = model.parent
        while parent is not None:
            found.append(self.get(parent))
            parent = found[-1].parent
        return tuple(found)

    def descendants(self, model: Model) -> tuple[Model, ...]:
        """All that grew from it, nearest generation first."""
        found: list[Model] = []
        generation = self.children(model)
        while generation:
            found.extend(generation)
            generation = tuple(child for parent in generation for child in self.children(parent))
        return tuple(found)

    def survey(self) -> tuple[Model, ...]:
        """The models of the survey's Figure 1, oldest first."""
        return tuple(model for model in self.models if model.in_survey)

    def without(self, names: Iterable[str]) -> Catalogue:
        """The catalogue as it were without these models; their children lose their parent."""
        gone = {self.get(name).name for name in names}
        kept = tuple(
            _orphaned(model) if model.parent in gone else model for model in self.models if model.name not in gone
        )
        return Catalogue(models=kept, sources=self.sources, rules=self.rules, built=self.built)


@cache
def load() -> Catalogue:
    """The committed catalogue.

    Raises:
        ValueError: the file is of another schema version than this code.
    """
    text = resources.files("tuningfork.atlas").joinpath("catalogue.json").read_text(encoding="utf-8")
    return parse(json.loads(text))


def parse(content: Mapping[str, Any]) -> Catalogue:
    """A catalogue from the content of its file: `models[]` have `name` and `facts {SOURCE: {FIELD: VALUE}}`."""
    if content["schema_version"] != SCHEMA_VERSION:
        raise ValueError(f"catalogue of schema version {content['schema_version']}, not {SCHEMA_VERSION}")
    models = (_model(entry) for entry in content["models"])
    return Catalogue(
        models=tuple(sorted(models, key=lambda model: (model.date or "9999", model.name))),
        sources={name: Source(**told) for name, told in content["sources"].items()},
        rules=content["rules"],
        built=content["built"],
    )


def _model(entry: Mapping[str, Any]) -> Model:
    facts: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source, told in entry["facts"].items():
        for name, value in told.items():
            facts[name] = tuple(value) if isinstance(value, list) else value
            sources[name] = source
    if "survey" in facts:
        facts["survey"] = SurveyFacts(**facts["survey"])
    return Model(name=entry["name"], aliases=tuple(entry.get("aliases", ())), sources=sources, **facts)


def _orphaned(model: Model) -> Model:
    kept = {name: told for name, told in model.sources.items() if name not in ("parent", "relation")}
    return replace(model, parent=None, relation=None, sources=kept)


def _key(name: str) -> str:
    """A name as it is compared: 'GPT-4o mini' and 'gpt 4o-mini' are one."""
    return "".join(letter for letter in name.casefold() if letter.isalnum() or letter in ".+")
