"""Every rule is told in French and in English, with its days and hours filled in."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from law_tools import CLEAR, THURSDAY, at

from insights.calendar import Calendar
from insights.contactability import Ask, ContactRules, Facts, may_contact, rule_name, verdict_sentence, why_not
from insights.contactability.law import LAWS
from insights.contactability.words import opening_words

DAY = timedelta(days=1)
NIGHT = at("2026-10-30T21:00")


def verdicts(rules: ContactRules):
    """Verdicts in which every rule speaks."""
    everything = Facts(
        "C1", leaving=True, objection=True, preferred_channel="email", do_not_at=NIGHT - DAY, recontact_no_at=NIGHT - DAY,
        survey_no_at=NIGHT - DAY, consent_at=NIGHT - 500 * DAY, consent_source="f", withdrawn_at=NIGHT - DAY,
        refused_at=NIGHT - DAY, calls=(NIGHT - DAY,) * 4, asks=(Ask(NIGHT - DAY, "relational"),), case_since=NIGHT - DAY,
        complaint_at=NIGHT - DAY, current=False,
    )  # fmt: skip
    office = Calendar("Europe/Paris", {0: ((480, 1200),)})
    late = at("2027-10-29T21:00")
    yield may_contact(everything, "prospecting", "phone", NIGHT, rules=rules, offer="energy_works", anonymous=True)
    yield may_contact(everything, "prospecting", "sms", NIGHT, rules=rules, offer="new_contract")
    yield may_contact(Facts("C1", current=False), "prospecting", "phone", late, rules=rules)
    yield may_contact(replace(CLEAR, region="La Réunion"), "prospecting", "phone", late, rules=rules, offer="partner")
    yield may_contact(
        everything, "service", "phone", NIGHT, rules=rules, hours=office, appointment_at=NIGHT + DAY, said_no=True
    )
    yield may_contact(everything, "survey", "sms", NIGHT, rules=rules, survey="relational")
    yield may_contact(
        replace(CLEAR, asks=(Ask(NIGHT, "call"),)), "survey", "sms", NIGHT, rules=rules, survey="relational"
    )


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_rule_has_a_sentence_and_a_name(rules: ContactRules, language: str) -> None:
    told = [(one, line) for one in verdicts(rules) for line in why_not(one, language, rules)]
    spoken = {found.rule_id for one, _ in told for found in (*one.findings, *one.steps)}
    assert spoken == set(LAWS)
    for _, line in told:
        assert not re.search(r"[{}]|None| \(\)|\(\d{4}-", line), line
    assert all(rule_name(one, language) != one for one in LAWS)


def test_the_two_languages_differ_and_name_the_hour_of_both_clocks(rules: ContactRules) -> None:
    facts = replace(CLEAR, region="La Réunion")
    verdict = may_contact(facts, "prospecting", "phone", at("2026-10-31T11:00"), rules=rules, offer="add_on")
    french, english = verdict_sentence(verdict, "fr"), verdict.sentence("en")
    assert french.endswith("Au plus tôt : lundi 2 novembre à 07:00 (10:00 chez le client).")
    assert english.endswith("Earliest: Monday 2 November at 07:00 (10:00 for the customer).")
    assert "du lundi au vendredi 10:00-13:00, 14:00-20:00" in french
    home = may_contact(CLEAR, "prospecting", "phone", at("2026-10-31T11:00"), rules=rules, offer="add_on")
    assert home.sentence("en").endswith("Earliest: Monday 2 November at 10:00.")


def test_what_is_allowed_is_said_with_what_to_do_first(rules: ContactRules) -> None:
    verdict = may_contact(CLEAR, "service", "phone", THURSDAY, rules=rules)
    assert verdict.sentence("en") == "This contact is allowed now."
    assert why_not(verdict, "en") == ["Send a text message 60 minutes before the call."]
    assert why_not(may_contact(CLEAR, "service", "email", THURSDAY, rules=rules), "fr") == [
        "Ce contact est permis maintenant."
    ]


def test_a_refusal_without_a_day_is_told_without_one(rules: ContactRules) -> None:
    from insights.contactability.facts import UNKNOWN_DAY

    verdict = may_contact(replace(CLEAR, recontact_no_at=UNKNOWN_DAY), "prospecting", "phone", THURSDAY, rules=rules,
                          offer="add_on")  # fmt: skip
    assert verdict.sentence("en") == "The customer does not want to be contacted about their answers."


def test_opening_hours_that_differ_are_told_day_by_day() -> None:
    opening = {"mon": ("10:00-13:00",), "tue": ("10:00-13:00",), "thu": ("10:00-13:00",), "fri": ("09:00-12:00",)}
    assert opening_words(opening, "en") == "Monday to Tuesday 10:00-13:00; Thursday 10:00-13:00; Friday 09:00-12:00"
