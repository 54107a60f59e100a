"""Everything that passed between one customer and the company, on all channels, newest first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import queries, words
from dashboard.audit import noted
from dashboard.format import known
from dashboard.page import Page, from_url, to_url
from dashboard.verbatims import quote
from dashboard.words import plain
from insights.cases import label

PAGE_SIZE = 8
MINUTE = 60
ICONS = {
    "feedback": ":material/chat:",
    "contact": ":material/call:",
    "asked": ":material/mail:",
    "silent": ":material/mark_email_unread:",
    "left": ":material/logout:",
    "case": ":material/assignment_ind:",
}
GROUPS = {
    "said": ("feedback",),
    "contacts": ("contact", "left"),
    "surveys": ("asked", "silent"),
    "callbacks": ("case",),
}


def timeline(page: Page, customer_id: str, *, choose: bool = False) -> None:
    """Feedback, contacts, answers, invitations and callbacks of a customer, paged. `choose`: filters stand above."""
    _ = page._
    if not page.store.sees(customer_id):
        st.caption(_("This customer is outside your rights."))
        return
    noted(page, page.name or "customer", "timeline", customer_id)
    lake = page.rows(
        queries.TIMELINE, customer_id=customer_id, now=page.now, until=page.today, zone=page.settings.timezone
    )
    steps = sorted(
        [*lake.to_dict("records"), *_case_steps(page, customer_id)], key=lambda step: step["happened_at"], reverse=True
    )
    if not steps:
        st.caption(_("Nothing is known to have passed between this customer and us."))
        return
    kept = _chosen(page) if choose else ""
    steps = [step for step in steps if not kept or step["what"] in GROUPS[kept]]
    key = "_".join(["timeline", customer_id, *([kept] if kept else [])])
    start = PAGE_SIZE * (int(st.session_state.get(key, 1)) - 1)
    for step in steps[start : start + PAGE_SIZE]:
        _step(page, step)
    if not steps:
        st.caption(_("Nothing of this kind."))
    if len(steps) > PAGE_SIZE:
        st.pagination(-(-len(steps) // PAGE_SIZE), key=key)


def _chosen(page: Page) -> str:
    """The kind of steps to show; empty for all."""
    _ = page._
    names = {
        "": _("All"),
        "said": _("What they said"),
        "contacts": _("Contacts"),
        "surveys": _("Surveys"),
        "callbacks": _("Callbacks"),
    }
    from_url("steps", list(names), "")
    st.segmented_control(_("History"), list(names), key="steps", format_func=names.__getitem__, required=True)
    return str(to_url("steps", ""))


def _step(page: Page, step: dict[str, Any]) -> None:
    st.markdown(f"{ICONS[step['what']]} {plain(_title(page, step))}")
    if step["what"] != "feedback" or not known(step["text"]):
        return
    with st.container(border=True, gap="xsmall"):
        quote(page, step["text"])
        st.page_link(
            "views/verbatims.py",
            label=page._("Read it whole, with what it names"),
            icon=":material/open_in_full:",
            query_params={"feedback": step["feedback_id"], "lang": page.language},
        )


def _case_steps(page: Page, customer_id: str) -> list[dict[str, Any]]:
    cases = page.store.cases.values()
    return [
        {"what": "case", "happened_at": pd.Timestamp(at), "detail": kind.partition(".")[2], "text": case.reason}
        for case in cases
        if case.customer_id == customer_id
        for at, kind, _actor in case.history
    ]


def _title(page: Page, step: dict[str, Any]) -> str:
    """One line: when, what, where."""
    _, fmt = page._, page.fmt
    parts = [fmt.instant(step["happened_at"]), _what(page, step)]
    if step["what"] in ("feedback", "contact", "asked", "silent"):
        parts.append(words.channel(_, step["channel"] if known(step["channel"]) else None))
    if known(step.get("touchpoint")) and step["what"] in ("feedback", "contact"):
        parts.append(str(step["touchpoint"]))
    return " · ".join(dict.fromkeys(parts))  # the channel is often the touchpoint too


def _what(page: Page, step: dict[str, Any]) -> str:
    _, fmt = page._, page.fmt
    what, detail = step["what"], step["detail"] if known(step["detail"]) else None
    if what == "feedback":
        return " · ".join([words.kind(_, detail), *_scores(page, step)])
    if what == "contact":
        ways = {
            "abandoned": _("Contact, hung up before an answer"),
            "transferred": _("Contact, passed on to another team"),
        }
        said = ways.get(str(detail), _("Contact"))
        waited = step["wait_seconds"] if known(step["wait_seconds"]) else 0
        return said + (_(", {n} min of waiting").format(n=fmt.number(waited / 60)) if waited >= MINUTE else "")
    if what in ("asked", "silent"):
        survey = words.survey(_, detail)
        return (_("{survey}, answered") if what == "asked" else _("{survey}, no answer")).format(survey=survey)
    if what == "left":
        return _("Departure learned: {cause}").format(cause=words.departure(_, detail))
    steps = {"opened": _("opened"), "signal_added": _("one more signal")}
    return _("Callback ({reason}): {step}").format(
        reason=label(step["text"], page.language), step=steps.get(str(detail)) or label(str(detail), page.language)
    )


def _scores(page: Page, step: dict[str, Any]) -> list[str]:
    """The scores given in a response, each with its scale."""
    _, fmt = page._, page.fmt
    if step["metrics"] is None:
        return []
    names = {"nps": _("Recommendation"), "csat": _("Satisfaction"), "ces": _("Ease")}
    return [
        _("{score}: {value} on the scale {scale}").format(
            score=names.get(metric, metric), value=fmt.number(mark), scale=str(scale).split(" ")[0]
        )
        for metric, mark, scale in zip(step["metrics"], step["marks"], step["scales"], strict=True)
    ]
