"""One test a rule of contact_rules.yaml, on the borders of the text it rests on."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from law_tools import CLEAR, THURSDAY, at, said

from insights.calendar import Calendar
from insights.contactability import Ask, ContactRules, Facts, may_contact
from insights.contactability.law import LAWS

HOUR = timedelta(hours=1)
OFFICE = Calendar("Europe/Paris", {day: ((8 * 60, 20 * 60),) for day in range(5)})
BUSINESS = Facts("B1", business=True)


def test_every_rule_has_a_test_a_source_and_a_function(rules: ContactRules) -> None:
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    tested = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    listed = [entry.id for entry in rules.rules]
    assert [one for one in listed if f"test_rule_{one}" not in tested] == []
    assert sorted(listed) == sorted(LAWS)
    assert [entry.id for entry in rules.rules if min(len(entry.source), len(entry.source_fr)) < 30] == []
    texts = [entry.id for entry in rules.rules if entry.read != "ours"]
    for language in ("fr", "en"):
        sources = {one: rules.rule(one).rests_on(language) for one in texts}
        assert [one for one in texts if not any(sign in sources[one] for sign in ("RGPD", "conso", "CPCE"))] == []


def test_rule_anonymous(rules: ContactRules) -> None:
    for purpose in ("service", "survey", "prospecting"):
        assert said("anonymous", rules, CLEAR, purpose, anonymous=True)
        assert not said("anonymous", rules, CLEAR, purpose)
    verdict = may_contact(CLEAR, "service", "phone", THURSDAY, rules=rules, anonymous=True, urgent=True)
    assert (verdict.blocks, verdict.rule_id, verdict.until) == (True, "anonymous", None)


def test_rule_no_recontact(rules: ContactRules) -> None:
    refused = replace(CLEAR, recontact_no_at=THURSDAY - 24 * HOUR)
    assert said("no_recontact", rules, CLEAR, "service", said_no=True)
    assert said("no_recontact", rules, refused, "service", said_at=THURSDAY - 48 * HOUR)  # said no after these words
    assert not said("no_recontact", rules, refused, "service", said_at=THURSDAY - HOUR)  # wrote to us again since
    assert said("no_recontact", rules, refused, "prospecting", said_at=THURSDAY - HOUR)
    assert said("no_recontact", rules, CLEAR, "service", said_no=True, owed=True).warns  # the law wants an answer
    assert not may_contact(refused, "service", "phone", THURSDAY, rules=rules, owed=True).blocks
    assert may_contact(refused, "service", "phone", THURSDAY, rules=rules, owed=True, offer="add_on").blocks
    assert not said("no_recontact", rules, refused, "survey")
    assert not said("no_recontact", rules, refused, when=THURSDAY - 48 * HOUR)


def test_rule_do_not_contact(rules: ContactRules) -> None:
    asked = replace(CLEAR, do_not_at=THURSDAY)
    assert said("do_not_contact", rules, asked).since == THURSDAY
    assert said("do_not_contact", rules, replace(BUSINESS, do_not_at=THURSDAY), "survey", "email", survey="relational")
    assert said("do_not_contact", rules, asked, "service").warns
    assert not said("do_not_contact", rules, asked, "service", urgent=True)
    assert not said("do_not_contact", rules, asked, when=THURSDAY - HOUR)


def test_rule_objection(rules: ContactRules) -> None:
    assert said("objection", rules, replace(CLEAR, objection=True), channel="letter")
    assert said("objection", rules, replace(BUSINESS, objection=True))  # a business may object too
    assert not said("objection", rules, replace(CLEAR, objection=True), "service")
    assert not said("objection", rules, CLEAR)


def test_rule_survey_refused(rules: ContactRules) -> None:
    refused = replace(CLEAR, survey_no_at=THURSDAY)
    assert said("survey_refused", rules, refused, "survey", "sms", survey="post_call")
    assert not said("survey_refused", rules, refused, "service")
    assert not said("survey_refused", rules, refused, "survey", survey="post_call", when=THURSDAY - HOUR)


def test_rule_leaving(rules: ContactRules) -> None:
    assert said("leaving", rules, replace(CLEAR, leaving=True), offer="retention")
    assert not said("leaving", rules, replace(CLEAR, leaving=True), "service")
    assert not said("leaving", rules, CLEAR)


def test_rule_former(rules: ContactRules) -> None:
    gone = replace(CLEAR, current=False)
    assert said("former", rules, gone, "survey", "email", survey="relational")
    assert not said("former", rules, gone, "survey", "email", survey="post_complaint")
    assert not said("former", rules, CLEAR, "survey", "email", survey="relational")


def test_rule_banned_offer(rules: ContactRules) -> None:
    for channel in ("phone", "sms", "email", "letter"):
        assert said("banned_offer", rules, CLEAR, channel=channel, offer="energy_works")  # consent changes nothing
    assert said("banned_offer", rules, CLEAR, offer="home_adaptation")
    assert not said("banned_offer", rules, CLEAR, offer="add_on")
    assert not said("banned_offer", rules, BUSINESS, offer="energy_works")


def test_rule_consent_withdrawn(rules: ContactRules) -> None:
    given, gone = at("2026-09-01T10:00"), at("2026-10-01T10:00")
    back = Facts("C1", consent_at=given, consent_source="form", withdrawn_at=gone)
    assert said("consent_withdrawn", rules, back).since == gone
    assert said("consent_withdrawn", rules, back, offer="add_on")  # the contract does not give it back
    assert not said("consent_withdrawn", rules, replace(back, consent_at=at("2026-10-02T10:00")))
    assert not said("consent_withdrawn", rules, back, when=at("2026-09-30T11:00"))
    assert not said("consent_withdrawn", rules, replace(back, business=True))


def test_rule_consent(rules: ContactRules) -> None:
    assert not said("consent", rules, CLEAR)
    assert said("consent", rules, Facts("C1"))
    assert said("consent", rules, replace(CLEAR, consent_source=" "))  # nobody can show it
    assert said("consent", rules, replace(CLEAR, consent_at=THURSDAY + HOUR))
    assert not said("consent", rules, Facts("C1"), offer="add_on")  # related to the current contract
    assert said("consent", rules, Facts("C1", current=False), offer="add_on")  # a former customer has none
    assert said("consent", rules, Facts("C1"), offer=None)
    assert not said("consent", rules, Facts("C1"), when=at("2026-08-10T23:59"))
    assert said("consent", rules, Facts("C1"), when=at("2026-08-11T00:00"))
    assert not said("consent", rules, BUSINESS)
    assert not said("consent", rules, Facts("C1"), "service")


def test_rule_consent_expired(rules: ContactRules) -> None:
    given = replace(CLEAR, consent_at=at("2026-09-01T23:30"))
    assert not said("consent_expired", rules, given, when=at("2027-08-31T19:59"))
    assert said("consent_expired", rules, given, when=at("2027-09-01T10:00"))
    assert not said("consent_expired", rules, given, when=at("2027-09-01T10:00"), offer="renewal")
    assert not said("consent_expired", rules, Facts("C1"))  # that is the rule `consent`


def test_rule_electronic_consent(rules: ContactRules) -> None:
    assert said("electronic_consent", rules, CLEAR, channel="sms")  # consent to calls is none to messages
    assert said("electronic_consent", rules, replace(CLEAR, current=False), channel="email", offer="add_on")
    assert not said("electronic_consent", rules, CLEAR, channel="email", offer="add_on")
    assert not said("electronic_consent", rules, BUSINESS, channel="email")
    assert not said("electronic_consent", rules, CLEAR, channel="letter")


def test_rule_refusal_silence(rules: ContactRules) -> None:
    refused = replace(CLEAR, refused_at=at("2026-09-01T18:00"))
    last, first = at("2026-10-31T23:59"), at("2026-11-01T00:00")  # 60 whole days: 2 September to 31 October
    assert said("refusal_silence", rules, refused, when=last).until == first
    assert not said("refusal_silence", rules, refused, when=first)
    assert said("refusal_silence", rules, refused, when=last, offer="add_on")
    assert not said("refusal_silence", rules, refused, "service", when=last)
    assert not said("refusal_silence", rules, replace(refused, business=True), when=last)


def test_rule_attempts(rules: ContactRules) -> None:
    days = ["2026-10-05T12:00", "2026-10-06T12:00", "2026-10-07T12:00", "2026-10-28T12:00"]
    called = replace(CLEAR, calls=tuple(map(at, days)))
    found = said("attempts", rules, called)
    assert found.until == at("2026-11-04T00:00")  # 30 days from 5 October: 4 November is the first day without it
    assert not said("attempts", rules, called, when=found.until)
    assert said("attempts", rules, called, when=found.until - timedelta(seconds=1))
    assert not said("attempts", rules, replace(called, calls=called.calls[1:]))
    assert not said("attempts", rules, called, "service")
    assert not said("attempts", rules, replace(called, business=True))


@pytest.mark.parametrize(
    ("region", "when", "allowed", "opens"),
    [
        ("Bretagne", "2026-10-29T10:00", True, None),
        ("Bretagne", "2026-10-29T09:59", False, "2026-10-29T10:00"),
        ("Bretagne", "2026-10-29T13:00", False, "2026-10-29T14:00"),
        ("Bretagne", "2026-10-29T20:00", False, "2026-10-30T10:00"),
        ("Bretagne", "2026-10-31T11:00", False, "2026-11-02T10:00"),  # Saturday, then 1 November on a Sunday
        ("Bretagne", "2026-11-11T11:00", False, "2026-11-12T10:00"),  # Armistice
        (None, "2026-12-31T20:30", False, "2027-01-04T10:00"),  # a holiday and a weekend at the year's end
        ("La Réunion", "2026-10-29T07:00", True, None),  # 10:00 there, winter time here
        ("REUNION", "2026-10-29T18:00", False, "2026-10-30T07:00"),  # 21:00 there
        ("Guadeloupe", "2026-10-29T10:00", False, "2026-10-29T15:00"),  # 05:00 there
        ("Guadeloupe", "2026-05-27T17:00", False, "2026-05-28T16:00"),  # abolition of slavery
        ("Moselle", "2026-12-26T11:00", False, "2026-12-28T10:00"),
        ("Alsace", "2026-04-03T11:00", False, "2026-04-07T10:00"),  # Good Friday, Easter Monday
        ("Bretagne", "2026-04-03T11:00", True, None),
        ("Bretagne", "2026-10-24T11:00", False, "2026-10-26T10:00"),  # the clock goes back in between
    ],
)
def test_rule_hours(rules: ContactRules, region: str | None, when: str, allowed: bool, opens: str | None) -> None:
    found = said("hours", rules, replace(CLEAR, region=region), when=at(when), offer="add_on")
    assert (found is None) == allowed
    assert found is None or found.until == at(str(opens))
    assert not said("hours", rules, replace(CLEAR, region=region), "service", when=at(when))
    assert not said("hours", rules, replace(BUSINESS, region=region), when=at(when))


def test_rule_team_hours(rules: ContactRules) -> None:
    late, opens = at("2026-10-30T20:30"), at("2026-11-02T08:00")
    found = said("team_hours", rules, CLEAR, "service", when=late, hours=OFFICE)
    assert (found.until, found.warns) == (opens, True)
    assert not said("team_hours", rules, CLEAR, "service", when=late, hours=OFFICE, urgent=True)
    assert not said("team_hours", rules, CLEAR, "service", when=late, hours=OFFICE, appointment_at=late + HOUR / 6)
    after = said("team_hours", rules, CLEAR, "service", when=late, hours=OFFICE, appointment_at=late - 2 * HOUR)
    assert after.until == opens
    weekend = at("2026-10-31T11:00")
    before = said("team_hours", rules, CLEAR, "service", when=late, hours=OFFICE, appointment_at=weekend)
    assert before.until == weekend - HOUR / 4
    assert not said("team_hours", rules, CLEAR, "service", when=THURSDAY, hours=OFFICE)


def test_rule_appointment(rules: ContactRules) -> None:
    found = said("appointment", rules, CLEAR, "service", appointment_at=THURSDAY + 3 * HOUR)
    assert (found.until, found.warns) == (THURSDAY + 2.75 * HOUR, True)
    assert not said("appointment", rules, CLEAR, "service", appointment_at=THURSDAY + HOUR / 4)
    assert not said("appointment", rules, CLEAR, "service", appointment_at=THURSDAY - HOUR)
    assert not said("appointment", rules, CLEAR, "service", appointment_at=THURSDAY + 3 * HOUR, urgent=True)


def test_rule_preferred_channel(rules: ContactRules) -> None:
    writes = replace(CLEAR, preferred_channel="email")
    assert said("preferred_channel", rules, writes, "service").warns
    assert not said("preferred_channel", rules, writes, "service", "email")
    assert not may_contact(writes, "service", "phone", THURSDAY, rules=rules).blocks


def test_rule_sms_before(rules: ContactRules) -> None:
    found = said("sms_before", rules, CLEAR, "service")
    assert found.step
    verdict = may_contact(CLEAR, "service", "phone", THURSDAY, rules=rules)
    assert verdict.allowed and [one.rule_id for one in verdict.steps] == ["sms_before"]
    assert not said("sms_before", rules, CLEAR, "service", "email")


def test_rule_open_case(rules: ContactRules) -> None:
    waiting = replace(CLEAR, case_since=THURSDAY - HOUR)
    assert said("open_case", rules, waiting, "survey", "email", survey="post_complaint")
    assert not said("open_case", rules, CLEAR, "survey", "email", survey="relational")
    assert not said("open_case", rules, waiting, "survey", survey="relational", when=THURSDAY - 2 * HOUR)


def test_rule_open_complaint(rules: ContactRules) -> None:
    complained = replace(CLEAR, complaint_at=at("2026-09-01T18:00"))
    free = at("2026-10-31T00:00")
    found = said("open_complaint", rules, complained, "survey", "email", survey="relational")
    assert found.until == free
    assert not said("open_complaint", rules, complained, "survey", "email", survey="relational", when=free)
    assert not said("open_complaint", rules, complained, "survey", "email", survey="post_complaint")


@pytest.mark.parametrize(
    ("survey", "last", "free"),
    [
        ("relational", Ask(at("2026-05-01T12:00"), "relational", "email"), "2026-10-28T00:00"),
        ("relational", Ask(at("2026-10-20T12:00"), "transactional", "sms"), "2026-11-03T00:00"),
        ("relational", Ask(at("2026-10-20T12:00"), "call", "phone"), "2026-11-03T00:00"),
        ("post_call", Ask(at("2026-10-20T12:00"), "transactional", "app"), "2027-01-18T00:00"),
        ("post_call", Ask(at("2026-10-20T12:00"), "relational", "email"), "2026-11-03T00:00"),
    ],
)
def test_rule_survey_rest(rules: ContactRules, survey: str, last: Ask, free: str) -> None:
    asked = replace(CLEAR, asks=(last,))
    for channel in ("email", "sms", "app", "phone"):  # one quarantine over all channels
        found = said("survey_rest", rules, asked, "survey", channel, survey=survey, when=at(free) - HOUR)
        assert (found.since, found.until) == (last.at, at(free))
        assert not said("survey_rest", rules, asked, "survey", channel, survey=survey, when=at(free))
    assert not said("survey_rest", rules, asked, "survey", survey=survey, when=last.at - HOUR)


def test_a_call_of_ours_does_not_hold_back_the_survey_about_it(rules: ContactRules) -> None:
    called = replace(CLEAR, asks=(Ask(THURSDAY - HOUR, "call", "phone"),))
    assert not said("survey_rest", rules, called, "survey", "sms", survey="post_call")
