"""Segments as a person says them: dimensions, values, stages of the welcome."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import words
from dashboard.words import Translate

Terms = Sequence[tuple[str, str]]


def segment_name(_: Translate, terms: Terms) -> str:
    """« Chauffage électrique, clients de 4 à 14 mois »: the terms, the first with a capital."""
    said = in_sentence(_, terms)
    return said[:1].upper() + said[1:]


def in_sentence(_: Translate, terms: Terms) -> str:
    """The same, to stand inside a sentence: names of offers and regions keep their capitals."""
    return ", ".join(_term(_, *term) for term in terms)


def _term(_: Translate, dimension: str, value: str) -> str:
    if dimension == "segment":
        return words.segment(_, value).lower()
    named = _values(_).get((dimension, value))
    return named or f"{dimension_name(_, dimension)} {value}"


def dimension_name(_: Translate, code: str) -> str:
    known = {
        "tenure": _("months with us"),
        "segment": _("segment"),
        "product": _("offer"),
        "region": _("region"),
        "acquisition_channel": _("came by"),
        "preferred_language": _("language"),
        "age_band": _("age"),
        "digital_habit": _("digital habit"),
        "tariff_option": _("tariff"),
        "energy": _("energy"),
        "heating": _("heating"),
        "payment_method": _("pays by"),
    }
    return known.get(code, code)


def _values(_: Translate) -> dict[tuple[str, str], str]:
    """What values are called where dimension and value side by side would not be understood."""
    return {
        ("tenure", "0-3"): _("customers for up to 3 months"),
        ("tenure", "4-14"): _("customers for 4 to 14 months"),
        ("tenure", "15-36"): _("customers for 15 to 36 months"),
        ("tenure", "37+"): _("customers for over 3 years"),
        ("low_income", "yes"): _("on low income"),
        ("low_income", "no"): _("not on low income"),
        ("paper_bill", "yes"): _("bill by post"),
        ("paper_bill", "no"): _("bill online"),
        ("digital_habit", "heavy"): _("at ease online"),
        ("digital_habit", "regular"): _("online now and then"),
        ("digital_habit", "avoids"): _("avoiding digital services"),
        ("tariff_option", "single"): _("single tariff"),
        ("tariff_option", "peak_offpeak"): _("peak and off-peak tariff"),
        ("energy", "electricity"): _("electricity only"),
        ("energy", "gas"): _("gas only"),
        ("energy", "dual"): _("electricity and gas"),
        ("heating", "electric"): _("electric heating"),
        ("heating", "gas"): _("gas heating"),
        ("heating", "other"): _("heating other than gas and electric"),
        ("payment_method", "direct_debit"): _("paying by direct debit"),
        ("payment_method", "card"): _("paying by card"),
        ("payment_method", "cheque"): _("paying by cheque"),
        ("preferred_language", "fr"): _("French speaking"),
        ("preferred_language", "en"): _("English speaking"),
        ("acquisition_channel", "comparator"): _("came by a comparison site"),
        ("acquisition_channel", "door_to_door"): _("came by door-to-door selling"),
        ("acquisition_channel", "phone"): _("came by telephone"),
        ("acquisition_channel", "web"): _("came by our website"),
        ("acquisition_channel", "partner"): _("came by a partner"),
        ("acquisition_channel", "shop"): _("came by a shop"),
    }


def stage(_: Translate, code: str) -> str:
    """Stage of the welcome."""
    known = {
        "day_7": _("First days (0 to 14)"),
        "first_bill": _("First bill (15 to 60)"),
        "day_90": _("Third month (61 to 90)"),
    }
    return known.get(code, code)
