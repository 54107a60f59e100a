"""What a reader of verbatims keeps: period, who, where, about what; in the URL, so that a search can be sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import streamlit as st

from dashboard import verbatim_queries as queries
from dashboard import words
from dashboard.page import Page, from_url, to_url
from insights.contracts import UNCLASSIFIED

PERIODS = ("4", "13", "52", "all")  # weeks
FEELINGS = ("all", "negative", "positive")
BANDS: dict[str, tuple[int, int]] = {"detractor": (0, 6), "passive": (7, 8), "promoter": (9, 10)}
LISTS = ("kinds", "channels", "products", "segments", "regions", "languages")


def verbatim_filters(page: Page) -> dict[str, Any]:
    """Parameters of the conditions that are asked for; an empty dict keeps everything."""
    _ = page._
    first, second, third = st.columns([2, 3, 2])
    with first:
        _select(page, _("Period"), "period", PERIODS, "all", _period_names(page))
    with second:
        irritants = sorted((one.irritant_id for one in page.registry.living()), key=page.label)
        _several(_("Irritants"), "irritants", [*irritants, UNCLASSIFIED], page.label, _("All"))
    with third:
        _select(page, _("Tone"), "feeling", FEELINGS, "all", _feelings(page))
    n = sum(bool(st.query_params.get_all(name)) for name in (*LISTS, "band"))
    label = _("More filters ({n} in use)").format(n=n) if n else _("More filters")
    with st.expander(label):
        _more(page)
    return asked(page)


def asked(page: Page) -> dict[str, Any]:
    """The parameters that the widgets say, written into the URL."""
    kept: dict[str, Any] = {}
    period = to_url("period", "all")
    if period != "all":
        until = page.today + timedelta(days=1)
        kept |= {"since": page.day_start(until - timedelta(weeks=int(period))), "until": page.day_start(until)}
    for name in ("irritants", *LISTS):
        if name in st.session_state and (values := to_url(name, [])):
            kept[name] = values
    feeling = to_url("feeling", "all")
    kept |= {feeling: True} if feeling != "all" else {}
    band = to_url("band", "all")
    kept |= dict(zip(("least", "most"), BANDS[band], strict=True)) if band in BANDS else {}
    return kept


def where(kept: dict[str, Any]) -> str:
    """The conditions of what is kept, joined; constants only."""
    return " AND ".join([queries.SEARCHED, *(text for name, text in queries.CONDITIONS.items() if name in kept)])


def params(kept: dict[str, Any]) -> dict[str, Any]:
    """The values of what is kept, for the query."""
    return {name: value for name, value in kept.items() if name not in FEELINGS}


def _more(page: Page) -> None:
    _ = page._
    found = page.rows(queries.CHOICES).iloc[0]
    names: dict[str, tuple[str, Callable[[str], str]]] = {
        "kinds": (_("Kind"), lambda code: words.kind(_, code)),
        "channels": (_("Channel"), lambda code: words.channel(_, code)),
        "products": (_("Product"), str),
        "segments": (_("Segment"), lambda code: words.segment(_, code)),
        "regions": (_("Region"), str),
        "languages": (_("Language"), lambda code: language_name(page, code)),
    }
    columns = st.columns(3)
    for place, (name, (title, say)) in enumerate(names.items()):
        options = [str(value) for value in found[name]] if found[name] is not None else []
        with columns[place % 3]:
            _several(title, name, options, say, _("All"))
    with columns[0]:
        bands = {"detractor": _("Detractors (0 to 6)"), "passive": _("Passives (7 and 8)")}
        bands |= {"promoter": _("Promoters (9 and 10)"), "all": _("All, with or without a score")}
        _select(page, _("Recommendation score"), "band", ("all", *BANDS), "all", bands)


def _select(page: Page, title: str, key: str, options: tuple[str, ...], default: str, names: dict[str, str]) -> None:
    from_url(key, options, default)
    st.selectbox(title, options, key=key, format_func=names.__getitem__)


def _several(title: str, key: str, options: list[str], say: Callable[[str], str], empty: str) -> None:
    from_url(key, options, [])
    st.multiselect(title, options, key=key, format_func=say, placeholder=empty)


def _period_names(page: Page) -> dict[str, str]:
    _ = page._
    weeks = {n: _("Last {n} weeks").format(n=page.fmt.number(int(n))) for n in PERIODS if n != "all"}
    return {**weeks, "all": _("All that is kept")}


def _feelings(page: Page) -> dict[str, str]:
    _ = page._
    return {"all": _("All tones"), "negative": _("A complaint in it"), "positive": _("Praise in it")}


def language_name(page: Page, code: str) -> str:
    """`French` for `fr`; a language nobody has named here by its code."""
    _ = page._
    names = {"fr": _("French"), "en": _("English"), "und": _("Undecided")}
    names |= {"de": _("German"), "es": _("Spanish"), "it": _("Italian"), "nl": _("Dutch"), "pt": _("Portuguese")}
    return names.get(code, code)
