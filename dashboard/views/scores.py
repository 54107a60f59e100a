"""Scores: what each questionnaire says, raw and corrected for who answered, month by month, and what was restated."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from dashboard import charts, score_cards, score_choice, score_months, score_queries, who_answered, words
from dashboard.event_marks import event_marks, legend, spoken
from dashboard.guard import empty
from dashboard.not_asked_panel import not_asked_panel
from dashboard.page import Page, show, table
from dashboard.scores import HISTORY_DAYS, Figure, definition, figure, shown
from dashboard.who_answered import Answered
from dashboard.words import plain
from insights.metrics import METRICS, Metric

LONG = 25  # characters that stand beside an axis
FINE = 6  # a picture of values this near needs decimals on its axis


def render(page: Page) -> None:
    _ = page._
    if not page.store.has("restatement"):
        empty(_("These scores have not been measured yet."), _("Run `voc run`: its step measure makes them."))
        return
    choices = score_choice.choices(page)
    if not choices:
        _nothing(page)
        return
    name, survey, scale, weeks = score_choice.asked(page, choices)
    metric = METRICS[name]
    first = (page.today - timedelta(days=HISTORY_DAYS)).replace(day=1)
    rows = page.rows(
        score_queries.DAILY,
        metric=name, survey=survey, scale=scale, since=first - timedelta(days=1), until=page.today,
    )  # fmt: skip
    since = page.today - timedelta(weeks=weeks) + timedelta(days=1)
    now = figure(page, metric, rows, since, page.today)
    found = who_answered.answered(page, survey, since, page.today)
    score_cards.cards(page, metric, now, found)
    _say(page, metric, now, found, since)
    months = score_months.month_rows(page, metric, survey, scale, rows)
    _months(page, metric, months)
    _people(page, found)
    if found.n_never_asked:
        not_asked_panel(page, survey, list(found.months))
    _restated(page)
    _detail(page, metric, (name, survey, scale), months)


def _nothing(page: Page) -> None:
    _ = page._
    if page.rows(score_queries.UNMEASURED)["n"].iloc[0]:
        empty(_("These scores have not been measured yet."), _("Run `voc run`: its step measure makes them."))
    else:
        empty(_("There is no score to show."), _("Ingest survey answers with `voc ingest`, then `voc run`."))


def _say(page: Page, metric: Metric, now: Figure, found: Answered, since: date) -> None:
    """The plain sentence and what to do next."""
    _ = page._
    text = who_answered.reading(page, metric, now, found)
    if metric.name == "fcr_7d_irritant":
        text += " " + _share_known(page, now, since)
    st.markdown(text)
    st.info(who_answered.next_step(page, metric, now, found), icon=":material/arrow_forward:")


def _share_known(page: Page, now: Figure, since: date) -> str:
    n = page.rows(score_queries.CONTACTS, since=since - timedelta(days=1), until=page.today)["n"].iloc[0]
    known = page.fmt.percent(now.n / n) if n and n > 0 else page.fmt.percent(0)
    text = page._(
        "What a contact was about is known for {share} of them (recorded calls, chats, messages); the others are left out."
    )
    return text.format(share=known)


def _months(page: Page, metric: Metric, found: pd.DataFrame) -> None:
    _, fmt = page._, page.fmt
    st.header(_("Month by month"))
    if found.empty:
        st.markdown(_("No month has enough answers for a figure of its own."))
        return
    data = found.assign(
        closed=found["state"] != score_months.OPEN,
        state_text=[score_months.state(page, one) for one in found["state"]],
        shown=[
            f"{shown(page, metric, row['value'])} ({fmt.interval(row['low'], row['high'], lambda x: shown(page, metric, x))})"
            for row in found.to_dict("records")
        ],
        order=(found["reading"] == "corrected").astype(int),
    ).sort_values(["order", "month"])
    data["reading"] = [score_months.reading(page, one) for one in data["reading"]]
    label = metric.label(page.language)
    marks = event_marks(page, min(fmt.days(found["month"])), page.today)
    near = found[["low", "high", "value"]].max(axis=None) - found[["low", "high", "value"]].min(axis=None) < FINE
    chart = charts.months(
        data.drop(columns=["order", "state"]),
        fmt,
        title=label if len(label) < LONG else "",
        reading=label,
        state=_("State"),
        number=",.1f" if near else ",.0f",
        marks=marks,
    )
    charts.draw(chart, f"{_('Month by month')}. {spoken(page, marks)}".strip())
    legend(page, marks)
    if (found["state"] != score_months.NEVER).any():
        st.caption(_frozen_words(page, found))


def _frozen_words(page: Page, found: pd.DataFrame) -> str:
    _ = page._
    last = score_months.last_frozen(found)
    text = _("A full point is a frozen month: its published figure no longer changes. An empty point is still open.")
    return f"{text} {_('Last frozen month: {month}.').format(month=page.fmt.month(last))}" if last else text


def _people(page: Page, found: Answered) -> None:
    _ = page._
    rows = who_answered.share_rows(page, found)
    if rows.empty:
        return
    with st.expander(_("Who answered, beside whom it concerns")):
        table(rows, rows=30, name=_("Who answered"), raw=who_answered.share_raw(page, found))
        st.caption(
            _(
                "Each answer is weighted so that these shares meet. "
                "Age and digital habit only weigh and describe: they are in no risk score."
            )
        )


def _restated(page: Page) -> None:
    _ = page._
    st.header(_("Restatements"))
    rows = score_months.restated_rows(page)
    if rows.empty:
        st.markdown(_("No published figure has changed since its month was frozen."))
        return
    st.markdown(
        words.plural(
            len(rows),
            _("{n} published figure is another now. The published one stays; tell its readers of the difference."),
            _("{n} published figures are others now. The published ones stay; tell their readers of the difference."),
            page.language,
        ).format(n=page.fmt.number(len(rows)))
    )
    table(rows, rows=12, name=_("Restatements"), raw=score_months.restated_raw(page))


def _detail(page: Page, metric: Metric, choice: score_choice.Choice, months: pd.DataFrame) -> None:
    _ = page._
    with st.expander(_("Detail")):
        asked = page.rows(score_queries.WORDING, metric=choice[0], survey=choice[1], scale=choice[2])
        if len(asked) and asked.iloc[0][f"wording_{page.language}"]:
            wording = plain(str(asked.iloc[0][f"wording_{page.language}"]))
            low, high = (page.fmt.number(asked.iloc[0][end]) for end in ("lowest", "highest"))
            st.markdown(
                _("Question asked: « {wording} », from {low} to {high}.").format(wording=wording, low=low, high=high)
            )
        st.markdown(definition(page, metric))
        st.markdown(
            _(
                "**Corrected**: those who answer are not those who are concerned. Each answer is weighted by age, digital "
                "habit, months with us, segment, channel and margin until the answers look like those the questionnaire stands "
                "for. A weight is never over five times the median one. It cannot correct for moods that none of these tells."
            )
        )
        if not months.empty:
            table(
                score_months.month_table(page, metric, months),
                rows=12,
                name=metric.label(page.language),
                raw=score_months.month_raw(page, metric, months),
                definitions={_("Value"): definition(page, metric)},
            )


if __name__ == "__main__":
    show(render)
