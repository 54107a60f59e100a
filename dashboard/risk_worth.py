"""What the list is worth: past tests in plain words, month by month, by segment, and what each family of data adds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import risk_queries, risk_words
from dashboard.format import known, missing
from dashboard.page import Page, table
from dashboard.words import plain
from insights.churn.watch_words import level, series_label
from insights.digest.words import Words
from insights.steps.churn_models import model_path

OF = 100  # customers called, of whom n left
DRIFT_ROWS = 12


def past_sentence(page: Page, scored: Any) -> str:
    """« Of 100 customers called from the top, 7 left; drawn at random, 2 », from the model's own forward test.

    Without one, from the months tested since; empty without any.
    """
    _, fmt = page._, page.fmt
    found = _own_test(page, scored) or _replayed(page)
    if not found:
        return ""
    return _(
        "In past tests, of {n} customers at the top of such a list, **{top} then left** by choice; of {n} drawn "
        "at random, {random}."
    ).format(
        n=OF,
        top=fmt.number(OF * found["top"], _decimals(OF * found["top"])),
        random=fmt.number(OF * found["random"], _decimals(OF * found["random"])),
    )


def _decimals(figure: float) -> int:
    return 0 if figure >= 3 else 1


def card_of(page: Page, scored: Any) -> Mapping[str, Any]:
    """The model card of the model that scored; empty where it is not there."""
    path = model_path(page.settings, page.fmt.local_day(scored["scored_on"]))
    path = path.with_name(f"{path.stem}-card.json")
    if not path.is_file():
        return {}
    stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return stored if stored.get("model_version") == scored["model_version"] else {}


def _own_test(page: Page, scored: Any) -> dict[str, float]:
    test = card_of(page, scored).get("test", {})
    block = test.get("all", {})
    own = block.get(test.get("served", scored["model_kind"]), {})
    if missing(own.get("precision_at_capacity")):
        return {}
    return {"top": float(own["precision_at_capacity"]), "random": float(block["base_rate"])}


def _replayed(page: Page) -> dict[str, float]:
    months = _months(page)
    months = months[months["enough"].astype(bool)] if len(months) else months
    if months.empty:
        return {}
    caught = (months["precision_at_capacity"] * months["n_called"]).sum() / months["n_called"].sum()
    return {"top": float(caught), "random": float(months["n_events"].sum() / months["n"].sum())}


def _months(page: Page) -> pd.DataFrame:
    """Every tested month of the largest line, the oldest first."""
    if not page.store.has("churn_backtest"):
        return pd.DataFrame()
    found: pd.DataFrame = page.rows(risk_queries.BACKTEST)
    if found.empty:
        return found
    first = found.iloc[0]
    own = (found["gap_days"] == first["gap_days"]) & (found["horizon_days"] == first["horizon_days"])
    return found[own & (found["dimension"] == "all")]


def worth_panel(page: Page) -> None:
    """Month by month: foretold and seen, and what a call list caught. By segment beside it."""
    _ = page._
    months = _months(page)
    if months.empty:
        st.caption(_("No past scoring has matured yet: its horizon must pass before it can be judged."))
        return
    st.markdown("**" + _("Past months: foretold and seen") + "**")
    told = {
        "replayed": _(
            "Replayed: a model fitted later on what was known at the time; scores given at the time replace it."
        ),
        "scored": _("The scores given at the time."),
    }
    table(_month_table(page, months), rows=12)
    st.caption(" ".join(told[basis] for basis in sorted(set(months["basis"]))))
    parts = page.rows(risk_queries.BACKTEST)
    parts = parts[parts["dimension"] != "all"]
    if len(parts):
        st.markdown("**" + _("By segment, last months together") + "**")
        table(_part_table(page, parts), rows=10)
        st.caption(_("Under 50 departures a segment has no figure: not enough data."))


def _month_table(page: Page, months: pd.DataFrame) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    rows = months.sort_values("t0", ascending=False).to_dict("records")
    return pd.DataFrame(
        {
            _("Month"): [fmt.month(row["t0"]) for row in rows],
            _("Left"): [fmt.number(row["n_events"]) for row in rows],
            _("Foretold"): [fmt.number(row["expected_events"]) for row in rows],
            _("Left, of 100 called"): [_of_100(page, row["precision_at_capacity"]) for row in rows],
            _("Left, of 100 at random"): [_of_100(page, row["n_events"] / row["n"]) for row in rows],
            _("Departures caught"): [fmt.percent(row["recall_at_capacity"]) for row in rows],
            _("Calibration slope"): [_ranged(page, row, "slope") for row in rows],
            _("ROC-AUC"): [_ranged(page, row, "roc_auc") for row in rows],
        }
    )


def _part_table(page: Page, parts: pd.DataFrame) -> pd.DataFrame:
    _, fmt = page._, page.fmt
    rows = parts.to_dict("records")
    return pd.DataFrame(
        {
            _("Segment"): [risk_words.part(_, row["dimension"], row["value"]) for row in rows],
            _("Horizon"): [_("{n} days").format(n=row["horizon_days"]) for row in rows],
            _("Left"): [fmt.number(row["n_events"]) for row in rows],
            _("Left over foretold"): [_ranged(page, row, "seen_over_told") for row in rows],
            _("Departures caught"): [fmt.percent(row["recall_at_capacity"]) for row in rows],
            _("Calibration slope"): [_ranged(page, row, "slope") for row in rows],
        }
    )


def _of_100(page: Page, share: Any) -> str:
    return page.fmt.number(None) if missing(share) else page.fmt.number(OF * float(share), 1)


def _ranged(page: Page, row: Mapping[str, Any], name: str) -> str:
    """`1,05 (0,94 à 1,16)`; a dash where there are too few departures."""
    fmt = page.fmt
    if missing(row[name]):
        return fmt.number(None)
    ends = fmt.interval(row[f"{name}_low"], row[f"{name}_high"], lambda value: fmt.number(value, 2))
    return f"{fmt.number(row[name], 2)} ({ends})"


def ablation_panel(page: Page) -> None:
    """What each family of data adds to the forecast, with its interval; "not shown" where it holds zero."""
    _ = page._
    if not page.store.has("churn_ablation"):
        return
    found = page.rows(risk_queries.ABLATION)
    if found.empty:
        return
    st.markdown("**" + _("What each kind of data adds") + "**")
    rows = found[found["metric"] == "pr_auc"].to_dict("records")
    lifts = found[found["metric"] == "lift_top_decile"].to_dict("records")
    shown = pd.DataFrame(
        {
            _("The model knows"): [risk_words.step(_, row["step"]) for row in rows],
            _("PR-AUC"): [page.fmt.number(row["value"], 3) for row in rows],
            _("Change of PR-AUC"): [_change(page, row, 3) for row in rows],
            _("Lift, top tenth"): [page.fmt.number(row["value"], 2) for row in lifts],
            _("Change of lift"): [_change(page, row, 2) for row in lifts],
            _("Verdict"): [risk_words.verdict(_, row["verdict"]) for row in rows],
        }
    )
    table(shown)
    first = rows[0]
    st.caption(
        _(
            "Tested on {first} to {last}, {n} departures, always on months after those learnt on. Change against the "
            "line above, 95 % interval by customer; “not shown” where it holds zero. Verdict by PR-AUC."
        ).format(
            first=page.fmt.month(first["first_t0"]),
            last=page.fmt.month(first["last_t0"]),
            n=page.fmt.number(first["n_events"]),
        )
    )


def _change(page: Page, row: Mapping[str, Any], decimals: int) -> str:
    if missing(row["change"]):
        return ""
    low, high = (page.fmt.number(row[name], decimals, signed=True) for name in ("change_low", "change_high"))
    return f"{page.fmt.number(row['change'], decimals, signed=True)} ({page.fmt.interval(low, high, str)})"


def drift_panel(page: Page) -> None:
    """What the model sees today against the last year it learnt on: the series nearest to their limit."""
    _ = page._
    if not page.store.has("churn_drift"):
        return
    found = page.rows(risk_queries.DRIFT, until=page.today)
    found = found[found["limit_psi"].notna()]
    if found.empty:
        return
    spoken = Words(page.language, page.settings.timezone)
    rows = found.head(DRIFT_ROWS).to_dict("records")
    st.markdown("**" + _("Has what the model sees moved?") + "**")
    shown = pd.DataFrame(
        {
            _("Series"): [series_label(row["kind"], row["name"], spoken) for row in rows],
            _("Learnt on"): [_level(row, "mean_reference", spoken) for row in rows],
            _("Now"): [_level(row, "mean_now", spoken) for row in rows],
            _("Shift, of its limit"): [page.fmt.percent(row["psi"] / row["limit_psi"]) for row in rows],
            _("Moved"): [_("yes") if row["moved"] else _("no") for row in rows],
        }
    )
    table(shown, wide=_("Series"), wide_px=420)
    st.caption(
        _(
            "{n} series are watched, {moved} moved. The limit knows how many customers stand behind each figure and how "
            "much months of a year differ among themselves; one reading in twenty cries without cause."
        ).format(n=page.fmt.number(len(found)), moved=page.fmt.number(found["moved"].sum()))
    )


def _level(row: Mapping[str, Any], column: str, spoken: Words) -> str:
    value = row[column]
    return "" if missing(value) or row["kind"] == "score" else level(row["kind"], row["name"], float(value), spoken)


def card_panel(page: Page, scored: Any) -> None:
    """The model card as it was written for people at the fit."""
    path = model_path(page.settings, page.fmt.local_day(scored["scored_on"]))
    path = path.with_name(f"{path.stem}-card.{page.language}.md")
    if not card_of(page, scored) or not path.is_file():
        return
    with st.popover(page._("Model card"), icon=":material/description:"):
        st.markdown(_lowered(path.read_text(encoding="utf-8")))


def _lowered(markdown: str) -> str:
    """Headings three levels lower: the page has its own."""
    return "\n".join(f"###{line}" if line.startswith("#") else line for line in markdown.splitlines())


def scored_line(page: Page, scored: Any) -> str:
    """When, by which model."""
    kind = risk_words.kind(page._, str(scored["model_kind"])) if known(scored["model_kind"]) else ""
    return page._("Scored on {day}, model {model} ({kind}).").format(
        day=page.fmt.day(scored["scored_on"]), model=plain(scored["model_version"]), kind=kind
    )
