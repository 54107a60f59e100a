"""The words behind « Détail »: what each figure means, and what it does not."""

from __future__ import annotations

from dashboard.words import Translate


def scores(_: Translate, least: int) -> str:
    return _(
        "Intervals of 95 %. A change is called real when the interval of the difference does not hold zero. "
        "Questionnaires and public reviews are never mixed. Under {n} answers no score is shown. "
        "Irritants that move: the last four weeks against the four before (where none moved, thirteen against thirteen), "
        "for the same number of feedback items; "
        "of those shown, at most one in ten moved by luck. Weak signals, under ten mentions, are left out."
    ).format(n=least)


def irritants(_: Translate, unclassified: str) -> str:
    return _(
        "A **mention** is one sentence or clause of a customer, in a negative tone. **Trend**: mentions per feedback "
        "item in this period against the period before, pulled towards no change where there are few; “stable” when "
        "the interval holds ×1. A customer counts once. **Unclassified**: {share} of the negative mentions resemble no "
        "known irritant."
    ).format(share=unclassified)


def value_at_risk(_: Translate) -> str:
    return _(
        "**Margin at stake**: for every customer who named the irritant in 90 days, the margin of the coming months "
        "times the part of their risk of leaving that goes with naming it, added up. The parts of one customer never "
        "exceed that customer's risk. Compared are customers we heard from, whatever they said."
    )


def score_effect(_: Translate) -> str:
    return _(
        "**Effect on the score**: points of the score's own scale between customers who name the irritant and those "
        "who do not, with segment, channel, time with us, quarter and questionnaire held fixed. "
        "People also name an irritant because they are unhappy already: this is an **association**, not a proof "
        "that repairing it brings the euros or the points back. Only a test shows that."
    )


def rank_range(_: Translate) -> str:
    return _(
        "**Rank range**: customers are drawn again many times and ranked each time; nine ranks in ten fall into "
        "the range. **Tied**: the first of a group does not come before the others in 95 draws of 100; these data do "
        "not tell them apart. **Trend**: the last four weeks against the four before (eight against eighteen where "
        "only those show it), for as many customers and contacts, channel by channel; at most one announced change in ten is luck."
    )


def priority_index(_: Translate) -> str:
    return _(
        "**Priority**: margin at stake × margin factor × reachable share × chance to fix ÷ weeks of work, in euros a "
        "week of work. It rests on what your teams suppose, below; the euros at stake do not."
    )


def no_euros(_: Translate) -> str:
    return _(
        "Without known customers and their margin there are no euros: the order rests on how many complain, "
        "how strongly, and how it moves."
    )


def risk(_: Translate, *, as_index: bool) -> str:
    if as_index:
        return _("**Index**: points that experts give to what is known of the customer, 0 to 100. Not a probability.")
    return _(
        "**Risk**: probability that the customer chooses to leave within the horizon, counted after the time it takes "
        "to act. **Expected loss**: risk times margin over the horizon."
    )


def risk_use(_: Translate) -> str:
    return _(
        "The score only orders helpful calls; a person decides. Reasons are what goes together with leaving in "
        "past data, not proven causes. Customers who objected are never scored."
    )


def quality(_: Translate) -> str:
    return _(
        "**Unclassified**: negative mentions that resemble no irritant; they are never forced into one. **Agreement**: "
        "answers of people are held back, the assignment learns from the others, and is asked for those (weighted F1). "
        "People correct what is wrong above all, so that the figure is lower than for all mentions: follow it from "
        "month to month. One person who sorts the same texts twice agrees with himself at about 0.90, two people at "
        "0.70 to 0.85. **Stability**: an irritant keeps its identity when at least half of its texts stay with it."
    )
