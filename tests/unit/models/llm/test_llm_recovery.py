"""What counts as a failure of one request, and when it is given up."""

from __future__ import annotations

from tuningfork.models.llm.faults import Fault
from tuningfork.models.llm.recovery import Tries

BROKEN, TOO_MANY = Fault("500"), Fault("429", throttled=True)


def test_every_fault_of_the_transport_counts():
    tries = Tries()
    for answers in range(4):
        tries.count(BROKEN, answers=answers)
    assert tries.failed == 4


def test_refusals_for_too_many_requests_count_while_nobody_else_is_answered():
    tries = Tries()
    for _ in range(4):
        tries.count(TOO_MANY, answers=10)
    assert tries.failed == 4
    tries.count(TOO_MANY, answers=11)
    assert tries.failed == 1


def test_other_faults_are_not_forgotten_between_refusals():
    tries = Tries()
    for answers in range(5):
        tries.count(BROKEN, answers=answers)
        tries.count(TOO_MANY, answers=answers)
    assert tries.failed == 5 + 1
