"""The evolutionary tree in words: its headings, and the whole of it as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tuningfork.atlas.catalogue import Branch
from tuningfork.atlas.tree import LIMBS, Leaf, Tree
from tuningfork.report.text import one_line

LIMB_NAMES: dict[str, str] = {
    "non-transformer": "Non-transformer",
    "encoder-only": "Encoder-only",
    "encoder-decoder": "Encoder-decoder",
    "decoder-only": "Decoder-only",
}
_MARKS = {"open": "●", "closed": "○", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Heading:
    """What a tree shows, which models, and who stated the facts."""

    title: str
    subtitle: str
    source: str


def heading(tree: Tree, *, survey: bool) -> Heading:
    """The words above and below a drawing of the tree."""
    title = "The evolutionary tree of language models"
    if survey:
        return Heading(
            title,
            f"The {len(tree.leaves)} models of the survey's Figure 1, as they stand there: April 2023",
            "'Harnessing the Power of LLMs in Practice', arXiv 2304.13712, Figure 1, drawn anew by tuningfork",
        )
    grown = len(tree.entries) - len(tree.homeless)
    told = f"{grown:,} models" if grown == len(tree.leaves) else f"{len(tree.leaves):,} of {grown:,} models"
    folded = "" if grown == len(tree.leaves) else "; +N: so many more grew from this leaf or limb"
    return Heading(
        title,
        f"{told}, the newest facts of {tree.until}{folded}",
        "Facts: Epoch AI, 'Data on AI Models' (CC BY 4.0), and the other sources of the tuningfork atlas",
    )


def limb_summary(tree: Tree, branch: str) -> str:
    """'Encoder-only: 59 models, 50 open'."""
    entries = [entry for entry in tree.entries if entry.branch == branch]
    is_open = sum(entry.access == "open" for entry in entries)
    return f"{LIMB_NAMES[branch]}: {len(entries)} model{'' if len(entries) == 1 else 's'}, {is_open} open"


def tree_text(tree: Tree, words: Heading) -> str:
    """A limb after the other, oldest first; what grew from a model is indented below it."""
    parts = [f"{words.title}\n{words.subtitle}\n● open weights  ○ closed  ? unknown"]
    parts += [
        "\n".join(_limb(tree, branch)) for branch in LIMBS if any(leaf.entry.branch == branch for leaf in tree.leaves)
    ]
    return "\n\n".join([*parts, words.source])


def _limb(tree: Tree, branch: Branch) -> Iterator[str]:
    children: dict[str | None, list[Leaf]] = {}
    for leaf in tree.leaves:
        if leaf.entry.branch == branch:
            children.setdefault(leaf.parent, []).append(leaf)
    yield limb_summary(tree, branch)
    yield from _below(children, None, "")
    if held := tree.held_by_limbs.get(branch):
        yield f"   +{len(held)} more that grew from the limb itself"


def _below(children: dict[str | None, list[Leaf]], parent: str | None, margin: str) -> Iterator[str]:
    grown = children.get(parent, [])
    for leaf in grown:
        last = leaf is grown[-1]
        yield f"{margin}{'└─' if last else '├─'} {_line(leaf)}"
        yield from _below(children, leaf.entry.name, margin + ("   " if last else "│  "))


def _line(leaf: Leaf) -> str:
    entry = leaf.entry
    told = [entry.organisation, entry.date, f"+{len(leaf.holds)}" if leaf.holds else None]
    return one_line(" · ".join([f"{_MARKS[entry.access]} {entry.name}", *(part for part in told if part)]))
