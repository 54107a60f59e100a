"""Early warning: when many people at once say the same thing, before the hotline hears it."""

from insights.alarms.collection import CollectionState, collection_state
from insights.alarms.hours import public_holidays
from insights.alarms.model import POOLED, Alarm, alarm_id
from insights.alarms.settings import COMPANY, PER_IRRITANT, RULE, Budget, Rule
from insights.alarms.stream import WatchState, advance, start_watch
from insights.alarms.terms import Term, emerging_terms
from insights.alarms.watch import SeriesModel, WatchModel, fit_watch

__all__ = [
    "COMPANY", "PER_IRRITANT", "POOLED", "RULE", "Alarm", "Budget", "CollectionState", "Rule", "SeriesModel", "Term",
    "WatchModel", "WatchState", "advance", "alarm_id", "collection_state", "emerging_terms", "fit_watch",
    "public_holidays", "start_watch",
]  # fmt: skip
