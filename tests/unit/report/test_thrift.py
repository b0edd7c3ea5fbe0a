"""A dear arm that was chosen over a cheap one which may be as good: the reader is told."""

from __future__ import annotations

import pytest

from builders import PlantedArm, make_records
from tuningfork.report.terminal import plain_text
from tuningfork.report.thrift import thrift_sentences
from tuningfork.verdict.decide import decide
from tuningfork.verdict.verdict_json import VerdictRecord

LINEAR = PlantedArm("linear", accuracy={32: 0.5, 128: 0.6}, validation_accuracy=0.6)


def elsewhere(name: str, accuracy: float, usd: float | None, *, validation: float) -> PlantedArm:
    return PlantedArm(
        f"predictions:{name}.csv?side=llm&model={name}",
        accuracy={0: accuracy},
        side="llm",
        deterministic=True,
        usd=usd,
        validation_accuracy=validation,
    )


def verdict(
    dear_usd: float | None, cheap_usd: float | None, *, cheap: float = 0.82, ranks: float = 0.83
) -> VerdictRecord:
    large = elsewhere("Large", 0.83, dear_usd, validation=0.84)
    return decide(make_records(arms=[LINEAR, large, elsewhere("Small", cheap, cheap_usd, validation=ranks)]))


@pytest.mark.parametrize(("cheap", "where"), [(0.8, "behind"), (0.86, "ahead")])
def test_a_cheaper_arm_that_was_not_told_apart_is_named_with_its_price_and_score(cheap: float, where: str) -> None:
    record = verdict(0.00316, 0.000167, cheap=cheap)
    (told,) = thrift_sentences(record)
    assert told.startswith(
        "Small was not told apart from Large and costs 19 times less: $0.17 a thousand predictions against $3.16."
    )
    (pair,) = [pair for pair in record.pairs if "linear" not in {pair.a, pair.b}]
    sign = 1 if pair.difference > 0 else -1
    low, high = sorted(100 * sign * end for end in pair.ci95)
    assert f"it is {abs(100 * pair.difference):.0f} points [{low:.0f}, {high:.0f}] {where}." in told
    assert "costs 19 times less" in " ".join(plain_text(record).split())


def test_nothing_is_said_of_arms_that_were_told_apart_cost_as_much_or_have_no_price() -> None:
    for record in (
        verdict(0.003, 0.002),
        verdict(0.003, None),
        verdict(None, 0.001),
        verdict(0.003, 0.0001, ranks=0.4),
        verdict(0.0001, 0.003),
    ):
        assert list(thrift_sentences(record)) == []
