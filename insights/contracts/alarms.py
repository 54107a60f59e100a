"""Tables of early warning: every alarm that rang, and the feedback it rang on."""

from insights.contracts.table import FACT, table

ALERT = table(
    "alert",
    FACT,
    "one alarm raised on one series; taking, closing and undoing are events of the ledger (incident.*)",
    "alert_id",
    """
    alert_id VARCHAR : hash of series and start: the same alarm found again is the same row
    incident_id VARCHAR : incident of the ledger it opened or joined: the alert_id of its first alarm
    series VARCHAR : irritant_id, or pooled for all irritants together
    started_at TIMESTAMPTZ : when the rise began
    raised_at TIMESTAMPTZ : minute in which the count passed the threshold
    found_at TIMESTAMPTZ : business instant at which this installation knew of it
    n_authors INTEGER : distinct authors from started_at to raised_at
    n_feedback INTEGER : feedback counted
    expected DOUBLE : authors the baseline expected in that time
    statistic DOUBLE : the figure that passed the threshold
    threshold DOUBLE : the threshold
    replayed BOOLEAN : found in a replay over history: nobody was told
    evidence VARCHAR : JSON of counts by channel, region and product, and of emerging terms; no id, no verbatim
    """,
)

ALERT_FEEDBACK = table(
    "alert_feedback",
    FACT,
    "one feedback that one alarm counted",
    "alert_id, feedback_id",
    """
    alert_id VARCHAR : the alarm
    feedback_id VARCHAR : the feedback; erased with it
    place INTEGER : from 1, earliest first
    """,
)
