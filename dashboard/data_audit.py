"""Who saw what: pages of customers that were opened, files that left, erasures, and what people decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.deciding import company_only
from dashboard.guard import empty
from dashboard.menu import BY_NAME, role_name
from dashboard.menu import title as page_title
from dashboard.page import Page, explained, from_url, headline, table, text_from_url, text_to_url, to_url
from dashboard.words import Translate, plain, plural
from insights.access.viewer import LOCAL
from insights.ledger.decisions import decisions
from insights.ledger.readings import WHATS, counts, readings

DAYS = ("7", "30", "183")
DECIDED = "decision"
LIMIT = 500


def audit_part(page: Page) -> None:
    _ = page._
    if company_only(page, _("Who saw what")):
        return
    since, until = _period(page)
    told = counts(page.store.ledger, since=since, until=until)
    decided = decisions(page.store.ledger, since=since, until=until, limit=LIMIT)
    _summary(page, told, len(decided))
    customer, who, whats = _filters(page)
    read = _readings(page, since, until, customer, who, whats)
    made = _decisions(page, decided, customer, who, whats)
    both = pd.concat([one for one in (read, made) if len(one)], ignore_index=True) if len(read) + len(made) else read
    if both.empty:
        empty(_("Nobody read or decided anything that fits."), _("Take a filter away, or ask for a longer time."))
        return
    both = both.sort_values("at", ascending=False, ignore_index=True)
    table(_frame(page, both), rows=15, wide=_("About"), wide_px=180, name=_("Who saw what"), raw=both)
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "Noted: opening the page, history, call or text of a customer, every download, every erasure (with the "
                "same person's second look within ten minutes left out). Kept for {days} days; an erased person "
                "stands here as a pseudonym. Times are those of the clock on the wall. At most {limit} lines are shown."
            ).format(days=page.fmt.number(page.settings.audit_days), limit=page.fmt.number(LIMIT))
        )


def _period(page: Page) -> tuple[datetime, datetime]:
    """The last days, by the wall clock: an audit says when it really happened."""
    from_url("days", DAYS, DAYS[1])
    until = datetime.now(UTC) + timedelta(seconds=1)
    return until - timedelta(days=int(st.session_state["days"])), until


def _summary(page: Page, told: pd.DataFrame, n_decided: int) -> None:
    _, fmt = page._, page.fmt
    by_what = dict(zip(told["what"], told["n"].astype(int), strict=True))
    looked = sum(n for what, n in by_what.items() if what not in ("export", "erasure"))
    exports, erased = by_what.get("export", 0), by_what.get("erasure", 0)
    parts = [
        plural(exports, _("{n} file downloaded"), _("{n} files downloaded"), page.language).format(
            n=fmt.number(exports)
        ),
        plural(erased, _("{n} erasure"), _("{n} erasures"), page.language).format(n=fmt.number(erased)),
        plural(n_decided, _("{n} decision"), _("{n} decisions"), page.language).format(n=fmt.number(n_decided)),
    ]
    advice = _("Look for whoever downloads much, or reads customers without a case.") if exports else ""
    sentence = plain(_("Beside them: {parts}.").format(parts=", ".join(parts))) + " " + advice
    definition = _("Openings of a customer's page, history, case, call or text, each reader once in ten minutes.")
    headline(
        _("Readings of customers"),
        fmt.number(looked),
        sentence,
        help=explained(page, definition, n=looked, as_of=datetime.now(UTC)),
    )


def _filters(page: Page) -> tuple[str, str, list[str]]:
    _ = page._
    period, customer, who, what = st.columns([3, 3, 3, 4])
    period.selectbox(
        _("Period"), DAYS, key="days", format_func=lambda n: _("Last {n} days").format(n=page.fmt.number(n))
    )
    to_url("days", DAYS[1])
    text_from_url("audit_customer")
    customer.text_input(_("Customer id"), key="audit_customer")
    text_from_url("audit_who")
    who.text_input(_("Reader"), key="audit_who", help=_("A name, or a part of one."))
    from_url("what", [*WHATS, DECIDED], [])
    what.multiselect(
        _("What happened"),
        [*WHATS, DECIDED],
        key="what",
        format_func=lambda one: what_name(_, one),
        placeholder=_("All"),
    )
    return text_to_url("audit_customer"), text_to_url("audit_who"), list(to_url("what", []))


def _readings(page: Page, since: datetime, until: datetime, customer: str, who: str, whats: list[str]) -> pd.DataFrame:
    """at, who, role, page, what, about, detail of what was read."""
    wanted = [one for one in whats if one != DECIDED]
    if whats and not wanted:
        return pd.DataFrame()
    found = readings(
        page.store.ledger, since=since, until=until, customer_id=customer or None, whats=wanted, limit=LIMIT
    )
    names = found["name"].where(found["name"] != "", found["subject"])
    found = found.assign(who=names, about=found["customer_id"].fillna(""))
    return found.loc[_fits(names, who), ["at", "who", "role", "page", "what", "about", "detail"]]


def _decisions(page: Page, decided: pd.DataFrame, customer: str, who: str, whats: list[str]) -> pd.DataFrame:
    """The same columns of what people decided."""
    if decided.empty or (whats and DECIDED not in whats):
        return pd.DataFrame()
    found = decided[_fits(decided["actor"], who)]
    if customer:
        found = found[found["subject"].str.contains(customer, regex=False)]
    told = {
        "who": found["actor"],
        "role": "",
        "page": "",
        "what": DECIDED,
        "about": found["subject"],
        "detail": found["kind"],
    }
    return found.assign(at=found["recorded_at"], **told)[["at", "who", "role", "page", "what", "about", "detail"]]


def _fits(names: pd.Series, who: str) -> pd.Series:
    return names.str.contains(who, case=False, regex=False) if who else names.notna()


def _frame(page: Page, both: pd.DataFrame) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    return pd.DataFrame(
        {
            _("When"): [fmt.instant(at) for at in both["at"]],
            _("Who"): [_("no name told") if who == LOCAL else who for who in both["who"]],
            _("What happened"): [what_name(_, what) for what in both["what"]],
            _("About"): both["about"],
            _("More"): [_more(page, row) for row in both.to_dict("records")],
            _("Role"): [role_name(_, role) if role else "" for role in both["role"]],
            _("Page"): [page_title(_, one) if one in BY_NAME else one for one in both["page"]],
        }
    )


def _more(page: Page, row: dict[str, Any]) -> str:
    """What a decision was about, in a word; the kind of the event itself stands in the file."""
    _, detail = page._, str(row["detail"])
    if row["what"] != DECIDED:
        return detail
    family = {
        "action": _("Action"),
        "alarm": _("Alarm"),
        "case": _("Case"),
        "comment": _("Comment"),
        "incident": _("Incident"),
        "irritant": _("Irritant"),
    }
    return family.get(detail.partition(".")[0], detail)


def what_name(_: Translate, what: str) -> str:
    """A kind of line as a person says it."""
    return {
        "customer": _("Opened a customer"),
        "timeline": _("Read a customer's history"),
        "case": _("Opened a case"),
        "transcript": _("Read a whole call"),
        "verbatim": _("Read a whole text"),
        "export": _("Downloaded"),
        "erasure": _("Erased a person"),
        DECIDED: _("Decided"),
    }.get(what, what)
