"""The inner loop: one customer to answer, a promise, the attempt, and what came of it."""

from insights.cases.actions import events_for, note_key, possible_actions, taken_by
from insights.cases.config import Rules, load_rules
from insights.cases.decision import NewCase, Opened
from insights.cases.fold import check, fold_cases
from insights.cases.frame import cases_frame
from insights.cases.holdout import in_holdout
from insights.cases.labels import label
from insights.cases.model import Case, EventDraft, Signal
from insights.cases.plan import Planning
from insights.cases.rules import open_cases
from insights.cases.signals import feedback_signals, risk_signals

__all__ = [
    "Case",
    "EventDraft",
    "NewCase",
    "Opened",
    "Planning",
    "Rules",
    "Signal",
    "cases_frame",
    "check",
    "events_for",
    "feedback_signals",
    "fold_cases",
    "in_holdout",
    "label",
    "load_rules",
    "note_key",
    "open_cases",
    "possible_actions",
    "risk_signals",
    "taken_by",
]
