"""By what each table of the lake is cut to a reader's rights. A table that stands nowhere here is shown to no limited
reader, and a test asks for its place.
"""

from __future__ import annotations

from dataclasses import dataclass

NONE = "(none)"  # a dimension of a figure that its rows did not name


@dataclass(frozen=True)
class Cut:
    """How one table is cut. `own`: by its columns product and region; `team`: its column of a team, else None.

    `belongs`: the condition that ties its rows to another table the reader sees; `by_customer` that one holds only
    where products or regions are limited (a customer belongs to no team).
    """

    own: bool = False
    team: str | None = None
    belongs: str = ""
    by_customer: bool = False


def _of(key: str, table: str) -> Cut:
    return Cut(belongs=f"{key} IN (SELECT {key} FROM temp.main.{table})")


_FEEDBACK, _MENTION = _of("feedback_id", "feedback"), _of("mention_id", "mention")
_TEXT = _of("text_sha", "mention")
_CUSTOMER = Cut(by_customer=True)

HEARD = Cut(own=True, team="agent_team")  # feedback, also without its words (insights/lake/slim.py)

CUT: dict[str, Cut] = {
    "feedback": HEARD,
    "metric_daily": Cut(own=True, team="agent_team"),
    "contact": Cut(team="team", by_customer=True),
    "case_promise": Cut(team="team"),
    "loop_reading": Cut(team="CASE unit WHEN 'team' THEN unit_id END"),
    "customer_snapshot": _CUSTOMER,
    "invitation": _CUSTOMER,
    "churn_event": _CUSTOMER,
    "churn_panel": _CUSTOMER,
    "churn_score": _CUSTOMER,
    "callback_uplift": _CUSTOMER,
    "answer": _FEEDBACK,
    "tombstone": _FEEDBACK,
    "turn": _FEEDBACK,
    "mention": _FEEDBACK,
    "response_weight": _FEEDBACK,
    "alert_feedback": _FEEDBACK,
    "mention_irritant": _MENTION,
    "published": Cut(  # a text without a mention may quote anybody
        belongs="(kind IN ('score', 'figure') OR mention_id IN (SELECT mention_id FROM temp.main.mention))"
    ),
    "embedding": _TEXT,
    "irritant_example": _TEXT,
    "weak_signal": Cut(
        belongs="signal_id IN (SELECT s.signal_id FROM (SELECT signal_id, unnest(text_shas) AS text_sha "
        "FROM lake.main.weak_signal) s JOIN temp.main.mention m USING (text_sha))"
    ),
    "quarantine": Cut(belongs="false"),  # sealed rows of nobody knows whom
}
# figures of the whole company, or names of what it knows: no word of a customer, nobody's id
COMPANY = frozenset(
    {
        "callback_effect",
        "cell_weight",
        "churn_ablation",
        "churn_backtest",
        "churn_drift",
        "counted_part",
        "driver",
        "fix",
        "fix_placebo",
        "fix_week",
        "irritant",
        "irritant_change",
        "irritant_weekly",
        "not_asked",
        "priority",
        "questionnaire",
        "response_cell",
        "restatement",
        "run",
        "segment_difference",
        "welcome_cohort",
        "alert",
    }
)
HIDDEN = Cut(belongs="false")


def cut_of(table: str) -> Cut | None:
    """How a table is cut; None for one about the whole company. An unknown one is hidden."""
    return None if table in COMPANY else CUT.get(table, HIDDEN)
