"""Who may be asked a survey today, who may not and why: a list for the survey tool, and what the lake keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from insights.cases.holdout import draw
from insights.contactability import SURVEY, ContactRules, Facts, may_contact, wish_draft
from insights.contactability.wishes import LISTED
from insights.errors import SettingsError
from insights.lake import Lake
from insights.ledger import Ledger
from insights.questionnaires import Questionnaire, load_questionnaires
from insights.settings import Settings
from insights.spreadsheets import neutral_frame
from insights.steps.contact_facts import contact_facts, contact_rules, wishes

NOT_DRAWN = "not_sampled"  # the word survey tools use
RECENT_DAYS = 7  # a survey that stands for contacts asks those of the last week
CONTACTED = """
SELECT DISTINCT customer_id FROM contact
WHERE occurred_at > $since AND occurred_at <= $now AND list_contains($channels::VARCHAR[], channel)
  AND customer_id IS NOT NULL
ORDER BY customer_id
"""


@dataclass(frozen=True)
class SurveyList:
    """One list. `asked`: customer_id, key; `not_asked`: customer_id, reason, until (UTC; NULL: time changes nothing)."""

    survey: str
    channel: str
    at: datetime
    asked: pd.DataFrame
    not_asked: pd.DataFrame
    counts: Mapping[str, int] = field(default_factory=dict)


def survey_list(
    lake: Lake,
    ledger: Ledger,
    survey: str,
    *,
    channel: str = "email",
    among: Sequence[str] | None = None,
    size: int | None = None,
) -> SurveyList:
    """Who may be asked now. `among`: candidates, else those the survey stands for; `size`: as many, drawn by the seed.

    Raises SettingsError for a survey that questionnaires.yaml does not declare.
    """
    settings, rules = lake.settings, contact_rules(lake.settings)
    declared = declared_survey(settings, survey)
    chosen = among if among is not None else _candidates(lake, declared)
    facts = contact_facts(lake, ledger, rules, chosen)
    at = settings.business_now()
    if among is None:  # who is gone is no candidate of a list drawn from the pictures
        facts = {one: found for one, found in facts.items() if found.current and not found.leaving}
    return decided(facts, survey, channel, at, rules, size=size, seed=settings.seed)


def decided(
    facts: Mapping[str, Facts],
    survey: str,
    channel: str,
    at: datetime,
    rules: ContactRules,
    *,
    size: int | None = None,
    seed: int = 0,
) -> SurveyList:
    """The list from the facts; every candidate is on one of its two sides, and on one only."""
    free: list[str] = []
    kept: list[tuple[str, str, datetime | None]] = []
    for customer in sorted(facts):
        verdict = may_contact(facts[customer], SURVEY, channel, at, rules=rules, survey=survey)
        if verdict.blocks:
            kept.append((customer, verdict.rule_id, verdict.until))
        else:
            free.append(customer)
    if size is not None and size < len(free):
        drawn = sorted(free, key=lambda one: (draw(one, f"{seed}:{survey}:{at.date().isoformat()}"), one))
        kept += [(one, NOT_DRAWN, None) for one in sorted(drawn[size:])]
        free = sorted(drawn[:size])
    not_asked = pd.DataFrame(kept, columns=["customer_id", "reason", "until"]).sort_values("customer_id")
    not_asked["until"] = pd.to_datetime(not_asked["until"], utc=True)
    counts = {str(name): int(n) for name, n in not_asked["reason"].value_counts().items()}
    return SurveyList(survey, channel, at, pd.DataFrame({"customer_id": free}), not_asked, counts)


def declared_survey(settings: Settings, survey: str) -> Questionnaire:
    """The declared questionnaire of that name. Raises SettingsError with the names there are."""
    known = {one.survey: one for one in load_questionnaires(settings.reference_dir)}
    if survey not in known:
        raise SettingsError(
            f"{survey!r} is no questionnaire of {settings.reference_dir / 'questionnaires.yaml'}: "
            f"use {', '.join(known)}, or declare it there."
        )
    return known[survey]


def _candidates(lake: Lake, declared: Questionnaire) -> list[str] | None:
    """Customers the survey stands for; None: everybody in a picture."""
    if declared.stands_for != "contacts":
        return None
    now = lake.settings.business_now()
    found = lake.read(
        CONTACTED, since=now - timedelta(days=RECENT_DAYS), now=now, channels=list(declared.contact_channels)
    )
    return [str(one) for one in found["customer_id"]]


def write_list(found: SurveyList, path: Path) -> tuple[Path, Path]:
    """The list as CSV, and beside it who is not on it and why. Only their owner can read the files."""
    beside = path.with_name(f"{path.stem}-not-asked.csv")
    path.parent.mkdir(parents=True, exist_ok=True)
    neutral_frame(found.asked.assign(survey=found.survey, channel=found.channel)).to_csv(path, index=False)
    neutral_frame(found.not_asked.assign(survey=found.survey)).to_csv(beside, index=False)
    for file in (path, beside):
        file.chmod(0o600)
    return path, beside


def record_list(lake: Lake, ledger: Ledger, found: SurveyList, *, actor: str) -> tuple[int, int]:
    """Remember that this list is being sent: (customers asked, customers not asked) newly kept. Twice changes nothing.

    Who is asked goes into the ledger, so that the quarantine holds from now on, before the survey tool's own export comes.
    Who is not becomes a suppressed row of `invitation`, with the reason: the weighting knows them as never asked.
    """
    drafts = [
        wish_draft(LISTED, str(one), actor=actor, at=found.at, survey=found.survey, channel=found.channel).row()
        for one in found.asked["customer_id"]
    ]
    n_asked = ledger.append_many(drafts)
    rows = _suppressed(found, _listed_before(ledger, found))
    with lake.write() as writer:
        n_not = writer.insert_new("invitation", rows)
    return n_asked, n_not


def _listed_before(ledger: Ledger, found: SurveyList) -> set[str]:
    """Customers put on a list of this survey this month: they are asked, whatever this list says of them."""
    month = (found.at.year, found.at.month)
    return {
        customer
        for customer, wish in wishes(ledger).items()
        if any(name == found.survey and (at.year, at.month) == month for at, name, _ in wish.listed)
    }


def _suppressed(found: SurveyList, asked: set[str]) -> pd.DataFrame:
    """INVITATION rows of those not asked."""
    kept = found.not_asked[~found.not_asked["customer_id"].isin(sorted(asked))]
    day = found.at.astimezone(UTC).date().isoformat()
    return pd.DataFrame(
        {
            "invitation_id": [f"not-asked:{found.survey}:{day}:{one}" for one in kept["customer_id"]],
            "customer_id": kept["customer_id"].to_numpy(),
            "survey": found.survey,
            "channel": found.channel,
            "suppressed_reason": kept["reason"].to_numpy(),
            "available_at": pd.Timestamp(found.at).tz_convert("UTC"),
        }
    )
