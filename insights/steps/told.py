"""Tell customers that a fix works: listed only when it is proven, exported only when a person has approved the text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from insights.actions import edit
from insights.actions.model import Action
from insights.actions.told import digest_of, message, recipients
from insights.cases import fold_cases
from insights.digest.words import Words
from insights.errors import DeliveryError, LedgerError
from insights.i18n import LANGUAGES
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import marked, objectors
from insights.proof.verdict import PROVEN
from insights.steps.actions import book, record
from insights.steps.callbacks import CUSTOMERS
from insights.steps.resolved import registry, seen
from insights.steps.window import analysis_day

NAMED = """
SELECT f.customer_id, max(f.occurred_at)::DATE AS named_on, arg_max(f.language, f.occurred_at) AS language
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE i.irritant_id = $irritant AND m.voice = 'customer' AND m.polarity < -0.15 AND f.customer_id IS NOT NULL
    AND NOT coalesce(f.anonymous, false) AND f.occurred_at < $until
GROUP BY 1 ORDER BY 1
"""
OPEN = ("open", "assigned", "scheduled", "attempted", "reopened")


@dataclass(frozen=True)
class Telling:
    """Who would be told what. `approved`: a person approved exactly these texts."""

    action: Action
    customers: pd.DataFrame
    texts: dict[str, str]
    approved: bool
    by: str = ""

    @property
    def digest(self) -> str:
        return digest_of(self.texts)


def telling(lake: Lake, ledger: Ledger, action_id: str) -> Telling:
    """The list and the texts of a proven action. Raises LedgerError for one that is not proven."""
    known = book(ledger)
    action = known.actions.get(action_id)
    if action is None:
        raise LedgerError(f"There is no action {action_id!r}: `voc actions list` shows them.")
    verdict = lake.read("SELECT verdict FROM fix WHERE action_id = $one AND speaks", one=action_id)
    if verdict.empty or verdict["verdict"].iloc[0] != PROVEN or action.plan is None:
        raise LedgerError(f"{action_id} has not been shown to work: customers are told only what is proven.")
    texts = _texts(lake, ledger, action)
    said = known.approvals.get(action_id)
    approved = said is not None and said.digest == digest_of(texts)
    return Telling(action, _customers(lake, ledger, action), texts, approved, said.by if said and approved else "")


def _texts(lake: Lake, ledger: Ledger, action: Action) -> dict[str, str]:
    settings, irritant = lake.settings, registry(ledger).irritants[action.irritant_id]
    plan = action.plan
    assert plan is not None
    return {
        one: message(
            Words(one, settings.timezone), settings.company, irritant.label(one)[0], action.title, plan.effect_on
        )
        for one in LANGUAGES
    }


def _customers(lake: Lake, ledger: Ledger, action: Action) -> pd.DataFrame:
    plan = action.plan
    assert plan is not None
    until = pd.Timestamp(plan.effect_on, tz=lake.settings.timezone)
    named = seen(lake, ledger).read(NAMED, irritant=registry(ledger).resolve(action.irritant_id), until=until)
    away = objectors(ledger)
    customers = marked(lake.read(CUSTOMERS, day=analysis_day(lake)), away)
    busy = {one.customer_id for one in fold_cases(ledger.events(("case.",))).values() if one.state in OPEN}
    return recipients(named, customers, away, busy)


def approve(lake: Lake, ledger: Ledger, action_id: str, *, actor: str) -> Telling:
    """A person approves the texts as they stand."""
    found = telling(lake, ledger, action_id)
    at = lake.settings.business_now()
    n = len(found.customers)
    record(ledger, lambda known: edit.approve(known, action_id, found.digest, n), actor=actor, at=at)
    return telling(lake, ledger, action_id)


def export_told(lake: Lake, ledger: Ledger, action_id: str) -> Path:
    """Write the approved list for the sending tool: customer_id, language, message. Raises DeliveryError unapproved.

    The file lies in the folder that an erasure searches.
    """
    found = telling(lake, ledger, action_id)
    if not found.approved:
        raise DeliveryError(f"{action_id}: nobody has approved this message: `voc actions told {action_id} --approve`.")
    path = lake.settings.out_dir / "told" / f"{action_id}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = found.customers.assign(message=found.customers["language"].map(found.texts))
    sheet[["customer_id", "language", "message"]].to_csv(path, index=False)
    return path
