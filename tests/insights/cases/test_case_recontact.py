"""A "no" to being called, or a promise of anonymity, opens no case: survey, call or post, whatever is said in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pandas as pd
import pytest

from insights.cases.decision import Opened
from insights.lake import Lake
from insights.ledger import Ledger
from insights.steps.callbacks import open_due_cases

AT = datetime(2026, 10, 30, 9, tzinfo=UTC)
KINDS = ("survey", "call", "chat", "post", "review", "mail", "ticket")


REFUSALS = {"no": {"recontact": "no"}, "anonymous": {"anonymous": True}}
CONSENTS = {"yes": {"recontact": "yes"}, "not_asked": {"recontact": "not_asked"}}


@pytest.fixture
def said(lake: Lake, ledger: Ledger) -> Opened:
    """A detractor in danger who says they leave, by kind and by what they said of being called back."""
    answers = {**REFUSALS, **CONSENTS}
    tables: dict[str, list[dict[str, Any]]] = {}
    for kind, (name, more) in product(KINDS, answers.items()):
        for table, row in rows(kind, f"{kind}:{name}", more).items():
            tables.setdefault(table, []).append(row)
    with lake.write() as writer:
        for table, found in tables.items():
            writer.insert_new(table, pd.DataFrame(found))
    return open_due_cases(lake, ledger)


def rows(kind: str, customer: str, more: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    shared = {"occurred_at": AT, "available_at": AT, "customer_id": customer}
    feedback = {"feedback_id": customer, "source": "s", "source_id": customer, "kind": kind, "verbatim": "je pars"}
    mention = {"mention_id": customer, "feedback_id": customer, "unit_no": 1, "text": "je pars", "voice": "customer"}
    mention |= {"type": "complaint", "polarity": -1.0, "leave_intent": True, "urgency": "safety"}
    answer = {"feedback_id": customer, "question_id": "nps", "metric": "nps", "scale": "0-10", "value": 0.0}
    picture = {"customer_id": customer, "as_of": AT.date(), "segment": "household", "margin_eur_year": 500.0}
    return {
        "feedback": {"recontact": "not_asked", "anonymous": False} | feedback | shared | more,
        "mention": mention | shared,
        "answer": answer | shared,
        "customer_snapshot": picture | {"available_at": AT, "objection": False, "leaving": False},
    }


def test_a_refusal_opens_nothing_on_any_path_and_without_one_the_same_words_do(said: Opened) -> None:
    called = sorted(case.customer_id for case in said.cases if case.family == "danger")
    assert called == sorted(f"{kind}:{name}" for kind, name in product(KINDS, CONSENTS))
    public = sorted(case.customer_id for case in said.cases if case.family != "danger")
    assert public == sorted(f"post:{name}" for name in CONSENTS)
    assert said.joined == []


def test_each_signal_of_who_refused_was_seen_and_refused(said: Opened) -> None:
    seen = Counter(one.signal.customer_id for one in said.refused if one.why != "no_rule")
    expected = {f"{kind}:{name}": 3 for kind, name in product(KINDS, REFUSALS)}  # detractor, leaving, urgent
    public = {f"{kind}:{name}": 4 for kind, name in product(("post", "review"), REFUSALS)}
    assert seen == expected | public
