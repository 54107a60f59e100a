"""Who answered: the three states, who is heard more than their share, and the sentences the page Scores says of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboard import score_queries, words
from dashboard.page import Page
from dashboard.scores import REVIEW, Figure, shown
from dashboard.words import Translate
from insights.metrics import ANSWERS, Metric
from insights.weighting import VARIABLES, composition, gaps

SPOKEN_OF = 2  # groups named in a sentence
WIDE = {"points": 20.0, "%": 10.0, "min": 1.0, "h": 8.0}  # an interval as wide as this tells little
SIDE_BY_SIDE = 2.0  # points: raw and corrected figures this near say the same


@dataclass(frozen=True)
class Answered:
    """Counts of the three states over some months, and shares by variable and level (see `composition`)."""

    survey: str
    n_answered: int
    n_silent: int
    n_never_asked: int
    n_months: int
    shares: pd.DataFrame
    basis: str | None
    months: tuple[date, ...] = ()

    @property
    def known(self) -> bool:
        return self.n_answered + self.n_silent + self.n_never_asked > 0


def answered(page: Page, survey: str, since: date, until: date) -> Answered:
    """Who answered a questionnaire in these days: of the months in which they were asked.

    Where no answer of these days is weighted, the months that overlap these days.
    """
    asking = page.rows(score_queries.ASKING, survey=survey, since=since, until=until)["month"]
    over = pd.date_range(since.replace(day=1), until, freq="MS").date
    months = {"survey": survey, "months": page.fmt.days(asking) or list(over)}
    cells, weights = (page.rows(sql, **months) for sql in (score_queries.CELLS, score_queries.WEIGHTS))
    states = [int(cells[name].sum()) for name in ("n_answered", "n_silent", "n_never_asked")]
    basis = str(weights["basis"].iloc[-1]) if len(weights) else None
    n_months, shares = cells["month"].nunique(), composition(cells, weights)
    return Answered(survey, states[0], states[1], states[2], n_months, shares, basis, tuple(months["months"]))


def variable(_: Translate, name: str) -> str:
    known = {
        "age_band": _("Age"),
        "digital_habit": _("Digital habit"),
        "tenure_band": _("Months with us"),
        "segment": _("Segment"),
        "channel": _("Channel"),
        "value_band": _("Margin"),
    }
    return known.get(name, name)


def level(_: Translate, name: str, code: str) -> str:
    """A level as a person says it: `avoids digital`, `75+ years`."""
    known = {
        ("digital_habit", "avoids"): _("those who avoid digital"),
        ("digital_habit", "regular"): _("regular digital use"),
        ("digital_habit", "heavy"): _("heavy digital use"),
        ("value_band", "1"): _("lowest quarter of margin"),
        ("value_band", "2"): _("second quarter of margin"),
        ("value_band", "3"): _("third quarter of margin"),
        ("value_band", "4"): _("highest quarter of margin"),
    }
    if code == "(none)":
        return _("not known")
    if name == "age_band":
        text = _("{band} years and over") if code.endswith("+") else _("{band} years")
        return text.format(band=code.rstrip("+"))
    if name == "tenure_band":
        text = _("{band} months with us and more") if code.endswith("+") else _("{band} months with us")
        return text.format(band=code.rstrip("+"))
    if name == "segment":
        return words.segment(_, code)
    if name == "channel":
        return words.channel(_, code)
    return known.get((name, code), code)


def stands_for(_: Translate, basis: str | None) -> str:
    known = {
        "customers": _("all customers"),
        "contacts": _("customers who had that kind of contact"),
        "asked": _("customers who were asked"),
    }
    return known.get(basis or "", "")


def reading(page: Page, metric: Metric, now: Figure, found: Answered) -> str:
    """What the score says, in one sentence, and who is heard too much."""
    _ = page._
    if not now.enough:
        return _("Not enough answers: {n} of the {least} needed.").format(n=now.n, least=page.settings.min_answers)
    if not now.is_corrected:
        return _("Between {low} and {high} in 19 cases of 20.").format(**_ends(page, metric, now.low, now.high))
    values = {
        "raw": shown(page, metric, now.value),
        "corrected": shown(page, metric, now.corrected),
        "who": stands_for(_, found.basis),
        **_ends(page, metric, now.corrected_low, now.corrected_high),
    }
    if not values["who"]:
        text = _("**{corrected}** corrected for who answered (between {low} and {high}); {raw} as the answers came.")
    elif abs(now.corrected - now.value) < SIDE_BY_SIDE:
        text = _(
            "**{corrected}** among {who} (between {low} and {high}); the answers as they came say nearly the same."
        )
    else:
        text = _("**{corrected}** among {who} (between {low} and {high}), and not {raw} as the answers came.")
    return " ".join(part for part in (text.format(**values), _heard(page, found)) if part)


def _ends(page: Page, metric: Metric, low: float, high: float) -> dict[str, str]:
    return {"low": shown(page, metric, low), "high": shown(page, metric, high)}


def _heard(page: Page, found: Answered) -> str:
    """Who answers beyond their share."""
    _, fmt = page._, page.fmt
    named = [
        _("{who} ({answers} of the answers, {share} of those concerned)").format(
            who=level(_, row["variable"], row["level"]),
            answers=fmt.percent(row["answered_share"]),
            share=fmt.percent(row["target_share"]),
        )
        for row in gaps(found.shares).head(SPOKEN_OF).to_dict("records")
    ]
    if found.shares.empty:
        return ""
    if not named:
        return _("No group answers clearly more than its share.")
    return _("Heard more than their share: {groups}.").format(groups=", ".join(named))


def next_step(page: Page, metric: Metric, now: Figure, found: Answered) -> str:
    """What to do now, for somebody who is no statistician."""
    _ = page._
    if not now.enough:
        return _("Choose a longer period, or wait for more answers. Do not publish a figure on so few.")
    if metric.name == "fcr_7d_irritant":
        return _(
            "Compare months with it; do not publish it as a level: returns nobody knows the subject of are left out."
        )
    if found.survey == REVIEW:
        return _(
            "Not a sample: those who write reviews choose themselves. Follow the trend; do not publish it as the "
            "customers' opinion."
        )
    if metric.source == ANSWERS and not now.is_corrected:
        return _(
            "Not corrected for who answered: follow the trend; do not publish it as the opinion of all who are concerned."
        )
    ends = (now.corrected_low, now.corrected_high) if now.is_corrected else (now.low, now.high)
    if ends[1] - ends[0] > WIDE[metric.unit]:
        text = _(
            "The interval is wide: publish the score with it, do not rank teams or segments on it, and compare periods."
        )
    elif now.is_corrected and abs(now.corrected - now.value) >= SIDE_BY_SIDE:
        text = _("Publish the corrected figure, with the raw one beside it.")
    else:
        text = _("The figure is firm: publish it with its interval.")
    quiet = _quiet(page, found)
    return f"{text} {quiet}" if quiet else text


def _quiet(page: Page, found: Answered) -> str:
    """Whom to reach by another channel: the group most silent for its share."""
    _ = page._
    turned = found.shares.rename(columns={"answered_share": "target_share", "target_share": "answered_share"})
    silent = gaps(turned).head(1)
    if silent.empty:
        return ""
    row = silent.iloc[0]
    who = level(_, row["variable"], row["level"])
    return _("Try another way to reach those who answer least for their number: {who}.").format(who=who)


def share_rows(page: Page, found: Answered) -> pd.DataFrame:
    """Answers, their share, the share of those concerned, and the share after weighting, for people."""
    _, fmt = page._, page.fmt
    rows = share_raw(page, found)
    shares = [_("Share of answers"), _("Share of those concerned"), _("After correction")]
    return rows.assign(**{name: rows[name].map(fmt.percent) for name in shares}) if len(rows) else rows


def share_raw(page: Page, found: Answered) -> pd.DataFrame:
    """The same rows typed: shares from 0 to 1."""
    _ = page._
    rows: list[dict[str, Any]] = [
        {
            _("Group"): variable(_, row["variable"]),
            _("Who"): level(_, row["variable"], row["level"]),
            _("Answers"): int(row["n_answered"]),
            _("Share of answers"): row["answered_share"],
            _("Share of those concerned"): row["target_share"],
            _("After correction"): row["weighted_share"],
        }
        for row in found.shares.to_dict("records")
        if row["variable"] != "channel" and row["variable"] in VARIABLES
    ]
    return pd.DataFrame(rows)
