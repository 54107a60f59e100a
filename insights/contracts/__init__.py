"""The tables of the lake: grain, key, columns and units, in one place.

A contract makes the DDL, checks every frame that is written, and is what `voc doctor` and docs/tables.md print.
`FACT` tables are backed up and never dropped; `DERIVED` ones can be rebuilt from them.
Units are in the names: `_at` UTC instant, `_on` date, `_days`, `_eur`, `_share` and `_probability` 0 to 1, `n_` count.
"""

from insights.contracts.callbacks import CALLBACK_EFFECT, CALLBACK_UPLIFT
from insights.contracts.derived import (
    CHURN_PANEL,
    CHURN_SCORE,
    DRIVER,
    EMBEDDING,
    IRRITANT,
    IRRITANT_CHANGE,
    IRRITANT_WEEKLY,
    MENTION,
    MENTION_IRRITANT,
    METRIC_DAILY,
    PRIORITY,
    WEAK_SIGNAL,
)
from insights.contracts.facts import (
    ANSWER,
    CHURN_EVENT,
    CONTACT,
    CUSTOMER_SNAPSHOT,
    FEEDBACK,
    INVITATION,
    IRRITANT_EXAMPLE,
    PUBLISHED,
    QUARANTINE,
    RUN,
    TOMBSTONE,
    TURN,
)
from insights.contracts.fixes import FIX, FIX_PLACEBO, FIX_WEEK
from insights.contracts.scoring import CELL_WEIGHT, QUESTIONNAIRE, RESPONSE_CELL, RESPONSE_WEIGHT, RESTATEMENT
from insights.contracts.segments import SEGMENT_DIFFERENCE, WELCOME_COHORT
from insights.contracts.table import DERIVED, FACT, Column, Table
from insights.contracts.watching import CHURN_ABLATION, CHURN_BACKTEST, CHURN_DRIFT

UNCLASSIFIED = "unclassified"  # recognised by no irritant, and watched; never NULL

TABLES: tuple[Table, ...] = (
    FEEDBACK,
    ANSWER,
    TOMBSTONE,
    INVITATION,
    CONTACT,
    TURN,
    MENTION,
    MENTION_IRRITANT,
    EMBEDDING,
    IRRITANT,
    IRRITANT_CHANGE,
    IRRITANT_EXAMPLE,
    WEAK_SIGNAL,
    CUSTOMER_SNAPSHOT,
    CHURN_EVENT,
    CHURN_PANEL,
    CHURN_SCORE,
    CALLBACK_EFFECT,
    CALLBACK_UPLIFT,
    METRIC_DAILY,
    QUESTIONNAIRE,
    RESPONSE_CELL,
    CELL_WEIGHT,
    RESPONSE_WEIGHT,
    RESTATEMENT,
    IRRITANT_WEEKLY,
    DRIVER,
    PRIORITY,
    SEGMENT_DIFFERENCE,
    WELCOME_COHORT,
    CHURN_DRIFT,
    CHURN_BACKTEST,
    CHURN_ABLATION,
    FIX,
    FIX_WEEK,
    FIX_PLACEBO,
    PUBLISHED,
    QUARANTINE,
    RUN,
)
BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

__all__ = [
    "ANSWER",
    "BY_NAME",
    "CALLBACK_EFFECT",
    "CALLBACK_UPLIFT",
    "CELL_WEIGHT",
    "CHURN_ABLATION",
    "CHURN_BACKTEST",
    "CHURN_DRIFT",
    "CHURN_EVENT",
    "CHURN_PANEL",
    "CHURN_SCORE",
    "CONTACT",
    "CUSTOMER_SNAPSHOT",
    "Column",
    "DERIVED",
    "DRIVER",
    "EMBEDDING",
    "FACT",
    "FEEDBACK",
    "FIX",
    "FIX_PLACEBO",
    "FIX_WEEK",
    "INVITATION",
    "IRRITANT",
    "IRRITANT_WEEKLY",
    "MENTION",
    "MENTION_IRRITANT",
    "METRIC_DAILY",
    "PRIORITY",
    "PUBLISHED",
    "QUARANTINE",
    "QUESTIONNAIRE",
    "RESPONSE_CELL",
    "RESPONSE_WEIGHT",
    "RESTATEMENT",
    "RUN",
    "SEGMENT_DIFFERENCE",
    "TABLES",
    "TOMBSTONE",
    "TURN",
    "Table",
    "UNCLASSIFIED",
    "WELCOME_COHORT",
]
