"""Tell customers that a fix works: listed only when it is proven, exported only when a person has approved the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from insights.actions import edit
from insights.actions.book import Export
from insights.actions.model import DROPPED, PLANNED, Action, begun
from insights.actions.told import digest_of, message, recipients
from insights.cases import Case, fold_cases
from insights.digest.words import Words
from insights.errors import DeliveryError, LedgerError
from insights.i18n import LANGUAGES
from insights.lake import Lake
from insights.ledger import Ledger
from insights.privacy.objection import marked, objectors
from insights.proof.verdict import PROVEN
from insights.spreadsheets import neutral_frame
from insights.steps.actions import book, record
from insights.steps.resolved import registry, seen
from insights.steps.window import analysis_day

NAMED = """
SELECT f.customer_id, max(f.occurred_at)::DATE AS named_on, arg_max(f.language, f.occurred_at) AS language
FROM mention m JOIN irritant_now i USING (mention_id) JOIN feedback f USING (feedback_id)
WHERE i.irritant_id = $irritant AND m.voice = 'customer' AND m.polarity < -0.15 AND f.customer_id IS NOT NULL
    AND NOT coalesce(f.anonymous, false) AND f.occurred_at < $until AND m.occurred_at < $until
GROUP BY 1 ORDER BY 1
"""
# the newest CRM picture of these customers: who is not in it has left
MAY = """
WITH said AS (
    SELECT customer_id, arg_max(recontact, occurred_at) AS recontact FROM feedback
    WHERE recontact IN ('yes', 'no') AND kind = 'survey' AND customer_id IN (SELECT unnest($ids::VARCHAR[]))
    GROUP BY customer_id
)
SELECT n.customer_id, n.preferred_language, n.objection, coalesce(s.recontact, 'not_asked') AS recontact
FROM customer_snapshot n LEFT JOIN said s USING (customer_id)
WHERE n.as_of = (SELECT max(as_of) FROM customer_snapshot WHERE as_of <= $day)
    AND n.customer_id IN (SELECT unnest($ids::VARCHAR[]))
"""


People = Callable[[Lake, Ledger, Action], tuple[pd.DataFrame, pd.DataFrame]]
MARK = 16  # characters of the keyed hash that tells a customer of a list again, and nobody's id


@dataclass(frozen=True)
class Telling:
    """Who would be told what. `approved`: a person approved exactly these texts. `exported`: the last list that left.

    `customers`: those who stand on no list that left before; `n_told`: those who do.
    """

    action: Action
    customers: pd.DataFrame
    texts: dict[str, str]
    approved: bool
    by: str = ""
    marks: tuple[str, ...] = ()
    n_told: int = 0
    exported: Export | None = None

    @property
    def digest(self) -> str:
        """What an approval stands for."""
        return digest_of(self.texts)


def people_of(lake: Lake, ledger: Ledger, action: Action) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of NAMED and, of those customers, of MAY."""
    plan = action.plan
    assert plan is not None
    until = pd.Timestamp(plan.effect_on, tz=lake.settings.timezone)
    named = seen(lake, ledger).read(NAMED, irritant=registry(ledger).resolve(action.irritant_id), until=until)
    return named, lake.read(MAY, ids=named["customer_id"].tolist(), day=analysis_day(lake))


def telling(
    lake: Lake,
    ledger: Ledger,
    action_id: str,
    again: bool = False,
    people: People = people_of,
    cases: Mapping[str, Case] | None = None,
) -> Telling:
    """The list and the texts of a proven action. Raises LedgerError for one that is not proven, or not at work.

    `again`: with those who stand on a list that left before. For a caller that keeps them: `people`, who reads them, and
    `cases`, all of the ledger.
    """
    known = book(ledger)
    action = known.actions.get(action_id)
    if action is None:
        raise LedgerError(f"There is no action {action_id!r}: `voc actions list` shows them.")
    if not begun(action) or action.state in (PLANNED, DROPPED):
        raise LedgerError(f"{action_id} is {action.state}: customers are told only of work that is under way or done.")
    verdict = lake.read("SELECT verdict FROM fix WHERE action_id = $one AND speaks", one=action_id)
    if verdict.empty or verdict["verdict"].iloc[0] != PROVEN or action.plan is None:
        raise LedgerError(f"{action_id} has not been shown to work: customers are told only what is proven.")
    texts = _texts(lake, ledger, action)
    said = known.approvals.get(action_id)
    approved = said is not None and said.digest == digest_of(texts)
    customers = _customers(ledger, *people(lake, ledger, action), cases)
    before = known.exports.get(action_id, ())
    marks = customers["customer_id"].map(lambda one: ledger.keys.lasting_hash(f"told:{action_id}:{one}")[:MARK])
    told = marks.isin([mark for export in before for mark in export.marks])
    if not again:
        customers, marks = customers[~told].reset_index(drop=True), marks[~told]
    by = said.by if said and approved else ""
    last = before[-1] if before else None
    return Telling(action, customers, texts, approved, by, tuple(marks), int(told.sum()), last)


def _texts(lake: Lake, ledger: Ledger, action: Action) -> dict[str, str]:
    settings, known = lake.settings, registry(ledger)
    irritant = known.irritants[known.resolve(action.irritant_id)]
    plan = action.plan
    assert plan is not None
    return {
        one: message(
            Words(one, settings.timezone), settings.company, irritant.label(one)[0], action.title, plan.effect_on
        )
        for one in LANGUAGES
    }


def _customers(
    ledger: Ledger, named: pd.DataFrame, customers: pd.DataFrame, cases: Mapping[str, Case] | None
) -> pd.DataFrame:
    away = objectors(ledger)
    known = fold_cases(ledger.events(("case.",))) if cases is None else cases
    busy = {one.customer_id for one in known.values() if one.is_open}
    return recipients(named, marked(customers, away), away, busy)


def approve(lake: Lake, ledger: Ledger, action_id: str, digest: str, *, actor: str) -> Telling:
    """A person approves the texts that were shown with this digest. Raises LedgerError when they are others by now."""
    found = telling(lake, ledger, action_id)
    if digest != found.digest:
        raise LedgerError(
            f"{action_id}: the text is not the one with the digest {digest!r}: read it again with `voc actions told "
            f"{action_id}`, which shows its digest, and approve that."
        )
    at = lake.settings.business_now()
    n = len(found.customers)
    record(ledger, lambda known: edit.approve(known, action_id, found.digest, n), actor=actor, at=at)
    return telling(lake, ledger, action_id)


def export_told(lake: Lake, ledger: Ledger, action_id: str, *, actor: str, again: bool = False) -> Path:
    """Write the approved list for the sending tool: customer_id, language, message.

    Who stands on a list that left before is left out, unless wanted `again`. Raises DeliveryError unapproved, and where
    nobody is left to tell. The file lies in the folder that an erasure searches.
    """
    found = telling(lake, ledger, action_id, again)
    if not found.approved:
        raise DeliveryError(
            f"{action_id}: nobody has approved this message: `voc actions told {action_id} --approve {found.digest}`."
        )
    if found.exported is not None and found.customers.empty:
        raise DeliveryError(
            f"{action_id}: all {found.n_told} customers stand on the list that {found.exported.by} exported on "
            f"{found.exported.on}: nobody is told twice. Use --again if that list was never sent."
        )
    path = lake.settings.out_dir / "told" / f"{action_id}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = found.customers.assign(message=found.customers["language"].map(found.texts))
    neutral_frame(sheet[["customer_id", "language", "message"]]).to_csv(path, index=False)
    note_export(lake, ledger, found, actor=actor)
    return path


def note_export(lake: Lake, ledger: Ledger, found: Telling, *, actor: str) -> None:
    """Note in the ledger that this list left for the sending tool: a keyed hash for each customer of it."""
    one, at = found.action.action_id, lake.settings.business_now()
    record(ledger, lambda known: edit.exported(known, one, found.digest, found.marks), actor=actor, at=at)
