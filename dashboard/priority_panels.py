"""Parts of the priorities page: the first three in words, the picture, the list, weak signals, what goes with the score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, figures, queries, words
from dashboard.format import DASH, known
from dashboard.page import Page, from_url, table, to_url
from dashboard.words import plain, plural
from insights.priorities.assumptions import Assumptions
from insights.priorities.words import score_name, sentence, weak_sentence
from insights.steps.assume import assumptions

SHOWN = 8
IN_WORDS = 3
WEAK_SHOWN = 5
EFFECT_OF = ("effect_survey", "effect_metric", "effect_scale")


def sentences(page: Page, firm: pd.DataFrame) -> None:
    """One sentence for each of the first three."""
    for row in firm.head(IN_WORDS).to_dict("records"):
        st.markdown(f"- {plain(sentence(page._, page.fmt, page.label(row['irritant_id']), row))}")


def chart(page: Page, firm: pd.DataFrame, in_euros: bool) -> None:
    """Euros with their intervals; without euros, the effect on the score."""
    _, fmt = page._, page.fmt
    name, show_value = ("value_at_risk", fmt.euros) if in_euros else ("nps_effect", fmt.points)
    column = f"{name}_eur" if in_euros else name
    low, high = (f"{name}_low_eur", f"{name}_high_eur") if in_euros else (f"{name}_low", f"{name}_high")
    known_rows = firm.dropna(subset=[column, low, high])
    frame = (known_rows if in_euros else one_scale(known_rows)).head(SHOWN)
    if frame.empty:
        return
    data = pd.DataFrame(
        {
            "label": [page.label(key) for key in frame["irritant_id"]],
            "value": frame[column],
            "low": frame[low],
            "high": frame[high],
            "shown": [
                f"{show_value(row[column])} ({fmt.interval(row[low], row[high], show_value)})"
                for row in frame.to_dict("records")
            ],
        }
    )
    if in_euros:
        title = _("Margin at stake, with its 90 % interval")
    else:
        asked = _questionnaire(page, *(str(frame.iloc[0][one]) for one in EFFECT_OF))
        title = _("Effect on {score}, with its 90 % interval").format(score=asked)
    drawn = charts.intervals(data, fmt, title=title, reading=title, number="$,.0f" if in_euros else ",.1f")
    charts.draw(drawn, title)


def one_scale(firm: pd.DataFrame) -> pd.DataFrame:
    """The rows whose effect is in points of the commonest score; points of two scales have no common axis."""
    told = firm.dropna(subset=list(EFFECT_OF))
    if told.empty:
        return told
    scores = pd.Series(list(zip(*(told[one] for one in EFFECT_OF), strict=True)), index=told.index)
    counts = scores.value_counts()
    commonest = next(one for one in scores if counts[one] == counts.max())  # of two, the one that ranks first
    return told[[one == commonest for one in scores]]


def ranking(page: Page, firm: pd.DataFrame, in_euros: bool, of_part: bool = False) -> None:
    """The list. The order can follow the priority instead of the euros, which stay on screen.

    `of_part`: of one brand, product or region; what is known of the whole company only is left out.
    """
    _, fmt = page._, page.fmt
    supposed = assumptions(page.settings, page.store.ledger) if in_euros and not of_part else None
    index = _index(firm, supposed)
    if supposed is not None:
        orders = {"euros": _("Margin at stake"), "priority": _("Priority")}
        wanted = st.radio(_("Order by"), list(orders), format_func=orders.__getitem__, horizontal=True, key="order")
        if wanted == "priority":
            place = index.sort_values(ascending=False, kind="stable").index
            firm, index = firm.loc[place].reset_index(drop=True), index.loc[place].reset_index(drop=True)
    rows = firm.to_dict("records")
    columns = {
        _("Rank (range)"): [_rank(page, row) for row in rows],
        _("Tied"): [_tied(page, firm, row) for row in rows],
        _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
        _("Margin at stake"): [fmt.euros(row["value_at_risk_eur"]) for row in rows],
        _("Interval"): [
            fmt.interval(row["value_at_risk_low_eur"], row["value_at_risk_high_eur"], fmt.euros) for row in rows
        ],
        _("Score effect"): [_effect(page, row) for row in rows],
        _("Mentions"): firm["n_mentions"].astype(int),
        _("Trend"): [figures.trend_words(page, row) for row in rows],
        _("In the top 3"): [fmt.percent(row["top3_probability"]) for row in rows],
        _("Priority"): [fmt.euros(value) for value in index],
        _("From a new model"): [DASH] * len(rows) if of_part else _from_model(page, firm),
        _("Owner"): [page.owner(row["irritant_id"]) or _("to be named") for row in rows],
    }
    if not in_euros:
        del columns[_("Margin at stake")], columns[_("Interval")]
    if supposed is None:
        del columns[_("Priority")]
    if set(columns[_("From a new model")]) == {DASH}:
        del columns[_("From a new model")]
    table(pd.DataFrame(columns), wide=_("Irritant"), wide_px=270, rows=15)


def weak_signals(page: Page, weak: pd.DataFrame) -> None:
    """Under ten mentions: worth an eye, never in the list; those that grow most first."""
    if weak.empty:
        return
    _ = page._
    st.header(_("Weak signals"))
    st.caption(_("Fewer than ten mentions: too few to rank, enough to keep an eye on. Growth with its 90 % interval."))
    for row in weak.sort_values(["trend_ratio", "n_mentions"], ascending=False).head(WEAK_SHOWN).to_dict("records"):
        st.markdown(f"- {plain(weak_sentence(_, page.fmt, page.label(row['irritant_id']), row))}")


def score_drivers(page: Page) -> None:
    """One questionnaire's irritants: odds, points, share of explained variance."""
    if not page.store.has("driver"):
        return
    found = page.rows(queries.DRIVERS)
    found = found[found["points"].notna()] if not found.empty else found
    if found.empty:
        return
    _, fmt = page._, page.fmt
    with st.expander(_("What goes with a low score (associations)")):
        keys = list(dict.fromkeys(zip(found["survey"], found["metric"], found["scale"], strict=True)))
        keys.sort(key=lambda key: (key[:2] != ("relational", "nps"), key[0] != "(all)", key))
        known_keys = {"/".join(key): key for key in keys}
        from_url("driver_of", list(known_keys), next(iter(known_keys)))
        st.selectbox(
            _("Score"),
            list(known_keys),
            format_func=lambda one: _questionnaire(page, *known_keys[one]),
            key="driver_of",
        )
        chosen = known_keys[to_url("driver_of", next(iter(known_keys)))]
        own = found[[one == chosen for one in zip(found["survey"], found["metric"], found["scale"], strict=True)]]
        rows = own.sort_values("rank").to_dict("records")
        count = plural(rows[0]["n_answers"], _("{n} answer with words."), _("{n} answers with words."), page.language)
        st.caption(count.format(n=fmt.number(rows[0]["n_answers"])))
        shown = {
            _("Rank (range)"): [_rank(page, row) for row in rows],
            _("Irritant"): [page.label(row["irritant_id"]) for row in rows],
            _("Points"): [_points(page, row, "points") for row in rows],
            _("Odds of a better score"): [_odds(page, row) for row in rows],
            _("Share of what is explained"): [
                f"{fmt.percent(row['shapley_share'])} ({fmt.interval(row['shapley_low'], row['shapley_high'], fmt.percent)})"
                for row in rows
            ],
            _("Customers who name it"): [fmt.number(row["n_named"]) for row in rows],
        }
        table(pd.DataFrame(shown), wide=_("Irritant"), wide_px=270, rows=12)


def _index(firm: pd.DataFrame, supposed: Assumptions | None) -> pd.Series:
    if supposed is None:
        return pd.Series(float("nan"), index=firm.index)
    pairs = zip(firm["irritant_id"], firm["value_at_risk_eur"], strict=True)
    return pd.Series([supposed.of(one).priority(float(value)) for one, value in pairs], index=firm.index)


def _rank(page: Page, row: Mapping[Any, Any]) -> str:
    """« 2 (1 à 4) », and « 1 » where every draw says the same."""
    rank = page.fmt.number(row["rank"])
    certain = row["rank_low"] == row["rank"] == row["rank_high"]
    return rank if certain else f"{rank} ({page.fmt.interval(row['rank_low'], row['rank_high'])})"


def _tied(page: Page, firm: pd.DataFrame, row: Mapping[Any, Any]) -> str:
    """« ex aequo 3 »: the number of its group, where it is not alone in it."""
    if not known(row["tie"]) or int((firm["tie"] == row["tie"]).sum()) < 2:
        return ""
    return page._("tied {n}").format(n=page.fmt.number(row["tie"]))


def _effect(page: Page, row: Mapping[Any, Any]) -> str:
    """-2,1 (NPS, 0-10): each score in points of its own scale."""
    if not known(row["nps_effect"]) or not known(row.get("effect_metric")):
        return DASH
    scale = str(row["effect_scale"]).split("(", maxsplit=1)[0].strip() if known(row.get("effect_scale")) else ""
    name = str(row["effect_metric"]).upper()
    told = ", ".join(part for part in (name, scale) if part)
    return page.fmt.points(row["nps_effect"]) + (f" ({told})" if told else "")


def _points(page: Page, row: Mapping[Any, Any], name: str) -> str:
    ends = page.fmt.interval(row[f"{name}_low"], row[f"{name}_high"], page.fmt.points)
    return f"{page.fmt.points(row[name])} ({ends})"


def _odds(page: Page, row: Mapping[Any, Any]) -> str:
    number = page.fmt.number
    return f"×{number(row['odds_ratio'], 2)} ({page.fmt.interval(row['odds_low'], row['odds_high'], lambda x: number(x, 2))})"


def _from_model(page: Page, firm: pd.DataFrame) -> list[str]:
    """Mentions gained or lost because a new model reads the same words otherwise."""
    found = page.rows(queries.MODEL_PART, until=page.today)
    part = dict(zip(found["irritant_id"], found["model"], strict=True)) if not found.empty else {}
    return [page.fmt.number(part[one], signed=True) if part.get(one) else DASH for one in firm["irritant_id"]]


def _questionnaire(page: Page, survey: str, metric: str, scale: str) -> str:
    _ = page._
    asked = _("all questionnaires, held fixed") if survey == "(all)" else words.survey(_, survey)
    return f"{score_name(_, metric, survey, scale)} — {asked}"
