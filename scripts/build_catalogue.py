"""Build the atlas's catalogue from the sources beside the project, or check it.

    python scripts/build_catalogue.py                  build src/tuningfork/atlas/catalogue.json
    python scripts/build_catalogue.py --check          exit 1 if building would change it
    python scripts/build_catalogue.py --from FOLDER    where `survey/` and `data/atlas/` are; ../shared unless given

`scripts/catalogue/` holds what people decided, each line with its reason: who is who (merges.csv, organisations.csv,
licences.csv, base_models.csv), what is no language model (excluded.csv), family rules (rules/), lineages
(lineages.yaml), models that no source has (additions.csv) and corrections (corrections.csv).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from catalogue.assembling import SENTENCES, assembled
from catalogue.checks import problems
from catalogue.families import rules
from catalogue.matching import matched
from catalogue.rows import claims, corrections

from tuningfork.atlas.catalogue import SCHEMA_VERSION

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "src" / "tuningfork" / "atlas" / "catalogue.json"
SOURCES = {
    "figure1": ("Figure 1 of 'Harnessing the Power of LLMs in Practice'", "facts only", "https://arxiv.org/abs/2304.13712"),
    "epoch": ("Epoch AI, 'AI Models', copies of April 2025, December 2025 and July 2026", "CC BY 4.0", "https://epoch.ai/data"),
    "epoch-eci": ("Epoch AI, 'Capabilities Index', copy of April 2026", "CC BY 4.0", "https://epoch.ai/data"),
    "models.dev": ("models.dev, commit f3fc692", "MIT", "https://github.com/anomalyco/models.dev"),
    "practical-guide": ("LLMsPracticalGuide, commit c4a3984", "facts only", "https://github.com/Mooler0410/LLMsPracticalGuide"),
    "open-llms": ("open-llms, commit 78a2524", "Apache-2.0", "https://github.com/eugeneyan/open-llms"),
    "ecosystem-graphs": ("Ecosystem Graphs", "facts only", "https://github.com/stanford-crfm/ecosystem-graphs"),
    "encoders": (
        "encoders and encoder-decoders of 2020 to 2026, each from the paper or card of its link",
        "facts only",
        "https://github.com/embeddings-benchmark/mteb",
    ),
    "added": ("models that no source has, each from the paper or card of its link", "facts only", "https://arxiv.org"),
}  # fmt: skip


def content(shared: Path) -> dict[str, Any]:
    """What the file holds."""
    models = assembled(matched(claims(shared)), corrections(shared))
    days = [facts["date"] for entry in models for facts in entry["facts"].values() if len(facts.get("date", "")) == 10]
    return {
        "schema_version": SCHEMA_VERSION,
        "built": max(days),
        "sources": {name: dict(zip(("title", "licence", "link"), told, strict=True)) for name, told in SOURCES.items()},
        "rules": {rule.id: rule.statement for rule in rules()} | SENTENCES,
        "models": models,
    }


def rendered(found: dict[str, Any]) -> str:
    """JSON with one model a line, so that a change of one fact is a change of one line."""
    head = json.dumps({key: value for key, value in found.items() if key != "models"}, ensure_ascii=False, indent=1)
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in found["models"])
    return f'{head[:-2]},\n "models": [\n{lines}\n]}}\n'


def main(arguments: list[str]) -> int:
    """Build, or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from", dest="shared", type=Path, default=ROOT.parent / "shared")
    given = parser.parse_args(arguments)
    found = content(given.shared)
    if wrong := problems(found):
        print("\n".join(wrong), file=sys.stderr)
        return 1
    text = rendered(found)
    changed = not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text
    if changed and not given.check:
        TARGET.write_text(text, encoding="utf-8")
    print(json.dumps({"models": len(found["models"]), "bytes": len(text.encode()), "changed": changed}))
    return 1 if changed and given.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
