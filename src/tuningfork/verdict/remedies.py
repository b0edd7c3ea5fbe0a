"""What to type so that an arm runs more often, as whole options."""

from __future__ import annotations

from tuningfork.arms.spec import ArmSpec
from tuningfork.stats.repetitions import LEAST_IDENTICAL_RUNS


def five_runs(arm: str) -> str:
    """'--seeds 5' for a trained arm; an LLM arm draws its examples as often as its own option says."""
    spec = ArmSpec.parse(arm)
    if spec.family != "prompt":
        return f"--seeds {LEAST_IDENTICAL_RUNS}"
    return f"--arm '{spec.with_option('draws', str(LEAST_IDENTICAL_RUNS))}'"
