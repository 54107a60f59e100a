"""One persona: who they are, what they say, what they cost."""

from __future__ import annotations

import streamlit as st

from dashboard import words
from dashboard.page import Page
from dashboard.segment_words import segment_name
from dashboard.words import plain
from insights.metrics import METRICS
from insights.segments.personas import IRRITANT, RISK, SCORE, Difference, Persona

MOST = 3  # irritants told


def persona_card(page: Page, one: Persona, n_all: int) -> None:
    _, fmt = page._, page.fmt
    with st.container(border=True):
        st.markdown(f"**{plain(segment_name(_, one.terms))}**")
        share = fmt.percent(one.n_customers / n_all) if n_all else ""
        st.caption(
            plain(
                _("{n} customers, {share} of all · {margin} of margin a year").format(
                    n=fmt.number(one.n_customers), share=share, margin=fmt.euros(one.margin_eur_year)
                )
            )
        )
        for line in persona_lines(page, one):
            st.markdown(f"- {line}")
        named = [difference for difference in one.of_kind(IRRITANT) if difference.worse]
        if named:
            st.page_link(
                "views/irritants.py",
                label=_("Read what is said of it"),
                icon=":material/arrow_forward:",
                query_params={"irritant": named[0].measure.partition(":")[2], "lang": page.language},
            )


def persona_lines(page: Page, one: Persona) -> list[str]:
    """Sentences in Markdown: risk and what it costs, scores, irritants."""
    lines = [_risk(page, difference, one.excess_loss_eur) for difference in one.of_kind(RISK)]
    lines += [_score(page, difference) for difference in one.of_kind(SCORE)]
    return lines + [_irritant(page, difference) for difference in one.of_kind(IRRITANT)[:MOST]]


def _risk(page: Page, one: Difference, excess: float | None) -> str:
    _, fmt = page._, page.fmt
    said = _("Risk of leaving **{inside}**, against {outside} of the others").format(
        inside=fmt.percent(one.inside, 1), outside=fmt.percent(one.outside, 1)
    )
    if excess is None:
        return said + "."
    more = _(": about **{euros} of yearly margin** more at stake than at the risk of the others.")
    less = _(": about {euros} of yearly margin less at stake than at the risk of the others.")
    return said + (more if excess > 0 else less).format(euros=plain(fmt.euros(abs(excess))))


def _score(page: Page, one: Difference) -> str:
    _, fmt = page._, page.fmt
    survey, metric = (one.measure.split(":") + [""])[1:3]
    label = METRICS[metric].label(page.language) if metric in METRICS else metric
    values = {
        "score": plain(f"{label} ({words.survey(_, survey).lower()})"),
        "inside": fmt.number(one.inside),
        "outside": fmt.number(one.outside),
        "n": fmt.number(one.n_known),
    }
    return _("{score}: **{inside}**, against {outside} of the others ({n} customers answered).").format(**values)


def _irritant(page: Page, one: Difference) -> str:
    _, fmt = page._, page.fmt
    name = plain(page.label(one.measure.partition(":")[2]))
    if one.outside <= 0:
        return _("“{name}”: only they name it.").format(name=name)
    ratio = one.inside / one.outside
    if ratio >= 1:
        return _("“{name}”: named **{ratio} times** as often as by the others.").format(
            name=name, ratio=fmt.number(ratio, 1)
        )
    if ratio == 0:
        return _("“{name}”: hardly ever named by them.").format(name=name)
    return _("“{name}”: named {ratio} times less often than by the others.").format(
        name=name, ratio=fmt.number(1 / ratio, 1)
    )
