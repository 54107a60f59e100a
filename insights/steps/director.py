"""Write the director's monthly page: the last complete month of the business day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from insights.actions.model import DROPPED
from insights.actions.picture import action_frame
from insights.cases import cases_frame, fold_cases
from insights.digest.director import Line, Month, director_page, promises
from insights.digest.words import Words
from insights.lake import Lake
from insights.ledger import Ledger
from insights.proof.known import known_paths, load_known
from insights.steps.actions import book
from insights.steps.digest import compose
from insights.steps.resolved import registry
from insights.steps.window import analysis_day, month_end


def write_director_page(lake: Lake, ledger: Ledger, language: str) -> Path:
    """Write the page of the last complete month in one language and return its path."""
    month = month_of(lake, ledger, language)
    path = lake.settings.out_dir / "director" / f"director-{month.last_day:%Y-%m}-{language}.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(director_page(Words(language, lake.settings.timezone), month))
    return path


def month_of(lake: Lake, ledger: Ledger, language: str) -> Month:
    """What stands on the page; nothing is written."""
    settings = lake.settings
    day = analysis_day(lake)
    last = month_end(day)
    issue = compose(lake, ledger, language)
    cases = cases_frame(fold_cases(ledger.events(("case.",))), settings.business_now())
    return Month(
        company=settings.company,
        first_day=last.replace(day=1),
        last_day=last,
        as_of=day,
        headline=issue.headline,
        scores=issue.scores,
        items=issue.items,
        actions=_lines(lake, ledger, language, day),
        promises=promises(cases, last.replace(day=1), last, settings.timezone),
        example=settings.simulated,
    )


def _lines(lake: Lake, ledger: Ledger, language: str, day: date) -> list[Line]:
    """Every action that was not dropped, the overdue first."""
    actions, known = book(ledger).actions, registry(ledger)
    fixes = {row["action_id"]: row for row in lake.read("SELECT * FROM fix WHERE speaks").to_dict("records")}
    paths = known_paths(lake.settings.reference_dir, lake.settings.data_dir)
    events = {one.fr: one.name(language) for one in load_known(*paths)}
    out = []
    for row in action_frame(actions.values(), {}, day).to_dict("records"):
        one = actions[row["action_id"]]
        if one.state == DROPPED:
            continue
        irritant = known.irritants.get(known.resolve(one.irritant_id))
        fix = fixes.get(one.action_id)
        label = irritant.label(language)[0] if irritant else one.irritant_id
        event = events.get(str(fix["known_event"]), "") if fix else ""
        out.append(Line(one.title, label, one.owner or "", one.state, int(row["days_late"]), fix, event))
    return out
