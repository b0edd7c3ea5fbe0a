"""Verdicts of schema version 1, as version 2 has them: read in memory, so that committed files go on being read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_OPEN_ENDS = re.compile(r"may as well lie ((?:below|above) \d+(?: or (?:below|above) \d+)?) labels")
_ABOVE = re.compile(r"not reached by (\d+) labels")
_AT_OR_BELOW = re.compile(r"at or below (\d+) labels")


def as_version_2(found: Mapping[str, Any]) -> dict[str, Any]:
    """The same verdict with the fields of version 2; what version 1 did not keep is null or empty.

    Args:
        found: the JSON of a verdict of version 1.
    """
    arms = [_arm(arm) for arm in found["arms"]]
    return {
        **found,
        "schema_version": 2,
        "task_type": "classification",
        "unit": "points",
        "arms": arms,
        "sides": _sides(found, arms),
        "comparisons": _comparisons(found),
        "break_even_labels": _break_even(found["break_even_labels"]),
    }


def _arm(arm: Mapping[str, Any]) -> dict[str, Any]:
    metrics = {name: arm[name] for name in ("accuracy", "macro_f1") if arm[name] is not None}
    invalid = {"no_label": arm["invalid"]} if arm["invalid"] else {}
    return {**arm, "metrics": metrics, "invalid_reasons": invalid}


def _sides(found: Mapping[str, Any], arms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who stood for each compared side; version 1 did not say how many rows ranked which side, only the most."""
    pair = found["comparison"]
    if pair is None:
        return []
    ranked = {arm["arm"] for arm in arms if arm.get("validation_score") is not None}
    return [
        {
            "side": side,
            "arm": pair[name],
            "ranked_on": found["labels_for_choice"] if pair[name] in ranked else 0,
            "not_told_apart": [],
        }
        for side, name in (("llm", "llm_arm"), ("fine-tuned", "fine_tuned_arm"))
    ]


def _comparisons(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    pair = found["comparison"]
    if pair is None:
        return []
    kept = {name: pair[name] for name in ("n_shared", "difference", "ci95", "p_value", "same_within")}
    sides = {"a": pair["llm_arm"], "b": pair["fine_tuned_arm"], "side_a": "llm", "side_b": "fine-tuned"}
    return [{**sides, **kept, "p_holm": pair["p_value"]}]


def _break_even(found: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 told bounds and open ends in `reason` only."""
    reasons = _reasons(found["reason"] or "")
    upgraded = dict(found)
    for name in ("mean", "reliable"):
        told = reasons.get(name, "")
        upgraded[f"{name}_ci95"] = _opened(found[f"{name}_ci95"], told)
        for bound, pattern in (("above", _ABOVE), ("at_or_below", _AT_OR_BELOW)):
            if found[name] is None and (match := pattern.search(told)):
                upgraded[f"{name}_bound"], upgraded[f"{name}_bound_at"] = bound, float(match[1])
    return upgraded


def _reasons(told: str) -> dict[str, str]:
    """'mean: …; reliable: …' by name; a reason without a name is that of both."""
    parts = dict(part.split(": ", 1) for part in told.split("; ") if part.startswith(("mean: ", "reliable: ")))
    return parts or {"mean": told, "reliable": told}


def _opened(ci95: list[float] | None, told: str) -> list[float | None] | None:
    match = _OPEN_ENDS.search(told)
    if ci95 is None or match is None:
        return None if ci95 is None else list(ci95)
    low, high = ci95
    return [None if "below" in match[1] else low, None if "above" in match[1] else high]
