"""What a person should know before rows leave the machine."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tuningfork.arms.spec import ArmSpec
from tuningfork.models.llm.addresses import passes_on
from tuningfork.profile.personal import personal_data_in
from tuningfork.study.plan import StudyPlan
from tuningfork.study.prices import lacks_price
from tuningfork.task.schema import Note, TaskData

_ROWS_LOOKED_AT = 20_000
_SOLD_AS_A_SERVICE = re.compile(
    r"^(openai|anthropic|azure|bedrock|vertex_ai|gemini|openrouter|groq|mistral|cohere|xai|deepseek)/(?!gpt-oss)"
    r"|(^|/)(claude|chatgpt|gemini|grok|gpt-\d|o[1345](-|$))",
    re.IGNORECASE,
)
"""Names of models whose weights nobody outside has, or that are written as relays such as LiteLLM want them."""


def privacy_notes(task: TaskData, hosts: Sequence[str]) -> tuple[Note, ...]:
    """A warning where rows that hosts would receive seem to hold personal data: its kinds and how many rows have it,
    never a value.

    Args:
        hosts: machines that would receive rows; without one there is nothing to warn of.
    """
    texts = (*task.evaluation.texts, *task.validation.texts, *task.pool.texts)[:_ROWS_LOOKED_AT]
    found = personal_data_in(texts) if hosts else ()
    if not found:
        return ()
    seen = ", ".join(f"{finding.kind} ({finding.rows:,})" for finding in found)
    message = f"Rows that would go to {', '.join(hosts)} look as if they held personal data: {seen}"
    return (Note("personal_data", f"{message}, counted in {len(texts):,} rows."),)


def relay_notes(plan: StudyPlan) -> tuple[Note, ...]:
    """What is not known of arms that ask a server on this machine, and how to say it: one note for each."""
    asked = {trial.plan.arm: (trial.arm.spec, trial.estimate) for trial in plan.trials}
    return tuple(
        Note("where_rows_go", _not_known(spec, estimate.host, priced=not lacks_price(estimate)))
        for spec, estimate in asked.values()
        if estimate.host is not None and passes_on(estimate.host)
    )


def _not_known(spec: ArmSpec, host: str, *, priced: bool) -> str:
    unknown = "where that server sends rows" if priced else "where that server sends rows, and at what price,"
    relay = " Its name is that of a provider's model: this looks like a relay (LiteLLM, …)."
    price = f" What it costs: --price '{spec.model}=IN,OUT' (0,0 if it is free)."
    return (
        f"{spec.text} asks {host}; {unknown} is not known."
        f"{relay if _SOLD_AS_A_SERVICE.search(spec.model) else ''} If it is a model of your own on this machine: "
        f"--arm '{spec.with_option('local', 'yes')}'.{'' if priced else price}"
    )
