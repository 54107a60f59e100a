"""Codes of the risk page as a person says them."""

from __future__ import annotations

from dashboard import words
from dashboard.words import Translate


def step(_: Translate, code: str) -> str:
    """A step of the ablation: what it adds to the steps before."""
    return {
        "crm": _("Contract alone"),
        "behaviour": _("+ usage, contacts, callbacks"),
        "scores": _("+ scores and silence"),
        "text": _("+ irritants and words"),
    }.get(code, code)


def verdict(_: Translate, code: str | None) -> str:
    """What a change of the ablation says."""
    return {"shown": _("shown"), "hurts": _("makes it worse"), "not_shown": _("not shown")}.get(code or "", "")


def part(_: Translate, dimension: str, value: str) -> str:
    """A segment of the backtest."""
    if dimension == "segment":
        return words.segment(_, value)
    tenures = {
        "under_1": _("Customers for under a year"),
        "1_to_3": _("Customers for 1 to 3 years"),
        "over_3": _("Customers for over 3 years"),
        "unknown": _("Time with us unknown"),
    }
    return tenures.get(value, value) if dimension == "tenure" else value


def kind(_: Translate, code: str) -> str:
    """A kind of model."""
    return {
        "card": _("points card"),
        "logistic": _("logistic regression"),
        "lightgbm": _("LightGBM"),
        "ebm": _("Explainable Boosting Machine"),
    }.get(code, code)
