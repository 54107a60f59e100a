"""After a restore nothing leaves by itself: what was open at the backup is in doubt, the rest waits for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from insights.ledger import Ledger
from insights.outbox import Endpoint, deliver_due
from insights.outbox.control import dead_letters, folded, replay
from insights.outbox.hold import IN_DOUBT, doubt, doubtful, held_since, hold, release
from insights.settings import Settings
from insights.steps.sending import is_dry

AT = datetime(2026, 10, 29, 10, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
ENDPOINT = Endpoint("https://crm.exemple.fr/hook", (b"k" * 24,))


@pytest.fixture
def waiting(ledger: Ledger) -> Ledger:
    """A ledger of six cases whose messages are open."""
    for number in range(6):
        payload = {"customer_id": f"C{number}", "reason": "detractor", "owner_team": "care", "promise": "48h"}
        payload |= {"due_at": (AT + timedelta(days=2)).isoformat(), "signals": [f"detractor:f{number}"]}
        ledger.append("case.opened", f"k{number}", payload, actor="rules", at=AT, key=f"opened:{number}")
    return ledger


def test_what_was_open_is_in_doubt_and_sent_again_by_hand_only(waiting: Ledger, settings: Settings) -> None:
    marked = doubt(waiting, [ENDPOINT], "b1", LATER)
    assert {one.case_id for one in marked} == {f"k{number}" for number in range(6)}
    doubt(waiting, [ENDPOINT], "b1", LATER)  # a restore that was killed does it again
    box = folded(waiting, ENDPOINT)
    assert (box.live(), box.breaker.failures, len(waiting.events(("delivery.dead",)))) == ([], 0, 6)
    assert {one.why for one in dead_letters(box)} == {IN_DOUBT}
    assert doubtful(waiting, [ENDPOINT]) == marked
    assert deliver_due(waiting, ENDPOINT, LATER, dry_run=True, out_dir=settings.out_dir).files == []
    assert replay(waiting, ENDPOINT, marked[0].message_id, actor="ines", at=LATER)
    assert [one.message_id for one in folded(waiting, ENDPOINT).live()] == [marked[0].message_id]
    assert doubtful(waiting, [ENDPOINT]) == marked[1:]


def test_nothing_leaves_until_a_person_releases_it(ledger: Ledger, settings: Settings) -> None:
    live = settings.model_copy(update={"dry_run": False})
    assert (is_dry(ledger, live, None), is_dry(ledger, settings, None)) == (False, True)
    assert not release(ledger, actor="ines", at=AT)
    assert hold(ledger, "b1", AT.isoformat(), actor="ines", at=LATER)
    assert not hold(ledger, "b1", AT.isoformat(), actor="ines", at=LATER)
    assert held_since(ledger) == LATER
    assert (is_dry(ledger, live, None), is_dry(ledger, live, False)) == (True, False)  # --send is a person's word
    assert release(ledger, actor="ines", at=LATER + timedelta(hours=1))
    assert (held_since(ledger), is_dry(ledger, live, None)) == (None, False)
