"""Why a contact may not be made, and from when: sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_day_names

from insights.calendar import WEEKDAYS
from insights.contactability.config import ContactRules
from insights.contactability.facts import UNKNOWN_DAY
from insights.contactability.model import CALL, Finding, Verdict
from insights.i18n import translator

Translate = Callable[[str], str]
LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def verdict_sentence(verdict: Verdict, language: str) -> str:
    """One or two sentences: allowed, or the first reason and the earliest instant at which nothing speaks against it."""
    _ = translator(language)
    if verdict.allowed:
        return _("This contact is allowed now.")
    return " ".join(
        part for part in (finding_sentence(verdict, verdict.findings[0], language), until(verdict, language)) if part
    )


def why_not(verdict: Verdict, language: str, rules: ContactRules | None = None) -> list[str]:
    """Everything to be told of a contact, a line each: every reason, from when it is allowed, what to do first.

    With `rules`, each reason is followed by the text it rests on.
    """
    lines = [finding_sentence(verdict, one, language, rules) for one in verdict.findings]
    lines += [until(verdict, language)] if not verdict.allowed else []
    lines += [finding_sentence(verdict, one, language, rules) for one in verdict.steps]
    return [line for line in lines if line] or [verdict_sentence(verdict, language)]


def until(verdict: Verdict, language: str) -> str:
    """`Earliest: Monday 2 November at 06:00 (10:00 for the customer).`; empty when time changes nothing."""
    if verdict.until is None:
        return ""
    _ = translator(language)
    here, there = moment(verdict.until, verdict.timezone, language), clock(verdict.until, verdict.customer_timezone)
    if clock(verdict.until, verdict.timezone) == there:
        return _("Earliest: {time}.").format(time=here)
    return _("Earliest: {time} ({there} for the customer).").format(time=here, there=there)


def finding_sentence(verdict: Verdict, found: Finding, language: str, rules: ContactRules | None = None) -> str:
    """One rule as a sentence; with `rules`, the text it rests on behind it."""
    _ = translator(language)
    name = found.rule_id
    if name == "survey_rest" and found.values.get("kind") == CALL:
        name = "survey_rest_call"
    text = _texts(_)[name].format(**_values(verdict, found, language))
    text = text.replace(" ()", "")
    if rules is None:
        return text
    return f"{text} [{rules.rule(found.rule_id).rests_on(language)}]"


def rule_name(rule_id: str, language: str) -> str:
    """A rule in two to five words, for lists and counts; the id where it is none of ours."""
    return _names(translator(language)).get(rule_id, rule_id)


def offer_name(rules: ContactRules, offer: str | None, language: str) -> str:
    """An offer in the reader's language; its id where it is not declared."""
    known = rules.offers.get(offer or "")
    return known.name.get(language, offer or "") if known else offer or ""  # type: ignore[call-overload]


def moment(at: datetime, timezone: str, language: str) -> str:
    """`Monday 2 November at 10:00`."""
    pattern = "EEEE d MMMM 'à' HH:mm" if language == "fr" else "EEEE d MMMM 'at' HH:mm"
    return str(format_datetime(at.astimezone(ZoneInfo(timezone)), pattern, locale=LOCALES[language]))


def clock(at: datetime, timezone: str) -> str:
    """Wall-clock time of an instant."""
    return at.astimezone(ZoneInfo(timezone)).strftime("%H:%M")


def _values(verdict: Verdict, found: Finding, language: str) -> dict[str, object]:
    """What the sentences are filled with: days as people write them, codes as words."""
    _ = translator(language)
    zone = verdict.timezone
    said = found.values.get("day") or found.since
    values: dict[str, object] = dict(found.values)
    values["day"] = "" if said is None or said <= UNKNOWN_DAY else day(said, zone, language)
    if "at" in found.values:
        values["time"] = moment(found.values["at"], zone, language)
    if "channel" in found.values:
        values["channel"] = _channels(_).get(found.values["channel"], found.values["channel"])
    if "offer" in found.values:
        named = found.values.get("offer_name") or {}
        values["offer"] = named.get(language) or found.values["offer"] or _("no offer declared")
    if "opening" in found.values:
        values["opening"] = opening_words(found.values["opening"], language)
    return values


def day(at: datetime, timezone: str, language: str) -> str:
    """`2 November 2026`."""
    return str(format_date(at.astimezone(ZoneInfo(timezone)).date(), "long", locale=LOCALES[language]))


def opening_words(opening: Mapping[str, tuple[str, ...]], language: str) -> str:
    """`Monday to Friday 10:00-13:00, 14:00-20:00`; a day a part where they differ."""
    _, names = translator(language), get_day_names("wide", locale=LOCALES[language])
    days = [one for one in WEEKDAYS if opening.get(one)]
    runs: list[list[str]] = []
    for one in days:
        if runs and opening[one] == opening[runs[-1][0]] and WEEKDAYS.index(one) == WEEKDAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    parts = []
    for run in runs:
        first, last = names[WEEKDAYS.index(run[0])], names[WEEKDAYS.index(run[-1])]
        span = first if len(run) == 1 else _("{first} to {last}").format(first=first, last=last)
        parts.append(f"{span} {', '.join(opening[run[0]])}")
    return "; ".join(parts)


def _texts(_: Translate) -> dict[str, str]:
    return {
        "anonymous": _("Anonymity was promised for this answer: nobody is contacted about it."),
        "no_recontact": _("The customer does not want to be contacted about their answers ({day})."),
        "do_not_contact": _("The customer asked not to be contacted any more ({day})."),
        "objection": _("The customer objected: no offer, and no call of our own making."),
        "survey_refused": _("The customer refused surveys ({day})."),
        "leaving": _("The customer's departure is under way: nothing is offered any more."),
        "former": _("No longer a customer: the relationship survey stands for current customers."),
        "banned_offer": _("This offer ({offer}) may not be made to a consumer, with or without consent."),
        "consent_withdrawn": _("The customer withdrew their consent to sales calls ({day})."),
        "consent": _(
            "No consent to sales calls can be shown, and the offer ({offer}) is not about the current contract."
        ),
        "consent_expired": _("The consent to sales calls of {day} has expired: it is good for {days} days."),
        "electronic_consent": _(
            "An offer by message needs the customer's consent, unless it is like what they have with us."
        ),
        "refusal_silence": _("The customer refused on {day}: no sales call for {days} whole days."),
        "attempts": _("{n} sales calls in {days} days: at most {most} are allowed."),
        "hours": _("Outside the hours of sales calls: {opening} on the customer's clock, never on a public holiday."),
        "team_hours": _("The team is closed at that time."),
        "appointment": _("The customer asked to be called on {time}."),
        "preferred_channel": _("The customer prefers another channel: {channel}."),
        "sms_before": _("Send a text message {minutes} minutes before the call."),
        "open_case": _("A case of this customer has been open since {day}: the survey comes after it is closed."),
        "open_complaint": _("A complaint of {day} is taken to wait for its answer, for up to {days} days."),
        "survey_rest": _("Asked on {day}: at least {days} days of rest before this survey."),
        "survey_rest_call": _("Called on {day}: at least {days} days of rest before this survey."),
    }


def _names(_: Translate) -> dict[str, str]:
    return {
        "anonymous": _("anonymity was promised"),
        "no_recontact": _("does not want to be contacted again"),
        "do_not_contact": _("asked not to be contacted"),
        "objection": _("objected"),
        "survey_refused": _("refused surveys"),
        "leaving": _("departure under way"),
        "former": _("no longer a customer"),
        "banned_offer": _("banned offer"),
        "consent_withdrawn": _("consent withdrawn"),
        "consent": _("no proven consent"),
        "consent_expired": _("consent expired"),
        "electronic_consent": _("no consent to messages"),
        "refusal_silence": _("rest after a refusal"),
        "attempts": _("called too often"),
        "hours": _("outside legal hours"),
        "team_hours": _("team closed"),
        "appointment": _("before the appointment"),
        "preferred_channel": _("prefers another channel"),
        "sms_before": _("text message first"),
        "open_case": _("a case is open"),
        "open_complaint": _("a complaint is open"),
        "survey_rest": _("asked not long ago"),
        # what survey tools write
        "quarantine": _("asked not long ago"),
        "opt_out": _("refused surveys"),
        "no_address": _("no address"),
        "not_sampled": _("not drawn"),
        "(none)": _("no reason noted"),
    }


def _channels(_: Translate) -> dict[str, str]:
    return {
        "phone": _("a call"),
        "sms": _("a text message"),
        "email": _("an e-mail"),
        "letter": _("a letter"),
        "app": _("the app"),
    }
