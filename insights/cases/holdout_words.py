"""The hold-out in plain sentences, French or English, for the callbacks page and `voc holdout status`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import pandas as pd

from insights.cases.holdout import Experiment
from insights.digest.words import MINUS, PERCENT, Words
from insights.uplift.reading import DEPARTURE, EVERYBODY, HARMS, NOT_SHOWN, TOO_EARLY, TOO_FEW, WORKS
from insights.uplift.sizes import RELATIVE_CUT, Forecast, needed
from insights.uplift.worth import FEWEST_EVENTS, missing_events

GUIDE_BASES = (0.05, 0.20)


class Told(Protocol):
    """What the sentences are made of; `insights.steps.holdout.Status` is one."""

    @property
    def experiment(self) -> Experiment | None: ...
    @property
    def running(self) -> bool: ...
    @property
    def n_called(self) -> int: ...
    @property
    def n_held(self) -> int: ...
    @property
    def share(self) -> float: ...
    @property
    def base(self) -> float | None: ...
    @property
    def horizon_days(self) -> int: ...
    @property
    def forecast(self) -> Forecast | None: ...
    @property
    def effects(self) -> pd.DataFrame: ...
    @property
    def n_forged(self) -> int: ...


def sentences(words: Words, told: Told) -> list[str]:
    """Everything there is to say: where it stands, what it showed, what a proof needs and when, and the small print."""
    return [*headline(words, told), *size(words, told), *notes(words, told)]


def headline(words: Words, told: Told) -> list[str]:
    """Where the hold-out stands and, once there was one, what it showed."""
    shown = [] if told.experiment is None else [result(words, told.effects, told.experiment)]
    return [state(words, told), *shown]


def notes(words: Words, told: Told) -> list[str]:
    """How far an uplift model is, and a warning where somebody has tampered with the switch."""
    _ = words._
    found = [uplift(words, told.effects)] if told.experiment is not None else []
    if told.n_forged:
        text = _(
            "Warning: {n} event(s) that switch the hold-out do not carry this installation's signature. They count "
            "for nothing: find out who wrote into the ledger."
        )
        found.append(text.format(n=told.n_forged))
    return [one for one in found if one]


def meaning(words: Words) -> str:
    """What switching on means, for the person who decides."""
    return words._(
        "A hold-out leaves a small share of customers, drawn at random, without our proactive call, so that we can see what "
        "the call changes. Nobody is left without an answer: complaints, detractors, customers who say they leave, urgent "
        "and vulnerable customers are never held back. The draw is the same until the result is read; the day of reading "
        "is written now and does not move."
    )


def state(words: Words, told: Told) -> str:
    _, one = words._, told.experiment
    if one is None:
        return _("The hold-out is off: everybody on the list is called, and nobody can say what the calls change.")
    names = {"day": words.long_day(one.at.date()), "actor": one.actor, "share": percent(words, one.share)}
    counts = {"called": words.number(told.n_called), "held": words.number(told.n_held)}
    if told.running:
        text = _(
            "The hold-out is on since {day} (decided by {actor}): {share} of the customers a list would name are not called. "
            "So far {called} called, {held} held back."
        )
        return text.format(**names, **counts)
    ended = one.off_at.date() if one.off_at else one.read_on
    text = _("The hold-out is off. The last one ran from {day} to {end}: {called} called, {held} held back.")
    return text.format(**names, **counts, end=words.long_day(ended))


def size(words: Words, told: Told) -> list[str]:
    """How many customers it takes, and when there will be enough."""
    _, ahead = words._, told.forecast
    if told.base is None or ahead is None:
        lines = [
            _("There is no probability to leave yet (points card): how many customers a proof needs cannot be said.")
        ]
        text = _("As a guide, where {base} leave: {called} called and {held} held back.")
        return lines + [
            text.format(base=percent(words, base), **_size(words, needed(base, RELATIVE_CUT, told.share).__dict__))
            for base in GUIDE_BASES
        ]
    text = _(
        "To prove that calls avoid {cut} of the departures, where {base} would leave, it takes {called} customers called and "
        "{held} held back, each followed for {days} days (80 % chance to see it)."
    )
    need = text.format(
        cut=percent(words, RELATIVE_CUT),
        base=percent(words, told.base, 1),
        days=told.horizon_days,
        **_size(words, ahead.size.__dict__),
    )
    return [need, *_when(words, ahead)]


def _size(words: Words, of: Mapping[str, int]) -> dict[str, str]:
    return {"called": words.number(of["n_called"]), "held": words.number(of["n_held"])}


def _when(words: Words, ahead: Forecast) -> list[str]:
    _ = words._
    names = {"pace": words.number(ahead.per_week), "pool": words.number(ahead.pool or 0)}
    lines = []
    if not ahead.in_a_quarter:
        lines.append(
            _(
                "This cannot be proven in a quarter. Until then read the secondary outcomes, which show sooner: complaints "
                "after the call and the change of the score."
            )
        )
    if ahead.enough_on is None:
        text = _(
            "At {pace} customers a week, with {pool} who may be called, there will never be enough: expect a direction, "
            "not a proof, or put several companies or years together."
        )
        return [*lines, text.format(**names)]
    text = _("At {pace} customers a week there are enough on {enough}, and the result can be read on {read}.")
    enough, read = words.long_day(ahead.enough_on), words.long_day(ahead.read_on or ahead.enough_on)
    return [*lines, text.format(enough=enough, read=read, **names)]


def result(words: Words, effects: pd.DataFrame, experiment: Experiment) -> str:
    """The estimate on departures as one sentence a director understands."""
    _ = words._
    whole = effects[(effects["outcome"] == DEPARTURE) & (effects["segment"] == EVERYBODY)]
    row = whole.iloc[0].to_dict() if len(whole) else {"verdict": TOO_EARLY}
    texts = {
        TOO_EARLY: _(
            "Too early to say what the calls change: the result is read on {read}, a day written down before the first call. "
            "To look earlier and stop when it pleases would find effects that are not there."
        ),
        TOO_FEW: _("Too few departures to say anything: {called} called, {held} held back."),
        WORKS: _(
            "The calls work: {mean_called} of those called left, against {mean_held} of those held back: {points} points "
            "(between {low} and {high}), that is {relative} of the departures."
        ),
        HARMS: _(
            "The calls do harm: {mean_called} of those called left, against {mean_held} of those held back: {points} points "
            "(between {low} and {high}). Stop calling, and look at what is said in these calls."
        ),
        NOT_SHOWN: _(
            "Not shown: {mean_called} of those called left, against {mean_held} of those held back. The difference of "
            "{points} points lies between {low} and {high}: no effect is possible."
        ),
    }
    return texts[row["verdict"]].format(read=words.long_day(experiment.read_on), **_figures(words, row))


def _figures(words: Words, row: Mapping[str, Any]) -> dict[str, str]:
    if row["verdict"] == TOO_EARLY:
        return {}
    names = {"called": words.number(row["n_called"]), "held": words.number(row["n_held"])}
    if row["verdict"] == TOO_FEW:
        return names
    shares = {name: percent(words, row[name], 1) for name in ("mean_called", "mean_held")}
    points = {
        name: words.number(100 * row[column], 1, signed=True)
        for name, column in (("points", "effect"), ("low", "effect_low"), ("high", "effect_high"))
    }
    return {**names, **shares, **points, "relative": percent(words, row["relative"], signed=True)}


def uplift(words: Words, effects: pd.DataFrame) -> str:
    """How far it is to a model of whom a call helps most; empty when there are departures enough."""
    whole = effects[(effects["outcome"] == DEPARTURE) & (effects["segment"] == EVERYBODY)]
    n_called, n_held = (int(whole[name].iloc[0]) if len(whole) else 0 for name in ("n_events_called", "n_events_held"))
    missing = missing_events(n_called, n_held)
    if not any(missing):
        return ""
    text = words._(
        "Whom a call helps most cannot be modelled yet: {n} known departures in each group are needed; {called} are missing "
        "among those called, {held} among those held back."
    )
    return text.format(n=FEWEST_EVENTS, called=words.number(missing[0]), held=words.number(missing[1]))


def percent(words: Words, share: float, decimals: int = 0, *, signed: bool = False) -> str:
    """0.0635 -> `6,4 %`."""
    sign = MINUS if share < 0 else "+" if signed and share > 0 else ""
    return sign + words.number(abs(100 * share), decimals) + PERCENT[words.language]
