"""The stages as a table and as charts, and what stands behind their figures."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import charts, figures, journey_charts
from dashboard.format import DASH
from dashboard.journey_data import Read
from dashboard.page import picking, table
from insights.journey import Journey


def stage_charts(read: Read, spots: pd.DataFrame, scores: pd.DataFrame) -> None:
    """Who complains at each stage and, in the same rows, how the chosen score stands."""
    page, _ = read.page, read.page._
    named = spots[spots["name"].notna()]
    frame = pd.DataFrame(
        {
            "label": [read.name(code) for code in named["name"]],
            "n_hurt": named["n_hurt"],
            "n_angry": named["n_angry"],
            "shown": [f"{page.fmt.number(n)} ({page.fmt.percent(share)})" for n, share in _pairs(named)],
        }
    )
    left, right = st.columns([3, 2], gap="small")
    with left:
        title = _("Customers who complain (dark: angry)")
        spec = journey_charts.hurting(frame, page.fmt, title=title, reading=_("Complain, of those heard"))
        charts.draw(spec, _("Customers who complain at each stage of the journey; the table below says the same."))
    metric = read.metric
    if metric is not None:
        with right:
            title = f"{metric.label(page.language)} ({metric.unit})"
            spec = journey_charts.satisfaction(
                _score_frame(read, named, scores), page.fmt, title=title, reading=metric.label(page.language)
            )
            charts.draw(spec, _("The score at each stage, in the same order; the table below says the same."))


def star(read: Read, scores: pd.DataFrame) -> None:
    """What the star beside a score means, where there is one."""
    if len(scores) and (~scores["recent"].astype(bool) & scores["value"].notna()).any():
        st.caption(read.page._("\\* Over 12 months: the period has too few answers."))


def _pairs(rows: pd.DataFrame) -> list[tuple[int, float]]:
    return list(zip(rows["n_hurt"], rows["share"], strict=True))


def _score_frame(read: Read, named: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    found = scores.reindex(named["name"])
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "label": [read.name(code) for code in named["name"]],
            **{name: found[name].astype(float).tolist() for name in ("value", "low", "high")},
            "shown": [_reading(read, row) for row in rows],
        }
    )


def _reading(read: Read, row: dict[Any, Any]) -> str:
    if pd.isna(row["value"]):
        return read.page._("not enough answers")
    ends = read.page.fmt.interval(row["low"], row["high"])
    return f"{read.value(row)} ({ends}, n = {read.page.fmt.number(row['n'])})"


def stage_table(read: Read, spots: pd.DataFrame, scores: pd.DataFrame, named: pd.DataFrame) -> None:
    """The same stages in words; choosing a row chooses the stage."""
    page, _ = read.page, read.page._
    top = named.drop_duplicates("stage").set_index("stage")["irritant_id"]
    rows = spots.to_dict("records")
    columns = {
        _("Stage"): [read.name(row["name"]) for row in rows],
        _("Complain"): [int(row["n_hurt"]) for row in rows],
        _("First irritant"): [page.label(top[row["name"]]) if row["name"] in top else DASH for row in rows],
        **spot_columns(read, rows, scores),
    }
    codes = ["" if pd.isna(row["name"]) else row["name"] for row in rows]
    picking(
        pd.DataFrame(columns), "stage_table", "stage", codes, rows=16, raw=typed(spots, scores, _("Stage")),
        name=_("Stages of the journey"),
    )  # fmt: skip


def spot_columns(read: Read, rows: list[dict[Any, Any]], scores: pd.DataFrame) -> dict[str, list[Any]]:
    """Figures of stages or points of contact, column by column."""
    page, _, fmt = read.page, read.page._, read.page.fmt
    found = scores.to_dict("index") if len(scores) else {}
    columns = {
        _("Complain"): [int(row["n_hurt"]) for row in rows],
        _("Of those heard"): [fmt.percent(row["share"]) for row in rows],
        _("Angry"): [fmt.percent(row["angry_share"]) for row in rows],
        _("Trend"): [figures.trend_words(page, row) for row in rows],
        _("Contacts"): [int(row["n_contacts"]) for row in rows],
    }
    if read.metric is None:
        return columns
    return columns | {
        read.metric.label(page.language): [read.value(found.get(row["name"])) for row in rows],
        _("Corrected"): [read.value(found.get(row["name"]), "value_corrected") for row in rows],
    }


def typed(spots: pd.DataFrame, scores: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows with their numbers as numbers, for downloads."""
    kept = ["n_hurt", "n_people", "share", "low", "high", "n_angry", "n_contacts", "trend_ratio", "trend_low", "trend_high",
            "verdict", "rank", "rank_low", "rank_high"]  # fmt: skip
    told = spots[["name", *kept]]
    if len(scores):
        told = told.merge(scores.add_prefix("score_"), left_on="name", right_index=True, how="left")
    return told.rename(columns={"name": name})


def detail(read: Read, spots: pd.DataFrame, scores: pd.DataFrame) -> None:
    """How stages are ranked, with ranges, intervals and numbers of answers."""
    _, fmt = read.page._, read.page.fmt
    with st.expander(_("Detail")):
        st.markdown(
            _(
                "Stages stand in the order in which a customer lives them. **Complain**: customers who said something "
                "against us there, each once. **Angry**: among them, those who speak in the harshest tone or say that "
                "they will leave. The stage where most customers complain hurts most; its **rank range** holds in nine "
                "draws of ten. **Trend**: customers who complain a week, against the same length before; the survey of "
                "all customers is left out, because its waves make any volume jump. **Contacts**: calls, chats, mails "
                "and complaints that could be read. A score with too few answers in the period is that of 12 months."
            )
        )
        found = scores.to_dict("index") if len(scores) else {}
        rows = spots.to_dict("records")
        none: dict[str, Any] = {"low": None, "high": None, "n": 0, "n_effective": None}
        score = [found.get(row["name"], none) for row in rows]
        shown = {
            _("Stage"): [read.name(row["name"]) for row in rows],
            _("Rank"): [fmt.number(row["rank"]) for row in rows],
            _("Rank range"): [fmt.interval(row["rank_low"], row["rank_high"]) for row in rows],
            _("Customers heard"): spots["n_people"].astype(int),
            _("Complain, 95 % interval"): [fmt.interval(row["low"], row["high"], fmt.percent) for row in rows],
            _("Trend, 90 % interval"): [_ratio_ends(read, row) for row in rows],
            _("Answers"): [int(row["n"]) for row in score],
            _("Score, 95 % interval"): [fmt.interval(row["low"], row["high"]) for row in score],
            _("Effective n"): [fmt.number(row["n_effective"]) for row in score],
        }
        table(pd.DataFrame(shown), rows=16, export=False)
    _unknown(read, spots)


def _ratio_ends(read: Read, row: dict[Any, Any]) -> str:
    fmt = read.page.fmt
    return fmt.interval(row["trend_low"], row["trend_high"], lambda x: fmt.number(x, 1))


def _unknown(read: Read, spots: pd.DataFrame) -> None:
    """Stages that the reference file does not place, and feedback that names none."""
    _, journey = read.page._, read.journey
    _known, others = journey.in_order(spots["name"].dropna())
    if others:
        names = ", ".join(others)
        st.caption(_("Not in data/reference/journey.yaml, and therefore last: {names}.").format(names=names))
    if spots["name"].isna().any():
        st.caption(_("« Stage not said »: public posts and reviews, and feedback whose source names no stage."))


def no_order(journey: Journey) -> bool:
    """True where nobody has written the stages down yet."""
    return not journey.stages
