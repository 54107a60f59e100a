"""Surveys sent or suppressed by the demo company: who was asked and stayed silent is known."""

from insights.sources.tables import TableSource

SOURCE = TableSource(
    name="lumarelle_invitations",
    patterns=("survey/invitations*.csv",),
    table="invitation",
    columns={
        "invitation_id": "invitation_id",
        "customer_id": "customer_id",
        "survey": "survey",
        "channel": "channel",
        "touchpoint": "touchpoint",
        "sent_at": "sent_at",
        "suppressed_reason": "suppressed_reason",
        "feedback_id": "response_id",
        "available_at": "received_at",
    },
    feedback_source="lumarelle_survey",
)
