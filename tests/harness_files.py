"""The files that evaluation harnesses wrote (see `fixtures/harnesses`), by name."""

from __future__ import annotations

from pathlib import Path

HARNESSES = Path(__file__).parent / "fixtures" / "harnesses"
LOGS = HARNESSES / "inspect"
PACKED = HARNESSES / "lm_eval" / "careful.zip"
SUMMARY = next((HARNESSES / "lm_eval" / "careful").glob("results_*.json"))

RIGHT = ("delivery", "refund", "other") * 2 + ("delivery", "refund", "other", "delivery", "refund", "other")
"""The right labels of the twelve invented messages, in their order."""
IDS = tuple(f"p-{number:02}" for number in range(1, 13))


def samples(task: str, model: str = "careful") -> Path:
    """A samples file that lm-eval wrote."""
    return next((HARNESSES / "lm_eval" / model).glob(f"samples_{task}_*.jsonl"))
