"""Tables that cannot be computed again: backed up, never dropped."""

from insights.contracts.table import FACT, table

FEEDBACK = table(
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

ANSWER = table(
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

TOMBSTONE = table(
    "tombstone",
    FACT,
    "one feedback that must not come back",
    "feedback_id",
    """
    feedback_id VARCHAR : the feedback that was taken out
    reason VARCHAR : deleted_at_source
    taken_out_at TIMESTAMPTZ : business instant
    """,
)

INVITATION = table(
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

CONTACT = table(
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

TURN = table(
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

CUSTOMER_SNAPSHOT = table(
    "customer_snapshot",
    FACT,
    "one customer on the day of one CRM picture",
    "customer_id, as_of",
    """
    customer_id VARCHAR : the CRM's pseudonymous id
    as_of DATE : day of the picture
    available_at TIMESTAMPTZ : when the CRM held it
    segment VARCHAR : household, small_business
    account_id VARCHAR : account of a business with several customers; NULL: its own
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
    preferred_channel VARCHAR : how the customer wants to be contacted: phone, sms, email, letter, app; NULL: no wish
    consent_phone_at TIMESTAMPTZ : when the customer consented to sales calls; NULL: never
    consent_phone_source VARCHAR : where the consent can be shown: reference of the form or recording
    consent_withdrawn_at TIMESTAMPTZ : when that consent was withdrawn; NULL: not
    """,
    partition="year(as_of)",
)

CHURN_EVENT = table(
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

IRRITANT_EXAMPLE = table(
    "irritant_example",
    FACT,
    "one example of one irritant, given by the company with its code frame",
    "irritant_id, text_sha",
    """
    irritant_id VARCHAR : irritant as imported (readers resolve merges through the registry)
    text_sha VARCHAR : sha256 of the normalised text
    text VARCHAR : the example, redacted
    language VARCHAR : ISO 639-1 code
    source VARCHAR : file it came from
    added_at TIMESTAMPTZ : business instant of the import
    """,
)

PUBLISHED = table(
    "published",
    FACT,
    "one figure or quote that left the house",
    "publication_id, item",
    """
    publication_id VARCHAR : digest, week, owner (all: the company) and language; month- or imported- and the month for scores
    item VARCHAR : place in the publication
    kind VARCHAR : figure, quote, text, picture; score for a frozen month
    value VARCHAR : JSON of what was said
    mention_id VARCHAR : the quote's clause; NULL elsewhere
    snapshot_id BIGINT : lake snapshot it was computed from
    published_at TIMESTAMPTZ : business instant
    """,
)

QUARANTINE = table(
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

RUN = table(
    "run",
    FACT,
    "one step of one run",
    "run_id, step",
    """
    run_id VARCHAR : one execution of a flow
    step VARCHAR : ingest, enrich, discover, measure, score, prioritize, digest, callbacks, govern
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
