"""Render the atlas's reference page and pictures from the committed catalogue, or check that they have not drifted.

    python scripts/atlas_docs.py            write
    python scripts/atlas_docs.py --check    exit 1 if anything would change

What stands between `<!-- NAME -->` and `<!-- /NAME -->` in docs/reference/atlas.md is made here, and so are
atlas-trends.svg and atlas-tree.svg in docs/pictures.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from marked_blocks import filled

from tuningfork.atlas.catalogue import BRANCHES, Catalogue, load
from tuningfork.atlas.coverage import FIELDS, coverage
from tuningfork.atlas.tree import tree_of
from tuningfork.atlas.trends import observations
from tuningfork.report.plots.atlas_tree import tree_svg
from tuningfork.report.plots.atlas_trends import trends_svg, value_text
from tuningfork.report.tree import heading

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "atlas.md"
PICTURES = ROOT / "docs" / "pictures"
LEAVES = 150


def sources_table(catalogue: Catalogue) -> str:
    """Every source with its licence and how many facts it gave."""
    counts: Counter[str] = Counter()
    for model in catalogue:
        counts.update(source.partition(": ")[0] for source in model.sources.values())
    lines = ["| source | licence | facts |", "|---|---|---|"]
    lines += [
        f"| [{found.title}]({found.link}) | {found.licence} | {counts[name]:,} |"
        for name, found in catalogue.sources.items()
    ]
    lines += [
        f"| family rules, below | | {counts['rule']:,} |",
        f"| corrections by hand | | {counts['correction']:,} |",
    ]
    return "\n".join(lines)


def branches_table(catalogue: Catalogue) -> str:
    """Models by branch and access."""
    counts = Counter((model.branch, model.access) for model in catalogue)
    lines = ["| branch | open | closed | unknown | all |", "|---|---|---|---|---|"]
    for branch in BRANCHES:
        row = [counts[branch, access] for access in ("open", "closed", "unknown")]
        lines.append(f"| {branch} | {row[0]} | {row[1]} | {row[2]} | {sum(row)} |")
    return "\n".join(lines)


def coverage_table(catalogue: Catalogue) -> str:
    """Fields down, years across: the percentage of models of which the fact is known."""
    periods = coverage(catalogue)
    lines = [f"| | {' | '.join(period.title for period in periods)} |", "|---" * (len(periods) + 1) + "|"]
    lines.append(f"| models | {' | '.join(str(period.models) for period in periods)} |")
    for name in FIELDS:
        cells = " | ".join(f"{100 * period.known[name]:.0f}" for period in periods)
        lines.append(f"| `{name}` | {cells} |")
    return "\n".join(lines)


def trends_table(catalogue: Catalogue) -> str:
    """The five observations: then, today, verdict, and what may bend it."""
    lines = [f"| the survey says | April 2023 | {catalogue.built} | verdict |", "|---|---|---|---|"]
    seen = observations(catalogue)
    for found in seen:
        then, now = (value_text(value, found.unit) for value in (found.value_2023, found.value_today))
        lines.append(f"| {found.statement} | {then} | {now} | {found.verdict} |")
    told = [
        f"- **{found.statement}** Counted: {found.measure}; {'; '.join(found.numbers)}. Rule: {found.rule} "
        f"Caveat: {found.caveat}"
        for found in seen
    ]
    return "\n".join([*lines, "", *told])


def rules_list(catalogue: Catalogue) -> str:
    """Every family rule, with the number of facts that rest on it."""
    counts: Counter[str] = Counter()
    for model in catalogue:
        counts.update(told.removeprefix("rule: ") for told in model.sources.values() if told.startswith("rule: "))
    lines = ["| rule | facts | what it says |", "|---|---|---|"]
    lines += [f"| `{name}` | {counts[name]} | {told} |" for name, told in catalogue.rules.items()]
    return "\n".join(lines)


def blocks(catalogue: Catalogue) -> dict[str, str]:
    """Everything that the page shows, by name."""
    return {
        "size": f"{len(catalogue):,} models, the newest facts of {catalogue.built}.",
        "sources": sources_table(catalogue),
        "branches": branches_table(catalogue),
        "coverage": coverage_table(catalogue),
        "trends": trends_table(catalogue),
        "rules": rules_list(catalogue),
    }


def rendered(page: str, made: dict[str, str]) -> str:
    """The page with every block filled in.

    Raises:
        ValueError: the page has no place for one of them.
    """
    page, unplaced = filled(page, made)
    if unplaced:
        raise ValueError(f"{PAGE.name} has no block {unplaced[0]!r}")
    return page


def main(arguments: list[str]) -> int:
    """Write, or check."""
    catalogue = load()
    tree = tree_of(catalogue, catalogue, leaves=LEAVES)
    wanted = {
        PAGE: rendered(PAGE.read_text(encoding="utf-8"), blocks(catalogue)),
        PICTURES / "atlas-trends.svg": trends_svg(observations(catalogue), today=catalogue.built),
        PICTURES / "atlas-tree.svg": tree_svg(tree, heading(tree, survey=False)),
    }
    drifted = [path for path, text in wanted.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if "--check" not in arguments:
        for path in drifted:
            path.write_text(wanted[path], encoding="utf-8")
    verb = "differ from the catalogue" if "--check" in arguments else "written"
    print(json.dumps({verb: [str(path.relative_to(ROOT)) for path in drifted]}))
    return 1 if drifted and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
