"""Reads the sources: every row becomes the facts that it states, in the catalogue's own fields."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Row = Mapping[str, str]
_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d\d)(\d\d)\.\d{4,5}")
_MODALITIES = {"Language": "text", "Vision": "image", "Image generation": "image", "Video": "video", "Audio": "audio",
               "Speech": "audio"}  # fmt: skip
_DOMAINS = {"Mathematics": "mathematics", "Medicine": "medical", "Biology": "biology", "Robotics": "robotics"}
_NO_LICENCE = ("", "unknown", "unknkown", "custom")
LISTS = ("organisations", "languages", "domains", "modalities")
NUMBERS = ("parameters", "context")
_UNITS = {"k": 1024, "m": 1_000_000}


@dataclass(slots=True)
class Claim:
    """What one row of one source states.

    Attributes:
        source: short name of the source.
        row: the row's own name for the model.
        facts: by field of `tuningfork.atlas.catalogue.Model`; nothing unknown among them.
        family: the row speaks of a release in all its sizes, so it may state facts of several models.
    """

    source: str
    row: str
    facts: dict[str, Any] = field(default_factory=dict)
    family: bool = False


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def claims(shared: Path) -> list[Claim]:
    """Everything that the sources state, the source that wins a disagreement first."""
    atlas = shared / "data" / "atlas"
    return [
        *(_figure(row) for row in read(shared / "survey" / "figure1.csv")),
        *(_epoch(row) for row in read(atlas / "epoch_language_models.csv")),
        *(_models_dev(row) for row in read(atlas / "models_dev.csv")),
        *_capabilities(read(atlas / "epoch_capabilities.csv")),
        *(_licence(row) for row in read(atlas / "practical_guide_licences.csv")),
        *(_open_llm(row) for row in read(atlas / "open_llms.csv")),
        *(_ecosystem(row) for row in read(atlas / "ecosystem_graphs_models.csv")),
        *(_described("encoders", row) for row in read(atlas / "encoders_2021_2026.csv")),
        *(_described("added", row) for row in read(HERE / "additions.csv")),
    ]


def corrections(shared: Path) -> list[Row]:
    """What is known better than the sources say: `model`, `field`, `value`, `reason`, `link`."""
    branches = read(shared / "data" / "atlas" / "branch_corrections.csv")
    return [
        *read(HERE / "corrections.csv"),
        *(
            {
                "model": row["name"],
                "field": "branch",
                "value": row["branch"],
                "reason": "its paper or repository describes the network",
                "link": row["source_url"],
            }
            for row in branches
        ),
    ]


def _figure(row: Row) -> Claim:
    survey = {
        "name": row["model"],
        "branch": row["branch"],
        "parent": row["parent"] or None,
        "organisation": row["organisation"],
        "access": row["access"],
        "year": int(row["year_in_figure"]),
    }
    facts = {
        "survey": survey,
        "branch": row["branch"],
        "parent": row["parent"],
        "relation": "follows",
        "organisations": organisations([row["organisation"]]),
        "access": row["access"],
    }
    return Claim("figure1", row["model"], _known(facts))


def _epoch(row: Row) -> Claim:
    offered, weights = row["access"], row["open_weights"]
    access = (
        "open" if offered.startswith("Open") else "closed" if offered else {"Yes": "open", "No": "closed"}.get(weights)
    )
    commercial = {
        "Open weights (unrestricted)": "yes",
        "Open weights (restricted use)": "conditional",
        "Open weights (non-commercial)": "no",
    }.get(offered)
    domains = [part.strip() for part in row["domain"].split(",")]
    code = ["code"] if re.match(r"Code generation|Code autocompletion|Coding", row["task"]) else []
    told = row["confidence"] != "Speculative"  # of such rows the source's own numbers are rumours
    facts = {
        "organisations": organisations(_split(row["organisation"]), row["published"]),
        "date": row["published"],
        "access": access,
        "offered": offered,
        "commercial": commercial,
        "parameters": _integer(row["parameters"]) if told else None,
        "training_flop": float(f"{float(row['training_flop']):.3g}") if told and row["training_flop"] else None,
        "modalities": _distinct(_MODALITIES.get(part) for part in domains),
        "domains": _distinct([*(_DOMAINS.get(part) for part in domains), *code]),
        "link": _first_address(row["link"]),
        "links": row["link"],
        "parent": row["base_model"],
        "task": row["task"],
    }
    return Claim("epoch", row["name"], _known(facts))


def _models_dev(row: Row) -> Claim:
    facts = {
        "organisations": organisations([row["lab"]]),
        "date": row["release_date"],
        "access": "open" if row["open_weights"] == "True" else "closed",
        "context": int(row["context_tokens"] or 0) or None,
        "modalities": [part for part in row["input_modalities"].split() if part != "pdf"],
        "api": f"{row['lab']}/{row['id']}" if row["usd_per_m_input"] else None,
        "weights": row["weights_url"],
        "outputs": row["output_modalities"],
    }
    return Claim("models.dev", row["name"], _known(facts))


def _capabilities(rows: list[dict[str, str]]) -> Iterator[Claim]:
    best: dict[str, float] = {}
    for row in rows:
        if row["score"]:
            best[row["model"]] = max(best.get(row["model"], 0.0), float(row["score"]))
    yield from (Claim("epoch-eci", model, {"capability": score}) for model, score in best.items())


def _licence(row: Row) -> Claim:
    facts = {
        "branch": row["architecture"].lower(),
        "licence": _licence_name(row["licence"]),
        "commercial": "conditional"
        if row["commercial_use"] == "yes" and row["restrictions"]
        else row["commercial_use"],
        "corpus": row["corpus"],
    }
    return Claim("practical-guide", row["model"].replace("---&gt; ", ""), _known(facts), family=True)


def _open_llm(row: Row) -> Claim:
    licence = re.sub(r"\s+(Free if|Free with|No usage|with mild).*", "", row["licence"])
    sizes = [float(part) for part in re.findall(r"[\d.]+", row["parameters_b"])]
    facts = {
        "date": row["date"].replace("/", "-"),
        "access": "open",
        "parameters": round(max(sizes) * 1e9) if sizes else None,
        "context": _tokens(row["context"]),
        "licence": _licence_name(licence),
        "commercial": "conditional" if "usage restriction" in row["licence"] or "Free if" in row["licence"] else None,
        "weights": row["checkpoint_url"],
        "domains": ["code"] if row["section"].endswith("code") else [],
    }
    return Claim("open-llms", row["model"], _known(facts), family=True)


def _ecosystem(row: Row) -> Claim:
    takes = re.split(r"[;]", row["modality"])[0]
    facts = {
        "organisations": organisations(_split(row["organisation"])),
        "date": row["date"],
        "access": "open" if row["access"] == "open" else "closed",
        "parameters": _integer(row["parameters"]),
        "licence": _licence_name(row["licence"]),
        "link": _first_address(row["url"]),
        "modality": row["modality"],
        "modalities": _distinct(part if part in ("image", "audio", "video") else "text" for part in _split(takes)),
    }
    return Claim("ecosystem-graphs", row["model"], _known(facts), family=True)


def _described(source: str, row: Row) -> Claim:
    """A row in the catalogue's own fields, from the paper or card that its link names; lists are separated by ';'."""
    facts: dict[str, Any] = {name: value for name, value in row.items() if name != "name"}
    facts |= {name: [part for part in row[name].split(";") if part] for name in LISTS}
    facts |= {name: _integer(row[name]) for name in NUMBERS}
    facts["organisations"] = organisations(facts["organisations"])
    facts["licence"] = _licence_name(row["licence"])
    return Claim(source, row["name"], _known(facts))


def month_of_paper(link: str) -> str | None:
    """'2019-04' from an arXiv address, whose number begins with year and month; None where it is not the only one."""
    found = _ARXIV.search(link) if link.count("http") == 1 else None
    return f"20{found[1]}-{found[2]}" if found else None


_CANONICAL = {row["as_written"]: row["name"] for row in read(HERE / "organisations.csv")}


def organisations(written: list[str], published: str = "") -> list[str]:
    """Organisations under one name each; Google DeepMind before April 2023 is DeepMind, which stood alone then."""
    names = [_CANONICAL.get(name.strip(), name.strip()) for name in written if name.strip()]
    if published and published < "2023-04-20":
        names = [
            "DeepMind" if full.strip() == "Google DeepMind" else name
            for full, name in zip(written, names, strict=False)
        ]
    return list(dict.fromkeys(names))


_LICENCES = {row["as_written"].casefold(): row["name"] for row in read(HERE / "licences.csv")}


def _licence_name(written: str) -> str | None:
    """One name for every spelling of a licence; None where none is told."""
    name = written.strip()
    return None if name.casefold() in _NO_LICENCE else _LICENCES.get(name.casefold(), name)


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _first_address(text: str) -> str | None:
    found = re.search(r"https?://[^\s,;]+", text)
    return found[0] if found else None


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _integer(text: str) -> int | None:
    return round(float(text)) if text else None


def _distinct(values: Any) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def _tokens(text: str) -> int | None:
    """The largest window that is named: '4096, 128k' is 131072; none for a recurrent network's 'infinity'."""
    if "infinity" in text or "unlimited" in text:
        return None
    found = re.findall(r"([\d.]+)\s*([kKM]?)", text)
    return max((round(float(number) * _UNITS.get(unit.lower(), 1)) for number, unit in found), default=None)
