"""Verdicts of schema version 1, as version 2 has them: read in memory, so that committed files go on being read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
