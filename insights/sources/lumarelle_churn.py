"""Departures of the demo company, with the day it learned of each and the cause."""

from insights.sources.tables import TableSource

SOURCE = TableSource(
    name="lumarelle_churn",
    patterns=("churn/departures*.csv",),
    table="churn_event",
    columns={
        "customer_id": "customer_id",
        "learned_on": "learned_on",
        "effective_on": "effective_on",
        "cause": "cause",
        "reason": "reason",
        "available_at": "received_at",
    },
)
