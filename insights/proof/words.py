"""A reading of the ledger of fixes as one plain sentence, French or English."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, isfinite, log
from typing import Any

import pandas as pd
from scipy.stats import norm

from insights.digest.words import Words
from insights.proof.verdict import NOT_SHOWN, PROVEN, RANDOMISED, RATIO, SERIES, TOO_EARLY, WORSE

CHECKED_BEFORE = ("mentions", "contacts")  # weekly counts; what is measured by team has no weeks before it to compare
CARE = 0.84  # standard errors beyond the boundary at which an effect is seen four times in five


def verdict_word(words: Words, verdict: str) -> str:
    """`prouvé`, `non démontré`, `pire`, `trop tôt`."""
    _ = words._
    return {PROVEN: _("proven"), NOT_SHOWN: _("not shown"), WORSE: _("worse"), TOO_EARLY: _("too early")}[verdict]


def measure_name(words: Words, measure: str) -> str:
    """What a measure counts, as a person says it."""
    _ = words._
    return {
        "mentions": _("Complaints about it"),
        "contacts": _("Contacts about it"),
        "csat": _("Satisfied answers after a contact about it"),
        "repeat": _("New contacts within 7 days"),
        "duration": _("Length of calls about it"),
    }[measure]


def method_name(words: Words, method: str) -> str:
    """How it was compared."""
    _ = words._
    return {
        "randomised": _("teams or sites drawn at random"),
        "groups": _("comparison groups"),
        "series": _("before and after, with placebo dates"),
    }[method]


def change(words: Words, row: Mapping[str, Any], name: str = "effect") -> str:
    """An effect or a bound: `−25 %` of a ratio, `−10,9 pts` of a difference; empty where there is none."""
    value = row.get(name)
    if value is None or not isfinite(value):
        return ""
    if row["unit"] == RATIO:
        return f"{words.number(100 * (value - 1), signed=True)}{_percent(words)}"
    return f"{words.number(value, 1, signed=True)}\N{NO-BREAK SPACE}{words._('pts')}"


def _percent(words: Words) -> str:
    return "\N{NO-BREAK SPACE}%" if words.language == "fr" else "%"


def interval(words: Words, row: Mapping[str, Any]) -> str:
    """`−38 % à −10 %`; empty where there is none."""
    low, high = change(words, row, "effect_low"), change(words, row, "effect_high")
    return words._("{low} to {high}").format(low=low, high=high) if low and high else ""


def sentence(words: Words, row: Mapping[str, Any], event: str = "") -> str:
    """What one row of `fix` says. `event`: name of the known event in the way, in the reader's language."""
    if row["verdict"] in (PROVEN, WORSE):
        return f"{_found(words, row)} {_why_sure(words, row)}"
    return _not_found(words, row, event)


def _found(words: Words, row: Mapping[str, Any]) -> str:
    _ = words._
    text = (
        _("Proven. {measure}: {change} against what it would have been without the action (between {low} and {high}).")
        if row["verdict"] == PROVEN
        else _("Worse. {measure}: {change} against what it would have been without the action ({low} to {high}).")
    )
    return _fill(words, row, text)


def _why_sure(words: Words, row: Mapping[str, Any]) -> str:
    _ = words._
    if row["method"] == RANDOMISED:
        text = _("{n} teams or sites were drawn: chance alone does this less than once in twenty draws.")
        return text.format(n=words.number(row["n_units"]))
    if row["verdict"] == WORSE and row["method"] == SERIES:
        text = _("Changes for the worse as large are rare among the {n} dates and irritants where nothing was done.")
        return text.format(n=words.number(row["n_placebos"]))
    if row["method"] == SERIES:
        text = _("It beats {share} of {n} dates and irritants where nothing was done.")
        share = words.share(row["placebos_beaten_share"], 1)
        return text.format(share=share, n=words.number(row["n_placebos"]))
    if row["measure"] in CHECKED_BEFORE:
        return _("The groups moved alike before, and no longer after.")
    return _("The groups were chosen, not drawn, and whether they moved alike before was not checked.")


def _not_found(words: Words, row: Mapping[str, Any], event: str) -> str:
    _, reason = words._, row.get("reason")
    if row["verdict"] == TOO_EARLY:
        ready = row.get("ready_on")
        if ready is None or pd.isna(ready):
            return _("Too early: no start is noted.")
        return _("Too early: it can be read from {day} on.").format(day=words.long_day(ready))
    if reason == "known_event":
        text = _("Not shown: « {event} » began at the same time, and the change cannot be told from it.")
        return text.format(event=event or row.get("known_event") or "?")
    said = {
        "few": _("Not shown: too few weeks or too few cases to tell."),
        "no_data": _("Not shown: it could not be read. Check the groups and the contact reasons that were declared."),
        "mixed": _("Not shown: one measure got better and another got worse."),
        "placebo": _("Not shown: changes as large are seen where nothing was done."),
        "transient": _("Not shown: the change did not last."),
        "pre_trend": _("Not shown: the groups did not move alike before the action."),
    }
    if reason == "shared":
        return _fill(
            words,
            row,
            _(
                "Not shown. {measure}: {change} (between {low} and {high}): alone it would pass, but among several measures "
                "one may move by chance."
            ),
        )
    return said[str(reason)] if reason in said else _by_chance(words, row)


def _fill(words: Words, row: Mapping[str, Any], text: str) -> str:
    return text.format(
        measure=measure_name(words, str(row["measure"])),
        change=change(words, row),
        low=change(words, row, "effect_low"),
        high=change(words, row, "effect_high"),
    )


def _by_chance(words: Words, row: Mapping[str, Any]) -> str:
    _ = words._
    if not change(words, row):
        return _("Not shown: too few weeks or too few cases to tell.")
    text = _fill(words, row, _("Not shown. {measure}: {change}, which may be chance (between {low} and {high})."))
    smallest = detectable(row)
    if smallest is None:
        return text
    more = _("With this many cases, only a fall of {share} or more would have been seen four times in five.")
    return f"{text} {more.format(share=words.share(smallest, 1))}"


def detectable(row: Mapping[str, Any]) -> float | None:
    """The fall (0 to 1) that would have been proven four times in five; None for other units or a rising measure."""
    low, high = row.get("effect_low"), row.get("effect_high")
    if row["unit"] != RATIO or low is None or high is None or not (isfinite(low) and isfinite(high)) or low <= 0:
        return None
    level = row.get("level")
    half = norm.ppf(0.5 + (0.95 if level is None or pd.isna(level) else float(level)) / 2)
    return float(1 - exp(-(half + CARE) / half * log(high / low) / 2))
