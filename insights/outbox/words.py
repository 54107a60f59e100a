"""The sentences of a notice, in French or English, from its codes and times alone; an incident brings redacted quotes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.alarms import words as alarms
from insights.cases import notices as codes
from insights.cases.labels import label
from insights.i18n import translator

FACTS = ("reason", "due_at", "waited_hours", "timezone")  # all that may be told
TEST = "test"
CALLED = "comment.called"  # a colleague called somebody in a comment
OF_CONTACT = (codes.REMINDER, codes.ESCALATION, codes.TRANSFERRED_TO_YOU)
OF_ANSWER = (codes.RESOLUTION_SOON, codes.RESOLUTION_LATE, codes.ACKNOWLEDGE)


@dataclass(frozen=True)
class Words:
    """What a person reads."""

    title: str
    lines: tuple[str, ...]
    link: str
    open_it: str
    language: str


def words_of(body: bytes, options: Mapping[str, Any]) -> Words:
    """The words of a queued notice (`message.queued` payload as JSON)."""
    told = json.loads(body)
    language = str(told.get("language") or options.get("language") or "fr")
    _ = translator(language)
    facts: Mapping[str, Any] = {name: told.get("facts", {}).get(name) for name in FACTS}
    code = str(told["subject_code"])
    if code in (alarms.RANG, alarms.TEST):
        title, lines = alarms.message(told, language)
        link = f"{options.get('dashboard_url', '')}/alarms?incident={told['case_id']}&lang={language}"
        return Words(title, tuple(lines), link, _("Open the incident"), language)
    if code == CALLED:
        return _called(told["facts"], options, language)
    title = _title(code, language).format(case=told["case_id"])
    return Words(
        title,
        tuple(_lines(code, facts, language)),
        str(options.get("dashboard_url", "")),
        _("Open the list of callbacks"),
        language,
    )


def _called(facts: Mapping[str, Any], options: Mapping[str, Any], language: str) -> Words:
    """Who called you, about what, and where to read it: never the words of the comment."""
    _ = translator(language)
    page, query = ("actions", "action") if facts["about"] == "action" else ("irritants", "irritant")
    link = f"{options.get('dashboard_url', '')}/{page}?{query}={facts['about_id']}&lang={language}"
    title = _("{who} calls you on « {what} »").format(who=facts["by"], what=facts["label"])
    about = _("It is about an action.") if facts["about"] == "action" else _("It is about an irritant.")
    return Words(title, (about, _("What was written is read in the application only.")), link, _("Read it"), language)


def _title(code: str, language: str) -> str:
    _ = translator(language)
    known = {
        codes.REMINDER: _("Case {case}: the due time comes near and nobody has spoken to the customer."),
        codes.ESCALATION: _("Case {case}: the due time has passed and nobody has spoken to the customer."),
        codes.RESOLUTION_SOON: _("Case {case}: the answer that was promised is due soon."),
        codes.RESOLUTION_LATE: _("Case {case}: the answer that was promised is late."),
        codes.ACKNOWLEDGE: _("Case {case}: this formal complaint has to be acknowledged in writing."),
        codes.OMBUDSMAN: _("Case {case}: open for two months, the customer may go to the ombudsman."),
        codes.OPENED_URGENT: _("Case {case}: danger or distress, to be answered at once."),
        codes.TRANSFERRED_TO_YOU: _("Case {case} was handed on to you."),
    }
    if code == TEST:
        return _("Test: notices of callbacks arrive here.")
    return known.get(code, _("Case {case}: look at the list of callbacks."))


def _lines(code: str, facts: Mapping[str, Any], language: str) -> list[str]:
    _ = translator(language)
    zone = ZoneInfo(str(facts["timezone"] or "Europe/Paris"))
    found = []
    if facts["reason"]:
        found.append(_("Reason: {reason}").format(reason=label(str(facts["reason"]), language)))
    if facts["due_at"] and code in (*OF_CONTACT, *OF_ANSWER):
        text = _("First contact due: {at}") if code in OF_CONTACT else _("Answer due: {at}")
        at = datetime.fromisoformat(str(facts["due_at"])).astimezone(zone)
        found.append(text.format(at=at.strftime("%d/%m/%Y %H:%M")))
    if facts["waited_hours"] is not None:
        hours = f"{float(facts['waited_hours']):.0f}"
        found.append(_("The customer has waited {hours} h.").format(hours=hours))
    return found
