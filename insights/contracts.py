"""The tables of the lake: grain, key, columns and units, in one place.

A contract makes the DDL, checks every frame that is written, and is what `voc doctor` and docs/tables.md print.
`FACT` tables are backed up and never dropped; `DERIVED` ones can be rebuilt from them.
Units are in the names: `_at` UTC instant, `_on` date, `_days`, `_eur`, `_share` and `_probability` 0 to 1, `n_` count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

FACT = "fact"
DERIVED = "derived"
UNCLASSIFIED = "unclassified"  # recognised by no irritant, and watched; never NULL


@dataclass(frozen=True)
class Column:
    """One column. `type` is a DuckLake type; a key column is never NULL."""

    name: str
    type: str
    doc: str
    nullable: bool = True


@dataclass(frozen=True)
class Table:
    """One table of the lake. `partition` is an optional DuckLake partition expression."""

    name: str
    kind: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: str | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def ddl(self) -> str:
        """CREATE TABLE statement. DuckLake has no PRIMARY KEY: uniqueness is proven by `lake.check_keys`."""
        body = ", ".join(f'"{c.name}" {c.type}{"" if c.nullable else " NOT NULL"}' for c in self.columns)
        return f'CREATE TABLE IF NOT EXISTS "{self.name}" ({body})'


def _table(name: str, kind: str, grain: str, key: str, columns: str, partition: str | None = None) -> Table:
    """Build a Table from a compact listing: one `name TYPE : doc` a line; key columns are NOT NULL."""
    keys = tuple(part.strip() for part in key.split(","))

    def parse() -> Iterator[Column]:
        for line in columns.strip().splitlines():
            head, _, doc = line.strip().partition(" : ")
            column, type_ = head.split(maxsplit=1)
            yield Column(column, type_.strip(), doc.strip(), nullable=column not in keys)

    return Table(name, kind, grain, keys, tuple(parse()), partition)


FEEDBACK = _table(
    "feedback",
    FACT,
    "one response, post, review, call, chat, mail, ticket or employee comment",
    "feedback_id",
    """
    feedback_id VARCHAR : sha256 of source and source_id
    source VARCHAR : name of the source file in insights/sources, or of the mapping
    source_id VARCHAR : id in the source system; without one, an HMAC of the declared key columns
    kind VARCHAR : survey, post, review, call, chat, mail, ticket, employee
    survey VARCHAR : relational, post_call, post_digital, welcome, post_complaint; NULL outside surveys
    channel VARCHAR : how it reached us: email, sms, phone, chat, web, app, social, review_site, letter
    occurred_at TIMESTAMPTZ : when the customer spoke
    available_at TIMESTAMPTZ : when the source system held the record; features use this, never occurred_at
    available_basis VARCHAR : source (mapped column), declared (occurred_at plus the source's delay), receipt
    ingested_at TIMESTAMPTZ : when it was committed to the lake
    customer_id VARCHAR : the CRM's pseudonymous id; NULL when unknown
    segment VARCHAR : business segment on the day, e.g. household, small_business
    journey_stage VARCHAR : where the customer is in their life with us
    touchpoint VARCHAR : where the contact happened
    product VARCHAR : product or offer spoken of
    brand VARCHAR : brand or insurer spoken of, for data that hold several
    region VARCHAR : region of the customer
    agent_team VARCHAR : team that handled the contact
    language VARCHAR : ISO 639-1 code of the verbatim; und where undecided
    verbatim VARCHAR : the customer's own words, redacted; NULL without comment
    author_key VARCHAR : keyed hash of the public author, to count distinct authors
    country VARCHAR : ISO 3166 market country
    retention_until DATE : day after which govern removes the row
    consent VARCHAR : yes, no, not_asked (recording and analysis)
    recontact VARCHAR : yes, no, not_asked
    anonymous BOOLEAN : promised anonymous: never linked, never called
    revised_at TIMESTAMPTZ : when the source last changed it; a later version replaces an earlier one
    complete BOOLEAN : false while the response is partial; NULL where the source does not say
    site_country VARCHAR : ISO 3166 country of the site that served the customer; NULL when unknown
    suspect_wave VARCHAR : id of the wave of copied posts it belongs to: shown, counted nowhere; NULL for all others
    """,
    partition="year(occurred_at), month(occurred_at)",
)

ANSWER = _table(
    "answer",
    FACT,
    "one question answered in a response",
    "feedback_id, question_id",
    """
    feedback_id VARCHAR : the response
    question_id VARCHAR : question in the questionnaire
    metric VARCHAR : nps, csat, ces, other
    scale VARCHAR : minimum-maximum and direction, e.g. 0-10, 1-5, 1-7 (high is good)
    value DOUBLE : the score as given
    touchpoint VARCHAR : touchpoint the question asked about
    occurred_at TIMESTAMPTZ : when it was answered
    available_at TIMESTAMPTZ : when the source system held it
    customer_id VARCHAR : as in feedback
    """,
)

TOMBSTONE = _table(
    "tombstone",
    FACT,
    "one feedback that must not come back",
    "feedback_id",
    """
    feedback_id VARCHAR : the feedback that was taken out
    reason VARCHAR : deleted_at_source, erased
    taken_out_at TIMESTAMPTZ : business instant
    """,
)

INVITATION = _table(
    "invitation",
    FACT,
    "one survey sent or suppressed",
    "invitation_id",
    """
    invitation_id VARCHAR : id in the survey tool
    customer_id VARCHAR : who was asked
    survey VARCHAR : relational or transactional questionnaire
    channel VARCHAR : email, sms, app
    touchpoint VARCHAR : what it was about
    sent_at TIMESTAMPTZ : NULL when suppressed
    suppressed_reason VARCHAR : why it was not sent; NULL when sent
    feedback_id VARCHAR : the response; NULL when silent
    available_at TIMESTAMPTZ : when the survey tool held it
    """,
)

CONTACT = _table(
    "contact",
    FACT,
    "one contact with the company, survey or not",
    "contact_id",
    """
    contact_id VARCHAR : id in the contact system
    customer_id VARCHAR : who
    channel VARCHAR : phone, email, chat, form, letter
    team VARCHAR : team that took it
    site VARCHAR : site of the team
    site_country VARCHAR : ISO 3166 country of the site
    touchpoint VARCHAR : where
    reason VARCHAR : reason as coded by the adviser
    wait_seconds DOUBLE : time in the queue
    duration_seconds DOUBLE : talk, hold and wrap-up
    transferred BOOLEAN : passed on to another team
    abandoned BOOLEAN : hung up before an answer
    occurred_at TIMESTAMPTZ : when
    available_at TIMESTAMPTZ : when the contact system held it
    """,
    partition="year(occurred_at), month(occurred_at)",
)

TURN = _table(
    "turn",
    FACT,
    "one speaker turn of a transcript",
    "feedback_id, turn_no",
    """
    feedback_id VARCHAR : the call or chat
    turn_no INTEGER : from 1
    speaker VARCHAR : customer, adviser, bot, unknown
    start_s DOUBLE : seconds from the start
    end_s DOUBLE : seconds from the start
    text VARCHAR : redacted
    asr_confidence DOUBLE : 0 to 1; NULL where the words were typed
    """,
)

MENTION = _table(
    "mention",
    DERIVED,
    "one clause of a verbatim, the customer's words only",
    "mention_id",
    """
    mention_id VARCHAR : sha256 of feedback_id and unit_no
    feedback_id VARCHAR : where it was said
    unit_no INTEGER : from 1 in reading order
    turn_no INTEGER : turn of the transcript; NULL elsewhere
    start_char INTEGER : offset in the verbatim (or in the turn's text)
    end_char INTEGER : offset one past the end
    text VARCHAR : the clause, redacted
    text_sha VARCHAR : sha256 of the normalised text; joins embedding
    voice VARCHAR : customer or employee; employee voice never enters a score
    language VARCHAR : fr, en, und
    type VARCHAR : complaint, praise, suggestion, question, neutral
    polarity DOUBLE : -1 to 1
    polarity_confidence DOUBLE : 0 to 1
    effort BOOLEAN : the customer speaks of effort (repeat, again, wait, nobody answers)
    leave_intent BOOLEAN : the customer says they leave
    score_contradicts BOOLEAN : the answer's score and the words disagree (scale upside down, sarcasm)
    urgency VARCHAR : safety, medical, infant, cut_off, distress; the flag only, never the detail
    occurred_at TIMESTAMPTZ : as in feedback
    available_at TIMESTAMPTZ : as in feedback
    customer_id VARCHAR : as in feedback
    model_version VARCHAR : polarity model and rules
    """,
    partition="year(occurred_at), month(occurred_at)",
)

MENTION_IRRITANT = _table(
    "mention_irritant",
    DERIVED,
    "one mention and one irritant, as assigned (readers resolve merges through the registry)",
    "mention_id, irritant_id",
    """
    mention_id VARCHAR : the clause
    irritant_id VARCHAR : lasting id as assigned, or unclassified; never NULL
    confidence DOUBLE : 0 to 1
    model_version VARCHAR : fit and threshold that assigned it
    """,
)

EMBEDDING = _table(
    "embedding",
    DERIVED,
    "one distinct text and encoder",
    "text_sha, encoder_version",
    """
    text_sha VARCHAR : sha256 of the normalised text
    encoder_version VARCHAR : encoder and its version
    vector FLOAT[] : unit length
    """,
)

IRRITANT = _table(
    "irritant",
    DERIVED,
    "one lasting cause of dissatisfaction (a picture of the ledger's registry)",
    "irritant_id",
    """
    irritant_id VARCHAR : lasting id, IR-0001
    label_fr VARCHAR : name in French
    label_en VARCHAR : name in English
    label_source VARCHAR : mined_fr, mined_en, mined_both, labels_yaml, person
    keywords VARCHAR[] : words that set it apart
    parent VARCHAR : theme
    status VARCHAR : emerging, active, dormant, merged
    owner VARCHAR : product owner
    born_on DATE : first week seen
    lineage VARCHAR : where it came from: first fit, split of, merged into
    """,
)

CUSTOMER_SNAPSHOT = _table(
    "customer_snapshot",
    FACT,
    "one customer on the day of one CRM picture",
    "customer_id, as_of",
    """
    customer_id VARCHAR : the CRM's pseudonymous id
    as_of DATE : day of the picture
    available_at TIMESTAMPTZ : when the CRM held it
    segment VARCHAR : household, small_business
    product VARCHAR : offer
    region VARCHAR : region
    acquisition_channel VARCHAR : how they came
    preferred_language VARCHAR : fr, en
    age_band VARCHAR : weights and describes; never a feature of churn
    digital_habit VARCHAR : weights and describes; never a feature of churn
    contract_start_on DATE : start of the relation
    contract_end_on DATE : end of a fixed term; NULL without
    price_change_on DATE : next announced price change; NULL without
    tariff_option VARCHAR : single, peak_offpeak
    energy VARCHAR : electricity, gas, dual
    heating VARCHAR : electric, gas, other
    payment_method VARCHAR : direct_debit, card, cheque
    monthly_amount_eur DOUBLE : instalment
    margin_eur_year DOUBLE : contribution margin a year, not turnover
    usage_30d DOUBLE : consumption of the last 30 days
    usage_30d_last_year DOUBLE : the same weeks a year ago
    n_logins_30d INTEGER : log-ins to the account
    n_unpaid INTEGER : unpaid bills open
    low_income BOOLEAN : energy voucher
    paper_bill BOOLEAN : bill by post
    leaving BOOLEAN : departure already under way on that day
    objection BOOLEAN : objected to scoring: never scored
    """,
    partition="year(as_of)",
)

CHURN_EVENT = _table(
    "churn_event",
    FACT,
    "one departure",
    "customer_id, learned_on",
    """
    customer_id VARCHAR : who left
    learned_on DATE : the day we learn of it: the label
    effective_on DATE : the day it takes effect
    cause VARCHAR : chosen, natural (move), unpaid, death
    reason VARCHAR : reason as stated; NULL without
    available_at TIMESTAMPTZ : when the feed held it
    """,
)

CHURN_PANEL = _table(
    "churn_panel",
    DERIVED,
    "one customer and month end; features from rows with available_at <= t0 only",
    "customer_id, t0",
    """
    customer_id VARCHAR : who
    t0 DATE : month end, end of day in UTC
    segment VARCHAR : line of business: decides gap and horizon
    value_eur DOUBLE : contribution margin over the horizon
    gap_days INTEGER : time to act
    horizon_days INTEGER : window in which a chosen departure counts
    tenure_months DOUBLE : contract
    first_year BOOLEAN : contract, tenure under 12 months
    contract_end_60d BOOLEAN : contract, fixed term ends within 60 days
    price_change_60d BOOLEAN : contract, announced change within 60 days
    n_unpaid INTEGER : contract, unpaid bills
    usage_change_share DOUBLE : usage against the same weeks a year ago, -1 to ...; 0 when unknown
    usage_known BOOLEAN : usage of last year known
    n_logins_30d INTEGER : usage
    n_contacts_30d INTEGER : effort
    n_contacts_90d INTEGER : effort
    n_contacts_365d INTEGER : effort
    n_transfers_90d INTEGER : effort
    n_abandoned_90d INTEGER : effort
    n_complaints_90d INTEGER : effort, formal complaints
    nps_last DOUBLE : score, last 365 days; NULL never
    csat_last_share DOUBLE : score 0 to 1, last 90 days; NULL never
    ces_last_share DOUBLE : score 0 to 1 (1 easy), last 90 days; NULL never
    n_asked_365d INTEGER : silence, surveys sent
    n_silent_365d INTEGER : silence, sent and unanswered
    never_asked BOOLEAN : silence
    n_negative_30d INTEGER : text
    n_negative_90d INTEGER : text
    n_negative_365d INTEGER : text
    n_leave_intent_30d INTEGER : text
    n_leave_intent_90d INTEGER : text
    n_effort_90d INTEGER : text
    same_irritant_30d BOOLEAN : text, the same irritant in two contacts within 30 days
    competitor_90d BOOLEAN : text, a competitor named
    irritants_90d VARCHAR[] : irritants with a negative mention in 90 days
    label BOOLEAN : chosen departure learned within the horizon; NULL when not yet known or censored
    event VARCHAR : chosen, natural, unpaid, death, none; NULL when not yet known
    """,
    partition="year(t0)",
)

CHURN_SCORE = _table(
    "churn_score",
    DERIVED,
    "one customer and scoring day",
    "customer_id, scored_on",
    """
    customer_id VARCHAR : who
    scored_on DATE : business day
    model_kind VARCHAR : card (index), logistic or ebm (probability)
    probability DOUBLE : 0 to 1 within the horizon; NULL for the card
    probability_low DOUBLE : 90 % interval; NULL for the card
    probability_high DOUBLE : 90 % interval; NULL for the card
    index DOUBLE : points card 0 to 100, always there
    rank INTEGER : 1 is the highest risk
    value_eur DOUBLE : contribution margin over the horizon
    expected_loss_eur DOUBLE : probability times value; NULL for the card
    reasons VARCHAR : JSON list of up to three {family, code, contribution, values}
    model_version VARCHAR : model card
    """,
)

METRIC_DAILY = _table(
    "metric_daily",
    DERIVED,
    "one day, metric and combination of dimension values; components only, the rate is taken last",
    "day, metric, survey, segment, channel, touchpoint, journey_stage, product, brand, region, agent_team",
    """
    day DATE : Europe/Paris day of the answer
    metric VARCHAR : name in insights/metrics.py
    survey VARCHAR : questionnaire; relational and transactional never mix
    segment VARCHAR : all dimensions: (none) where unknown
    channel VARCHAR : dimension
    touchpoint VARCHAR : dimension
    journey_stage VARCHAR : dimension
    product VARCHAR : dimension
    brand VARCHAR : dimension
    region VARCHAR : dimension
    agent_team VARCHAR : dimension
    numerator DOUBLE : promoters minus detractors, or top-box answers
    denominator DOUBLE : answers
    n_positive INTEGER : promoters, or top-box answers
    n_negative INTEGER : detractors; 0 for csat and ces
    """,
)

IRRITANT_WEEKLY = _table(
    "irritant_weekly",
    DERIVED,
    "one week, irritant, segment and brand",
    "week, irritant_id, segment, brand",
    """
    week DATE : Monday, Europe/Paris
    irritant_id VARCHAR : as assigned
    segment VARCHAR : (none) where unknown
    brand VARCHAR : (none) where unknown
    n_mentions INTEGER : negative mentions
    n_customers INTEGER : distinct customers or authors, each once
    n_feedback INTEGER : distinct feedback
    polarity_sum DOUBLE : sum of polarity, for a mean taken last
    n_exposed INTEGER : all feedback of that week, segment and brand: the exposure
    """,
)

PRIORITY = _table(
    "priority",
    DERIVED,
    "one week and irritant",
    "week, irritant_id",
    """
    week DATE : Monday of the business day
    irritant_id VARCHAR : resolved at the ledger version of the run
    n_mentions INTEGER : negative mentions in the window
    n_customers INTEGER : known customers who spoke of it in the window
    value_at_risk_eur DOUBLE : margin at risk associated with it; NULL without a churn model
    value_at_risk_low_eur DOUBLE : 90 % interval
    value_at_risk_high_eur DOUBLE : 90 % interval
    nps_effect DOUBLE : points of score associated with it (answers that name it against those that do not)
    nps_effect_low DOUBLE : 90 % interval
    nps_effect_high DOUBLE : 90 % interval
    trend_ratio DOUBLE : last 4 weeks against the 4 before, per exposure, shrunk
    trend_low DOUBLE : 90 % interval
    trend_high DOUBLE : 90 % interval
    rank INTEGER : 1 first
    rank_low INTEGER : 90 % range
    rank_high INTEGER : 90 % range
    top3_probability DOUBLE : share of bootstrap draws in the first three
    weak_signal BOOLEAN : under 10 mentions: never in the top list
    basis VARCHAR : eur (value at risk) or volume_severity (no customers known)
    model_version VARCHAR : churn model behind the euros
    """,
)

PUBLISHED = _table(
    "published",
    FACT,
    "one figure or quote that left the house",
    "publication_id, item",
    """
    publication_id VARCHAR : digest, week, recipient role and language
    item VARCHAR : place in the publication
    kind VARCHAR : figure, quote, text
    value VARCHAR : JSON of what was said
    mention_id VARCHAR : the quote's clause; NULL elsewhere
    snapshot_id BIGINT : lake snapshot it was computed from
    published_at TIMESTAMPTZ : business instant
    """,
)

QUARANTINE = _table(
    "quarantine",
    FACT,
    "one rejected raw row",
    "source, source_id, reason",
    """
    source VARCHAR : source or mapping
    source_id VARCHAR : id in the source, else file name and line
    reason VARCHAR : code of the reason
    detail VARCHAR : sentence: what was found, without the value when it may be personal
    file VARCHAR : file name
    line INTEGER : line or row in the file, from 1
    raw_encrypted VARCHAR : the row, encrypted with the inbox key, so that it can be retried
    seen_at TIMESTAMPTZ : business instant
    expires_on DATE : when govern removes it
    """,
)

RUN = _table(
    "run",
    FACT,
    "one step of one run",
    "run_id, step",
    """
    run_id VARCHAR : one execution of a flow
    step VARCHAR : ingest, enrich, discover, score, prioritize, digest, callbacks, govern
    started_at TIMESTAMPTZ : wall clock
    seconds DOUBLE : wall clock
    n_in INTEGER : rows read
    n_out INTEGER : rows written
    n_quarantined INTEGER : rows set aside
    peak_memory_mb DOUBLE : highest resident memory of the process so far
    snapshot_id BIGINT : lake snapshot after the step
    as_of_on DATE : business day
    note VARCHAR : JSON of what the step reports
    """,
)

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
    CUSTOMER_SNAPSHOT,
    CHURN_EVENT,
    CHURN_PANEL,
    CHURN_SCORE,
    METRIC_DAILY,
    IRRITANT_WEEKLY,
    PRIORITY,
    PUBLISHED,
    QUARANTINE,
    RUN,
)
BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}
