"""An explained score in sentences, French or English: for the command line; the dashboard takes the parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from insights.churn.explain import Anatomy, Explanation, FamilyTerm
from insights.churn.reasons import family_label, sentence
from insights.digest.words import Words

Labels = Mapping[str, str]


def tell(one: Explanation, words: Words, labels: Labels) -> list[str]:
    """The explanation as lines of text. `labels`: irritant id to its name in that language."""
    _ = words._
    if one.status != "scored":
        return [_("Customer {customer}").format(customer=one.customer_id), status_sentence(one, words)]
    day = words.long_day(one.day) if one.day else ""
    lines = [_("Customer {customer}, scored on {day}").format(customer=one.customer_id, day=day)]
    lines += _figures(one, words)
    lines += _parts(one, words, labels)
    if one.anatomy and one.anatomy.unknown:
        told = [unknown_sentence(code, words) for code in one.anatomy.unknown]
        lines += [_("Not known:"), *(f"  {text}" for text in told)]
    lines.append(_("Model: {version}.").format(version=one.score["model_version"]))
    return [
        *lines,
        _("These parts go together with leaving in past data; they are no proven causes. A person decides."),
    ]


def status_sentence(one: Explanation, words: Words) -> str:
    """Why a customer has no score, as a sentence; empty for one who has."""
    _ = words._
    day = words.long_day(one.day) if one.day else ""
    causes = {
        "chosen": _("chose to leave"),
        "natural": _("moved"),
        "unpaid": _("closed for unpaid bills"),
        "death": _("death"),
    }
    said = {
        "objected": _("No score: the customer objected to being scored."),
        "unknown": _("No score: nothing is held on a customer with this id. Check the id."),
        "no_picture": _("No score: the customer is in no CRM picture, so that nothing is known of the contract."),
        "left": _("No score: the customer has left ({cause}, known since {day})."),
        "leaving": _("No score: the departure is already under way."),
        "stale": _("No score: the customer has been in no CRM picture since {day}."),
        "new": _("No score yet: the customer came after the last scoring."),
        "not_run": _("No score yet: no customer has been scored. Run `voc run`."),
    }.get(one.status, "")
    return said.format(day=day, cause=causes.get(one.cause or "", one.cause or ""))


def unknown_sentence(code: str, words: Words) -> str:
    """What is not known of a customer, as a sentence."""
    _ = words._
    return {
        "usage_last_year": _("Consumption of a year ago: a change cannot be told."),
        "tenure": _("Since when they are a customer."),
        "nps_never_asked": _("Recommendation: they were never asked in a year."),
        "nps_silent": _("Recommendation: asked in the last year, no answer."),
        "nps_none": _("Recommendation: no answer in a year."),
        "satisfaction_90d": _("Satisfaction: no answer in 90 days."),
        "effort_90d": _("Ease: no answer in 90 days."),
        "value": _("Margin: no expected loss can be told."),
    }[code]


def family_sentence(one: FamilyTerm, words: Words, labels: Labels) -> str:
    """The fact of a family that weighs most; where none is worth a word, that."""
    return sentence(one.reason, words.language, labels) if one.reason else words._("nothing that stands out")


def times(contribution: float, words: Words) -> str:
    """0.47 -> `×1.6`: what a family multiplies the odds of leaving by."""
    return f"×{words.number(math.exp(contribution), 2 if contribution < 0 else 1)}"


def _figures(one: Explanation, words: Words) -> list[str]:
    _, score = words._, one.score
    place = _("rank {rank} of {all}").format(rank=words.number(score["rank"]), all=words.number(score["n_scored"]))
    if score["model_kind"] == "card":
        return [
            _("Index {index} of 100, {place}: points given by experts, not a probability.").format(
                index=words.number(score["index"]), place=place
            )
        ]
    figures = {
        name: _percent(score[column], words)
        for name, column in {"risk": "probability", "low": "probability_low", "high": "probability_high"}.items()
    }
    lines = [_("Risk of leaving: {risk} (90 % interval: {low} to {high}), {place}").format(**figures, place=place)]
    if not _missing(score["value_eur"]):
        lines.append(
            _("Margin over the horizon: {value}; expected loss: {loss}").format(
                value=words.euros(score["value_eur"]), loss=words.euros(score["expected_loss_eur"])
            )
        )
    return lines


def _parts(one: Explanation, words: Words, labels: Labels) -> list[str]:
    _ = words._
    if one.anatomy is None:
        told = [f"  {sentence(reason, words.language, labels)}" for reason in one.reasons]
        return [_("The model of that day is no longer stored: only the strongest reasons are known."), *told]
    if one.anatomy.kind == "card":
        given = [part for part in one.anatomy.families if part.contribution]
        return [_("Points by family:"), *(_line(part, words, labels, card=True) for part in given)]
    head = _("A customer average in everything: {share}. What sets this one apart (log-odds; times the odds):")
    lines = [head.format(share=_percent(one.anatomy.base_probability, words))]
    lines += [_line(part, words, labels, card=False) for part in one.anatomy.families]
    return [*lines, _sum(one.anatomy, words)]


def _line(part: FamilyTerm, words: Words, labels: Labels, *, card: bool) -> str:
    name = family_label(part.family, words.language)
    figure = words.number(part.contribution, 0 if card else 2, signed=True)
    ratio = "" if card else f"{times(part.contribution, words):>7}"
    return f"  {name:<12}{figure:>7}{ratio}  {family_sentence(part, words, labels)}"


def _sum(one: Anatomy, words: Words) -> str:
    added = words.number(sum(part.contribution for part in one.families), 2, signed=True)
    start, total = (words.number(value, 2) for value in (one.base, one.total))
    return "  " + words._("In all: {start} {added} = {total} log-odds").format(start=start, added=added, total=total)


def _percent(value: Any, words: Words) -> str:
    decimals = 1 if 100 * float(value) < 10 else 0
    return words.number(100 * float(value), decimals) + ("\N{NO-BREAK SPACE}%" if words.language == "fr" else "%")


def _missing(value: Any) -> bool:
    return value is None or bool(np.isnan(float(value)))
