"""How much of everything one simulated portfolio holds.

`demo` is the table of the demo company (8,026 items from 12,000 customers); `small` keeps every kind of item on 400
customers by asking and keeping more of each; a block of `large` is the demo scaled down.
"""

from __future__ import annotations

from dataclasses import dataclass

from insights.errors import SettingsError

SIZES = ("small", "demo", "large")
DEMO_CUSTOMERS = 12_000
DEMO_ITEMS = 8_026
BLOCK_ITEMS = 2_000  # one block of `large`: small enough for constant memory, large enough to hold every irritant
MANY_ITEMS = 50_000  # from here on a block is as large as the demo: fewer row groups in the pictures


@dataclass(frozen=True)
class Survey:
    """One questionnaire: how many are sent over the two years (a wave, for the relational one) and who answers."""

    n_sent: int
    answer_share: float


@dataclass(frozen=True)
class Plan:
    """Sizes and rates of one portfolio. `n_customers` are those under contract on the first day."""

    n_customers: int
    arrivals_share_year: float
    contacts_per_year: float
    chosen_factor: float
    relational: Survey
    post_call: Survey
    post_digital: Survey
    welcome: Survey
    post_complaint: Survey
    n_calls: int
    n_chats: int
    n_messages: int
    formal_share_year: float
    n_posts: int
    n_outage_posts: int
    n_debit_posts: int
    n_reviews: int
    n_copied_reviews: int
    n_employee: int


def demo_plan(scale: float = 1.0) -> Plan:
    """The table of the demo company, scaled: sample sizes follow `scale`, rates stay."""

    def n(count: float) -> int:
        return max(1, round(count * scale))

    return Plan(
        n_customers=max(60, n(DEMO_CUSTOMERS)),
        arrivals_share_year=0.165,
        contacts_per_year=1.15,
        chosen_factor=1.0,
        relational=Survey(n(3_000), 0.078),
        post_call=Survey(n(9_000), 0.16),
        post_digital=Survey(n(6_000), 0.064),
        welcome=Survey(n(2_400), 0.13),
        post_complaint=Survey(n(700), 0.19),
        n_calls=n(1_600),
        n_chats=n(700),
        n_messages=n(1_150),
        formal_share_year=0.032,
        n_posts=n(820),
        n_outage_posts=n(210),
        n_debit_posts=n(64),
        n_reviews=n(400),
        n_copied_reviews=n(62),
        n_employee=n(130),
    )


def small_plan() -> Plan:
    """About 400 customers and 600 items: every kind, every irritant and enough departures for a quick test."""
    return Plan(
        n_customers=400,
        arrivals_share_year=0.16,
        contacts_per_year=1.9,
        chosen_factor=1.35,
        relational=Survey(220, 0.085),
        post_call=Survey(430, 0.24),
        post_digital=Survey(330, 0.09),
        welcome=Survey(90, 0.26),
        post_complaint=Survey(40, 0.30),
        n_calls=112,
        n_chats=52,
        n_messages=84,
        formal_share_year=0.06,
        n_posts=74,
        n_outage_posts=34,
        n_debit_posts=8,
        n_reviews=34,
        n_copied_reviews=12,
        n_employee=14,
    )


def check_size(size: str, n_items: int | None) -> None:
    """Raise SettingsError with a sentence when the size or the number of items makes no sense."""
    if size not in SIZES:
        raise SettingsError(f"The size '{size}' is not known: use one of {', '.join(SIZES)}.")
    if size == "large" and (n_items is None or n_items < 1):
        raise SettingsError("The size 'large' needs the number of feedback items (n_items), 1 or more.")
    if size != "large" and n_items is not None:
        raise SettingsError(f"n_items only goes with the size 'large'; '{size}' has a fixed number of items.")
