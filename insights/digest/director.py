"""The director's page of a month, as PDF: scores, three priorities, actions with their verdicts, promises kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from reportlab.platypus import Flowable

from insights import pdf
from insights.digest.model import Item, Score
from insights.digest.words import Words
from insights.proof.words import change, interval, measure_name, sentence, verdict_word

TOP = 3
MOST_ACTIONS = 8


@dataclass(frozen=True)
class Line:
    """One action of the month: `fix` is its row of the ledger of fixes, None while nothing was read."""

    title: str
    irritant: str
    owner: str
    state: str  # planned, running, done
    days_late: int
    fix: Mapping[str, Any] | None
    event: str = ""


@dataclass(frozen=True)
class Promises:
    """Callbacks promised for the month, and how many were kept."""

    n_due: int
    n_kept: int
    n_overdue: int


@dataclass(frozen=True)
class Month:
    """All that stands on the page. `as_of`: day of scores, priorities and actions; the promises are those of the month."""

    company: str
    first_day: date
    last_day: date
    as_of: date
    headline: Sequence[str]
    scores: Sequence[Score]
    items: Sequence[Item]
    actions: Sequence[Line]
    promises: Promises
    example: bool


def promises(cases: pd.DataFrame, first_day: date, last_day: date, timezone: str) -> Promises:
    """Counts from `cases_frame`: a promise belongs to the month in which it fell due, however it went."""
    if cases.empty:
        return Promises(0, 0, 0)
    day = cases["due_at"].dt.tz_convert(timezone).dt.date
    due = cases[(day >= first_day) & (day <= last_day)]
    kept = int(due["kept_promise"].fillna(False).astype(bool).sum())
    return Promises(len(due), kept, int(cases["overdue"].astype(bool).sum()))


def director_page(words: Words, month: Month) -> bytes:
    """The page as PDF."""
    _ = words._
    title = _("{company}: the month of our customers").format(company=month.company)
    parts: list[Flowable] = [
        pdf.para(title, "title"),
        pdf.para(_when(words, month), "small"),
        *(pdf.para(text, "text") for text in month.headline),
        pdf.para(_("Scores"), "heading"),
        *_scores(words, month.scores),
        pdf.para(_("The three priorities"), "heading"),
        *_items(words, month.items),
        pdf.para(_("Actions and what was shown of them"), "heading"),
        *_actions(words, month.actions),
        pdf.para(_("Promises kept"), "heading"),
        pdf.para(_promised(words, month.promises)),
    ]
    foot = _(
        "Intervals of scores are of 95 %, ranges of priorities of 90 %. A verdict is what was shown, not what was promised."
    )
    return pdf.document(
        parts, title, month.company, words.language, _("Made-up data.") + " " + foot if month.example else foot
    )


def _when(words: Words, month: Month) -> str:
    """The month, and the real day of the figures where it is a later one."""
    period = words.period(month.first_day, month.last_day)
    if month.as_of == month.last_day:
        return period
    text = words._("Scores, priorities and actions on {day}. Promises: {period}.")
    return text.format(day=words.long_day(month.as_of), period=period)


def _scores(words: Words, scores: Sequence[Score]) -> list[Flowable]:
    _ = words._
    if not scores:
        return [pdf.para(_("Not enough answers for a score."), "text")]
    rows = [[_("Score"), _("Four weeks"), _("Interval"), _("Corrected for who answered"), _("Change"), _("Answers")]]
    for one in scores:
        rows.append(
            [
                words.score_name(one.metric, one.survey),
                words.score(one.value, one.unit),
                _("{low} to {high}").format(low=words.score(one.low, one.unit), high=words.score(one.high, one.unit)),
                words.score(one.corrected, one.unit) if one.corrected is not None else "–",
                words.change(one.change) if one.change is not None else "–",
                words.number(one.n),
            ]
        )
    return [pdf.grid(rows, (0.34, 0.12, 0.18, 0.14, 0.12, 0.10))]


def _items(words: Words, items: Sequence[Item]) -> list[Flowable]:
    _ = words._
    if not items:
        return [pdf.para(_("No irritant has enough mentions to be ranked."))]
    rows = [[_("Rank"), _("Irritant"), _("Margin at stake"), _("Mentions"), _("Owner")]]
    for one in items[:TOP]:
        known = one.value_low_eur is not None and one.value_high_eur is not None
        rows.append(
            [
                str(one.rank) if one.rank_low == one.rank_high else f"{one.rank} ({one.rank_low}–{one.rank_high})",
                one.label,
                f"{words.euros(one.value_eur)} ({words.euro_range(one.value_low_eur, one.value_high_eur)})"
                if one.value_eur is not None
                and known
                and one.value_low_eur is not None
                and one.value_high_eur is not None
                else "–",
                words.number(one.n_mentions),
                one.owner or _("to be named"),
            ]
        )
    return [pdf.grid(rows, (0.12, 0.30, 0.26, 0.13, 0.19))]


def _actions(words: Words, actions: Sequence[Line]) -> list[Flowable]:
    _ = words._
    if not actions:
        return [pdf.para(_("No action has been declared yet."))]
    rows = [[_("Action"), _("State"), _("Verdict"), _("Effect")]]
    for one in actions[:MOST_ACTIONS]:
        rows.append([f"{one.title} ({one.irritant})", _state(words, one), _verdict(words, one), _effect(words, one)])
    told = [
        pdf.para("• " + _("{what}: {value}").format(what=one.title, value=sentence(words, one.fix, one.event)), "small")
        for one in actions[:MOST_ACTIONS]
        if one.fix is not None
    ]
    return [pdf.grid(rows, (0.48, 0.16, 0.14, 0.22)), pdf.gap(1.5), *told]


def _state(words: Words, one: Line) -> str:
    _ = words._
    if one.days_late:
        return _("{n} days late").format(n=words.number(one.days_late))
    return {"planned": _("Planned"), "running": _("Under way"), "done": _("Done")}.get(one.state, one.state)


def _verdict(words: Words, one: Line) -> str:
    return verdict_word(words, str(one.fix["verdict"])) if one.fix is not None else "–"


def _effect(words: Words, one: Line) -> str:
    if one.fix is None or not change(words, one.fix):
        return "–"
    value = f"{change(words, one.fix)} ({interval(words, one.fix)})"
    return words._("{what}: {value}").format(what=measure_name(words, str(one.fix["measure"])), value=value)


def _promised(words: Words, one: Promises) -> str:
    _ = words._
    if not one.n_due:
        return _("No callback was due this month.")
    text = _("{kept} of {due} callbacks promised for this month were made in time ({share}); {late} are overdue now.")
    share = words.share(one.n_kept, one.n_due)
    return text.format(
        kept=words.number(one.n_kept), due=words.number(one.n_due), share=share, late=words.number(one.n_overdue)
    )
