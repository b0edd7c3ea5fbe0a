"""Trial records as JSON; predictions travel beside them as blobs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from tuningfork.arms.results import Prediction, TrialPlan, TrialResult, Usage
from tuningfork.task.schema import Note


def result_to_json(result: TrialResult) -> str:
    """All of a trial but its predictions."""
    return json.dumps(
        {
            "plan": asdict(result.plan),
            "side": result.side,
            "model": result.model,
            "status": result.status,
            "failure": result.failure,
            "seconds_train": result.seconds_train,
            "seconds_predict": result.seconds_predict,
            "latency_seconds": result.latency_seconds,
            "fit_usage": asdict(result.fit_usage),
            "usage": asdict(result.usage),
            "details": result.details,
            "notes": [asdict(note) for note in result.notes],
        },
        ensure_ascii=False,
    )


def result_from_json(
    text: str,
    predictions: Mapping[str, Prediction],
    *,
    question: str | None,
    label_space: str | None,
    draw: str | None,
    needs: Mapping[str, str],
) -> TrialResult:
    """The record back, with its predictions by role, and with what stands in columns of its own."""
    fields, others = json.loads(text), dict(predictions)
    return TrialResult(
        plan=TrialPlan(**fields["plan"]),
        side=fields["side"],
        model=fields["model"],
        status=fields["status"],
        failure=fields["failure"],
        evaluation=others.pop("evaluation", None),
        validation=others.pop("validation", None),
        shifted=others.pop("shifted", None),
        other_roles=others,
        seconds_train=fields["seconds_train"],
        seconds_predict=fields["seconds_predict"],
        latency_seconds=tuple(fields["latency_seconds"]),
        fit_usage=Usage(**fields["fit_usage"]),
        usage=Usage(**fields["usage"]),
        details=tuple((key, value) for key, value in fields["details"]),
        notes=tuple(Note(**note) for note in fields["notes"]),
        draw=draw,
        question=question,
        label_space=label_space,
        needs=needs,
    )
