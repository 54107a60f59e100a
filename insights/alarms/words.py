"""What an incident says, in French or English: what, since when, how many people, where, what they say, what was before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from insights.alarms.incidents import DUPLICATE, FALSE_ALARM, PLANNED, REAL
from insights.alarms.model import POOLED
from insights.contracts import UNCLASSIFIED
from insights.i18n import translator

RANG, TEST = "incident.opened", "incident.test"
CHANNELS: Mapping[str, str] = {
    "email": "E-mail",
    "sms": "Text message",
    "phone": "Telephone",
    "chat": "Chat",
    "web": "Website",
    "app": "Mobile app",
    "social": "Social media",
    "review_site": "Review sites",
    "letter": "Letter",
    "form": "Online form",
}


def outcome(reason: str | None, language: str) -> str:
    """What came of an incident, as people say it."""
    _ = translator(language)
    words = {
        REAL: _("real incident"),
        FALSE_ALARM: _("false alarm"),
        PLANNED: _("planned work"),
        DUPLICATE: _("duplicate of another incident"),
    }
    return words.get(reason or "", _("not judged"))


def name_of(series: str, label_fr: str | None, label_en: str | None, language: str) -> str:
    """What the series is called: the irritant's name, in the other language where it has none."""
    _ = translator(language)
    if series == POOLED:
        return _("all irritants together")
    if series == UNCLASSIFIED:
        return _("Unclassified")
    first, second = (label_fr, label_en) if language == "fr" else (label_en, label_fr)
    return first or second or series


def title(name: str, n_authors: int, language: str) -> str:
    """The subject of a mail, the first line of a chat message."""
    _ = translator(language)
    return _("Alarm: {name} ({n} people)").format(name=name, n=n_authors)


def people(n_authors: int, expected: float, minutes: float, language: str) -> str:
    """`31 people in 12 minutes, where 0.4 were expected.`"""
    _ = translator(language)
    long = minutes >= 120
    told = (
        _("{n} people in {time} hours, where {expected} were expected.")
        if long
        else _("{n} people in {time} minutes, where {expected} were expected.")
    )
    time = round(minutes / 60) if long else max(1, round(minutes))
    return told.format(n=n_authors, time=time, expected=figure(expected, language))


def figure(value: float, language: str) -> str:
    """A small count with one decimal under ten, as the language writes it."""
    _ = translator(language)
    if value < 0.05:
        return _("less than {least}").format(least="0,1" if language == "fr" else "0.1")
    text = f"{value:.1f}" if value < 9.95 else f"{value:.0f}"
    return text.replace(".", ",") if language == "fr" else text


def local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%d/%m/%Y %H:%M")


def where(evidence: Mapping[str, Any], language: str) -> list[str]:
    """Where the people are: one line for channels, regions and products that are known."""
    _ = translator(language)
    heads = {"channels": _("Channels"), "regions": _("Regions"), "products": _("Products")}
    lines = []
    for name, head in heads.items():
        found = evidence.get(name) or {}
        said = [
            f"{_(CHANNELS[key]) if name == 'channels' and key in CHANNELS else key} {n}" for key, n in _ranked(found)
        ]
        lines += [_("{what}: {values}").format(what=head, values=", ".join(said))] if said else []
    return lines


def _ranked(found: Mapping[str, int]) -> list[tuple[str, int]]:
    """Sorted JSON has lost the order of the counts."""
    return sorted(found.items(), key=lambda pair: (-int(pair[1]), pair[0]))


def words_said(terms: Sequence[Mapping[str, Any]], language: str) -> str:
    """Emerging terms on one line; empty without any."""
    _ = translator(language)
    told = ", ".join(_("“{term}” ({n})").format(term=one["term"], n=one["n"]) for one in terms)
    return _("New words: {terms}").format(terms=told) if told else ""


def before(past: Sequence[Mapping[str, Any]], zone: str, language: str) -> list[str]:
    """Similar incidents of the past and what came of them."""
    _ = translator(language)
    told = _("Similar: {at}, {outcome}")
    return [
        told.format(
            at=local(datetime.fromisoformat(one["raised_at"]), zone), outcome=outcome(one.get("reason"), language)
        )
        for one in past
    ]


def message(told: Mapping[str, Any], language: str) -> tuple[str, list[str]]:
    """Title and lines of a queued message. `told`: its payload; `said`: the frame and the quotes that can still be read."""
    _ = translator(language)
    if told.get("subject_code") == TEST:
        return _("Test: alarms arrive here."), [_("This is a test. Nothing has happened.")]
    facts, said = told["facts"], told.get("said") or {}
    frame, zone = said.get("frame") or {}, str(facts.get("timezone") or "Europe/Paris")
    name = name_of(str(facts["series"]), frame.get("label_fr"), frame.get("label_en"), language)
    started, raised = (datetime.fromisoformat(str(facts[key])) for key in ("started_at", "raised_at"))
    minutes = (raised - started).total_seconds() / 60
    lines = [
        people(int(facts["n_authors"]), float(facts["expected"]), minutes, language),
        _("Since {at}.").format(at=local(started, zone)),
        *where(facts, language),
    ]
    lines += [line for line in [words_said(frame.get("terms") or (), language)] if line]
    lines += [_("“{quote}”").format(quote=quote) for quote in said.get("quotes") or ()]
    lines += before(frame.get("similar") or (), zone, language)
    return title(name, int(facts["n_authors"]), language), lines


__all__ = [
    "CHANNELS",
    "RANG",
    "TEST",
    "before",
    "figure",
    "local",
    "message",
    "name_of",
    "outcome",
    "people",
    "title",
    "where",
]
