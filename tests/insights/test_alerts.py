"""An alert is raised once, stands until its cause is gone, and may come again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from insights.alerts import KINDS, Finding, changes, fold_alerts, open_alerts
from insights.ledger import Ledger

NOW = datetime(2026, 10, 31, 18, tzinfo=UTC)
DRIFT = Finding("churn.drift:feature:n_logins_30d", "drift_feature", {"psi": 0.4})


def tell(ledger: Ledger, found: list[Finding], days: int = 0, still: tuple[str, ...] = ()) -> int:
    known = fold_alerts(ledger.events(KINDS))
    return ledger.append_many(changes(known, found, still, "churn.drift:", NOW + timedelta(days=days)))


def test_the_same_alert_is_written_once_until_it_is_cleared(ledger):
    assert tell(ledger, [DRIFT]) == 1
    assert tell(ledger, [DRIFT], days=1) == 0
    standing = open_alerts(ledger.events(KINDS))
    assert [(one.subject, one.first_seen_at, one.facts) for one in standing] == [(DRIFT.subject, NOW, {"psi": 0.4})]
    assert tell(ledger, [], days=2) == 1
    assert open_alerts(ledger.events(KINDS)) == []
    assert tell(ledger, [], days=3) == 0
    assert tell(ledger, [DRIFT], days=4) == 1
    again = fold_alerts(ledger.events(KINDS))[DRIFT.subject]
    assert (again.number, again.first_seen_at, again.cleared_at) == (2, NOW + timedelta(days=4), None)


def test_a_figure_at_its_limit_neither_raises_nor_clears(ledger):
    assert tell(ledger, [], still=(DRIFT.subject,)) == 0
    tell(ledger, [DRIFT])
    assert tell(ledger, [], days=1, still=(DRIFT.subject,)) == 0
    assert len(open_alerts(ledger.events(KINDS))) == 1


def test_alerts_of_others_are_left_alone(ledger):
    ledger.append(
        "alert.raised", "line.outage:account", {"code": "outage", "facts": {}}, actor="watch", at=NOW, key="x"
    )
    assert tell(ledger, []) == 0
    assert [one.code for one in open_alerts(ledger.events(KINDS))] == ["outage"]
    assert open_alerts(ledger.events(KINDS), "churn.") == []


def test_two_runs_that_raise_at_once_write_one_event(ledger):
    known = fold_alerts(ledger.events(KINDS))
    first, second = (changes(known, [DRIFT], (), "churn.drift:", NOW + timedelta(minutes=m)) for m in (0, 5))
    assert (ledger.append_many(first), ledger.append_many(second)) == (1, 0)
