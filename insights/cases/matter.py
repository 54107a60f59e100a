"""What one case is about: which signals belong together, and which never do.

A danger, a formal complaint, a public post and a moment are cases of their own and never join another. What else was said
in the same message as a danger or a formal complaint goes with it. Other answers to what a customer said join the case
that still waits for its first contact, so that one call answers all of it; once somebody has spoken to the customer,
another irritant is another matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from insights.cases.model import ANSWER, COMPLAINT, DANGER, PUBLIC, RISK, UNKNOWN, Case, Signal

ORDER = (DANGER, COMPLAINT, PUBLIC, ANSWER)  # moments come last, when it is known who is called for something else
LEADING = (DANGER, COMPLAINT)  # what else was said in the same message goes with them
ADDRESSED = (DANGER, COMPLAINT, PUBLIC)  # families in which an unknown sender is answered where they wrote


def belongs(signal: Signal, case: Case) -> bool:
    """Whether a signal joins a case that is open."""
    if not case.is_open:
        return False
    if case.family in LEADING and signal.family == ANSWER:
        return any(one.partition(":")[2] == signal.feedback_id for one in case.signals)
    if case.family != signal.family:
        return False
    if case.family == DANGER:
        return case.waits_for_contact
    if case.family == ANSWER:
        return case.waits_for_contact or signal.kind == RISK or same_irritant(signal.irritant_id, case.irritant_id)
    if case.family == COMPLAINT:
        return same_irritant(signal.irritant_id, case.irritant_id)
    return matter_of(signal) == case.matter


def led(signals: Sequence[Signal]) -> dict[tuple[str, str], str]:
    """Family that takes all that was said in a message, by customer and feedback: danger before complaint."""
    found: dict[tuple[str, str], str] = {}
    for family in reversed(LEADING):
        found |= {(one.customer_id, one.feedback_id): family for one in signals if one.family == family}
    return found


def together(signal: Signal, family: str, others: Sequence[Signal]) -> bool:
    """Whether a signal opens the same case as others that came in one run and go into a case of this family."""
    if family in (DANGER, ANSWER):
        return True
    if family != signal.family:
        return any(signal.feedback_id == one.feedback_id for one in others)
    if signal.family == COMPLAINT:
        return any(same_irritant(signal.irritant_id, one.irritant_id) for one in others)
    return any(matter_of(signal) == matter_of(one) for one in others)


def same_irritant(one: str | None, other: str | None) -> bool:
    """The same, or one of them not known: a reminder seldom says again what it is about."""
    return one is None or other is None or one == other


def matter_of(signal: Signal) -> str:
    """Legal reason of a complaint, name of a moment, the post itself; empty where the irritant is the matter."""
    return signal.feedback_id if signal.family == PUBLIC else signal.matter


def unknown_sender(signal: Signal) -> str:
    """What stands for a customer nobody knows, where they can be answered all the same; empty elsewhere."""
    return f"{UNKNOWN}{signal.feedback_id}" if signal.family in ADDRESSED and not signal.anonymous else ""
