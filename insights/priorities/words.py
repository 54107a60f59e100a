"""Plain sentences about one irritant, for somebody who is no statistician. Used by the pages and by the digest.

`numbers` writes numbers as its reader does: `dashboard.format.Format` and `insights.digest.words.Words` both do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import pandas as pd

from insights.priorities.trend import DOWN, STEADY, UP

Translate = Callable[[str], str]
RATHER_SURE, SURE = 0.5, 0.9


class Numbers(Protocol):
    """Numbers as one reader writes them."""

    @property
    def language(self) -> str: ...

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str: ...
    def euros(self, value: float) -> str: ...


def figures(row: Mapping[Any, Any], *names: str) -> list[float] | None:
    """The numbers of these names; None where one of them is not known."""
    values = [row.get(name) for name in names]
    found = [float(value) for value in values if value is not None and not pd.isna(value)]
    return found if len(found) == len(values) else None


def points(_: Translate, numbers: Numbers, value: float, *, signed: bool = False) -> str:
    """`2.1 points`, `1.0 point`: French counts in the singular below two."""
    decimals = places(value)
    shown = round(abs(value), decimals)
    one = shown < 2 if numbers.language == "fr" else shown == 1
    return (_("{n} point") if one else _("{n} points")).format(n=numbers.number(value, decimals, signed=signed))


def places(value: float) -> int:
    """Decimals of points: two below one, so that half a star is not told as half a star give or take a tenth."""
    return 2 if abs(value) < 1 else 1


def score_name(_: Translate, metric: str | None, survey: str | None, scale: str | None) -> str:
    """The score an effect speaks of, with its scale: « la note de recommandation, sur 10 »."""
    ends = str(scale or "").split("(", maxsplit=1)[0].split("-")
    top = ends[-1].strip() if len(ends) > 1 else ""
    names = {
        "nps": _("the recommendation score out of {top}"),
        "csat": _("the satisfaction score out of {top}"),
        "ces": _("the ease score out of {top}"),
    }
    if survey == "review":
        return _("the star rating out of {top}").format(top=top)
    return names.get(metric or "", _("the score out of {top}")).format(top=top)


def effect_sentence(_: Translate, numbers: Numbers, label: str, row: Mapping[Any, Any]) -> str:
    """What goes with naming it, always as an association. `row`: of priority (nps_effect...) or of driver (points...)."""
    name = "nps_effect" if "nps_effect" in row else "points"
    given = figures(row, name, f"{name}_low", f"{name}_high")
    if given is None or ("nps_effect" in row and pd.isna(row.get("effect_metric"))):
        return _("Too few answers name “{label}” to say what score goes with it.").format(label=label)
    point, low, high = given
    metric, survey, scale = (row.get(f"effect_{name}", row.get(name)) for name in ("metric", "survey", "scale"))
    score = score_name(_, metric, survey, scale)
    if low <= 0 <= high:
        text = _(
            "Customers who name “{label}”: between {low} and {high} on {score}, against the others; "
            "chance can explain it."
        )
        ends = numbers.number(low, places(low), signed=True), points(_, numbers, high, signed=True)
        return text.format(label=label, score=score, low=ends[0], high=ends[1])
    less = _(
        "Customers who name “{label}” give on average {points} less to {score} (between {low} and {high}); "
        "this is an association, not a proof."
    )
    more = _(
        "Customers who name “{label}” give on average {points} more to {score} (between {low} and {high}); "
        "this is an association, not a proof."
    )
    near, far = sorted((abs(low), abs(high)))
    return (less if point < 0 else more).format(
        **{"label": label, "score": score, "points": points(_, numbers, abs(point))},
        **{"low": numbers.number(near, places(point)), "high": numbers.number(far, places(point))},
    )


def value_sentence(_: Translate, numbers: Numbers, label: str, row: Mapping[Any, Any]) -> str:
    """Euros with what they may be; empty without euros."""
    given = figures(row, *(f"value_at_risk{end}_eur" for end in ("", "_low", "_high")))
    if given is None:
        return ""
    value, low, high = (numbers.euros(one) for one in given)
    if given[1] <= 0:
        text = _("“{label}”: {value} of margin at stake, anything from nothing to {high}.")
    else:
        text = _("“{label}”: {value} of margin at stake, between {low} and {high}.")
    return text.format(label=label, value=value, low=low, high=high)


def rank_sentence(_: Translate, numbers: Numbers, row: Mapping[Any, Any], n_tied: int) -> str:
    """How sure its place is. `n_tied`: irritants of its tie group, itself included."""
    share = float(row["top3_probability"])
    ends = {"low": numbers.number(row["rank_low"]), "high": numbers.number(row["rank_high"])}
    if row["rank_low"] == row["rank_high"]:
        place = _("It almost surely has rank {low}.")
    elif share >= SURE:
        place = _("Almost surely among the first three (rank {low} to {high}).")
    elif share >= RATHER_SURE:
        place = _("More likely than not among the first three (rank {low} to {high}).")
    else:
        place = _("Its rank lies between {low} and {high}.")
    tied = _("These data do not tell it apart from {n} others: they are tied.")
    one = _("These data do not tell it apart from one other: they are tied.")
    told = "" if n_tied < 2 else one if n_tied == 2 else tied.format(n=numbers.number(n_tied - 1))
    return " ".join(part for part in (place.format(**ends), told) if part)


def trend_sentence(_: Translate, numbers: Numbers, row: Mapping[Any, Any]) -> str:
    """Whether it grows, for as many customers and contacts; empty where nobody can tell."""
    verdict = str(row.get("trend_verdict"))
    given = figures(row, "trend_weeks", "trend_ratio", "trend_low", "trend_high")
    if verdict not in {UP, DOWN, STEADY} or given is None:
        return ""
    texts = {
        UP: _("It grows over {weeks} weeks: named {ratio} times as often as in the weeks before ({low} to {high})."),
        DOWN: _("It falls over {weeks} weeks: named {ratio} times as often as in the weeks before ({low} to {high})."),
        STEADY: _("No change in {weeks} weeks that chance could not explain ({low} to {high} times the weeks before)."),
    }
    doubtful = _(
        "Perhaps a change over {weeks} weeks ({low} to {high} times the weeks before), but one irritant among so many "
        "may move as far by chance."
    )
    text = doubtful if verdict == STEADY and not given[2] <= 1 <= given[3] else texts[verdict]
    ratio, low, high = (numbers.number(one, beside_one(*given[1:])) for one in given[1:])
    return text.format(weeks=numbers.number(given[0]), ratio=ratio, low=low, high=high)


def beside_one(*ratios: float) -> int:
    """Decimals of ratios: two where one would write 1.0 for an end that is not 1."""
    return 2 if any(round(one, 1) == 1 and round(one, 2) != 1 for one in ratios) else 1


def weak_sentence(_: Translate, numbers: Numbers, label: str, row: Mapping[Any, Any]) -> str:
    """A weak signal with its growth and what it may be."""
    n, given = int(row["n_mentions"]), figures(row, "trend_ratio", "trend_low", "trend_high")
    one, many = _("{label}: {n} mention in 90 days"), _("{label}: {n} mentions in 90 days")
    head = (one if n == 1 else many).format(label=label, n=numbers.number(n))
    if given is None:
        return f"{head}."
    ratio, low, high = (numbers.number(value, 1) for value in given)
    growth = _("{head}; {ratio} times the four weeks before, anything from {low} to {high}.")
    return growth.format(head=head, ratio=ratio, low=low, high=high)


def sentence(_: Translate, numbers: Numbers, label: str, row: Mapping[Any, Any]) -> str:
    """The one sentence of an irritant: its euros where there are any, and what score goes with it."""
    parts = [
        value_sentence(_, numbers, label, row),
        effect_sentence(_, numbers, label, row),
        trend_sentence(_, numbers, row),
    ]
    return " ".join(part for part in parts if part)
