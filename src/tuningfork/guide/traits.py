"""What the rows say of the models that suit them: their domain and their language, where these are clear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuningfork.guide.offers import Offer
from tuningfork.profile.figures import Domains, Languages
from tuningfork.profile.language_names import language_name

_MOSTLY = 0.5
_FEWEST_TOLD = 0.2
_MANY = "mul"
_MADE_FOR = {"science": frozenset({"science", "biology"})}
"""What the atlas calls the domains of models made for one of ours; the others have the same name there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTraits:
    """What was measured on the rows; it moves the ranking of models and rules nothing out.

    Attributes:
        domain: the reference domain that the rows clearly belong to.
        language: ISO 639-1 code of the language of most rows.
    """

    domain: str | None = None
    language: str | None = None

    def made_for(self, offer: Offer) -> str | None:
        """What suits the rows' domain among what the model was made for; None where nothing does."""
        if self.domain is None:
            return None
        kinds = _MADE_FOR.get(self.domain, frozenset({self.domain}))
        return next((kind for kind in offer.domains if kind in kinds), None)

    def foreign_to(self, offer: Offer) -> bool:
        """Whether the model is known not to know the rows' language."""
        known = offer.languages
        return self.language is not None and bool(known) and _MANY not in known and self.language not in known

    def reasons(self, offer: Offer) -> Iterator[str]:
        """Why the model stands where it does, as far as the rows are the reason."""
        suited = self.made_for(offer)
        if suited is not None:
            yield f"your rows look like {self.domain} texts; made for {suited}"
        if self.language is not None and self.foreign_to(offer):
            known = ", ".join(language_name(code) for code in offer.languages)
            yield f"your rows are mostly {language_name(self.language)}; made for {known} only"

    def without(self, *, domain: bool, language: bool) -> RowTraits:
        """The same without what a person has said."""
        return RowTraits(domain=None if domain else self.domain, language=None if language else self.language)


def traits_of(domains: Domains | None, languages: Languages | None) -> RowTraits:
    """What a profile's domains and languages say clearly enough to act on.

    A language counts where it is that of half the rows or more, and that of a fifth of the rows could be told.
    """
    language = None
    if languages is not None and languages.told and languages.told >= _FEWEST_TOLD * languages.looked_at:
        first, share = languages.shares[0]
        language = first if share >= _MOSTLY else None
    return RowTraits(domain=None if domains is None else domains.nearest, language=language)
