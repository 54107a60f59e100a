"""Tables that can be rebuilt from the facts."""

from insights.contracts.table import DERIVED, table

MENTION = table(
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
    competitor VARCHAR : competitor named in the clause, as the reference list writes it; NULL none
    occurred_at TIMESTAMPTZ : as in feedback
    available_at TIMESTAMPTZ : as in feedback
    customer_id VARCHAR : as in feedback
    model_version VARCHAR : polarity model and rules
    """,
    partition="year(occurred_at), month(occurred_at)",
)

MENTION_IRRITANT = table(
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

EMBEDDING = table(
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

IRRITANT = table(
    "irritant",
    DERIVED,
    "one lasting cause of dissatisfaction (a picture of the ledger's registry)",
    "irritant_id",
    """
    irritant_id VARCHAR : lasting id, IR-0001
    label_fr VARCHAR : name in French
    label_en VARCHAR : name in English
    label_source VARCHAR : mined_fr, mined_en, mined_both, labels_yaml, verbatim, proposed, code_frame, person
    keywords VARCHAR[] : words that set it apart
    parent VARCHAR : id of its theme, TH-01
    status VARCHAR : emerging, active, dormant, merged
    owner VARCHAR : product owner
    born_on DATE : first week seen
    lineage VARCHAR : where it came from: first fit, split of, merged into
    neighbour_id VARCHAR : the irritant it lies nearest to at the last discovery; NULL before one
    said_here VARCHAR[] : what is said of it and hardly of its neighbour, strongest first
    said_there VARCHAR[] : what is said of its neighbour and hardly of it
    """,
)

IRRITANT_CHANGE = table(
    "irritant_change",
    DERIVED,
    "one discovery week and irritant: what of its change comes from customers, what from the model",
    "week, irritant_id",
    """
    week DATE : Monday of the discovery's business day
    irritant_id VARCHAR : resolved at the ledger version of the run
    n_seen_before DOUBLE : mentions of the base weeks (the 4 before the last 4) as the model before read them
    n_base DOUBLE : the same mentions as the model in force reads them
    n_now DOUBLE : mentions of the last 4 weeks as the model in force reads them
    customers DOUBLE : n_now less n_base: the customers' part
    model DOUBLE : n_base less n_seen_before: the model's part
    """,
)

WEAK_SIGNAL = table(
    "weak_signal",
    DERIVED,
    "one group of texts that grows and belongs to no irritant, of the last discovery",
    "signal_id",
    """
    signal_id VARCHAR : hash of its texts
    found_on DATE : business day of the discovery
    since_on DATE : first day of the period called new
    label_fr VARCHAR : name mined from its texts; NULL without French evidence
    label_en VARCHAR : name mined from its texts; NULL without English evidence
    n_new INTEGER : distinct texts in the new period
    n_history INTEGER : distinct texts before it
    expected DOUBLE : texts expected in the new period if it did not grow
    lift DOUBLE : n_new over expected
    p_value DOUBLE : chance of such growth, corrected for the groups looked at
    nearest_id VARCHAR : irritant it lies nearest to
    nearest_cosine DOUBLE : how near, -1 to 1
    text_shas VARCHAR[] : its texts, most typical first
    """,
)

CHURN_PANEL = table(
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
    fixed_term BOOLEAN : contract, a fixed term still runs
    contract_end_60d BOOLEAN : contract, fixed term ends within 60 days
    price_change_60d BOOLEAN : contract, announced change within 60 days
    amount_change_share DOUBLE : contract, instalment against a year ago; 0 when unknown
    direct_debit BOOLEAN : contract, pays by direct debit
    dual_energy BOOLEAN : contract, two energies with us
    channel_departure_ratio DOUBLE : contract, departures of a year of those who came as they did, over the mean; 1 unknown
    n_unpaid INTEGER : contract, unpaid bills
    usage_change_share DOUBLE : usage against the same weeks a year ago, -1 to ...; 0 when unknown
    usage_change_90d_share DOUBLE : usage, the pictures of 90 days against those of a year ago; 0 when unknown
    usage_known BOOLEAN : usage of last year known, by the CRM's column or by the picture of that time
    n_logins_30d INTEGER : usage
    logins_month_90d DOUBLE : usage, mean of n_logins_30d over the pictures of 90 days
    logins_month_365d DOUBLE : usage, the same over 365 days: the customer's own habit
    logins_change_share DOUBLE : usage, the 90 days against that habit; 0 when unknown
    n_contacts_7d INTEGER : effort
    n_contacts_30d INTEGER : effort
    n_contacts_90d INTEGER : effort
    n_contacts_365d INTEGER : effort
    days_since_contact INTEGER : effort, days since the last contact; NULL none in 365 days
    n_transfers_90d INTEGER : effort
    n_abandoned_90d INTEGER : effort
    n_complaints_90d INTEGER : effort, formal complaints
    n_complaints_365d INTEGER : effort, formal complaints
    n_callbacks_90d INTEGER : callback, calls on a case that reached the customer
    n_callbacks_365d INTEGER : callback
    n_callbacks_missed_90d INTEGER : callback, calls on a case that did not reach the customer
    nps_last DOUBLE : score, last 365 days; NULL never
    csat_last_share DOUBLE : score 0 to 1, last 90 days; NULL never
    ces_last_share DOUBLE : score 0 to 1 (1 easy), last 90 days; NULL never
    n_asked_365d INTEGER : silence, surveys sent
    n_answered_365d INTEGER : silence, surveys sent and answered
    n_silent_365d INTEGER : silence, sent and unanswered
    never_asked BOOLEAN : silence
    asked_state VARCHAR : silence: answered, silent (asked, no answer), waiting (asked under 7 days ago), never_asked
    n_negative_30d INTEGER : text
    n_negative_90d INTEGER : text
    n_negative_365d INTEGER : text
    days_since_negative INTEGER : text, days since the last negative mention; NULL none in 365 days
    worst_polarity_90d DOUBLE : text, severity: the lowest polarity of a negative mention; NULL none
    n_leave_intent_7d INTEGER : text
    n_leave_intent_30d INTEGER : text
    n_leave_intent_90d INTEGER : text
    n_leave_intent_365d INTEGER : text
    days_since_leave_intent INTEGER : text; NULL none in 365 days
    n_effort_90d INTEGER : text
    same_irritant_30d BOOLEAN : text, the same irritant in two contacts within 30 days
    same_irritant_90d BOOLEAN : text, the same irritant in two contacts within 90 days
    competitor_90d BOOLEAN : text, a competitor named
    competitor_365d BOOLEAN : text, a competitor named
    irritants_90d VARCHAR[] : irritants with a negative mention in 90 days
    label BOOLEAN : chosen departure learned within the horizon; NULL not yet known, learned in the gap, or lost otherwise
    event VARCHAR : chosen, natural, unpaid, death, none; NULL when not yet known
    """,
    partition="year(t0)",
)

CHURN_SCORE = table(
    "churn_score",
    DERIVED,
    "one customer and scoring day",
    "customer_id, scored_on",
    """
    customer_id VARCHAR : who
    scored_on DATE : business day
    model_kind VARCHAR : card (index), logistic, lightgbm or ebm (probability)
    probability DOUBLE : 0 to 1 within the horizon; NULL for the card
    probability_low DOUBLE : 90 % interval; NULL for the card
    probability_high DOUBLE : 90 % interval; NULL for the card
    index DOUBLE : points card 0 to 100, always there
    rank INTEGER : 1 is the highest risk
    value_eur DOUBLE : contribution margin over the horizon
    expected_loss_eur DOUBLE : probability times value; NULL for the card
    reasons VARCHAR : JSON list of up to three {family, code, contribution, values}; of effort and text also irritant_id
    model_version VARCHAR : model card
    """,
)

METRIC_DAILY = table(
    "metric_daily",
    DERIVED,
    "one day, metric and combination of dimension values; components only, the rate is taken last",
    "day, metric, survey, scale, segment, channel, touchpoint, journey_stage, product, brand, region, tenure_band, agent_team",
    """
    day DATE : Europe/Paris day of the answer, of the contact or of asking
    metric VARCHAR : name in insights/metrics.py
    survey VARCHAR : questionnaire, relational and transactional never mix; contacts for metrics of contacts
    scale VARCHAR : scale of the answers, never merged, as 1-7 or 1-7 (low is good); (none) for other metrics
    segment VARCHAR : all dimensions: (none) where unknown
    channel VARCHAR : dimension
    touchpoint VARCHAR : dimension
    journey_stage VARCHAR : dimension
    product VARCHAR : dimension
    brand VARCHAR : dimension
    region VARCHAR : dimension
    tenure_band VARCHAR : dimension: months with us, 0-3, 4-14, 15-36, 37+
    agent_team VARCHAR : dimension
    numerator DOUBLE : promoters minus detractors, top-box answers, contacts not repeated, answered invitations, minutes
    denominator DOUBLE : answers, contacts or invitations
    n_positive INTEGER : promoters, top-box answers, contacts not repeated, answered invitations
    n_negative INTEGER : detractors; 0 elsewhere
    squares DOUBLE : sum of squared minutes, for the interval of a mean; NULL for shares
    numerator_weighted DOUBLE : numerator with each answer's weight (response_weight); NULL where they are not weighted
    denominator_weighted DOUBLE : sum of the weights
    positive_weighted DOUBLE : n_positive with the weights
    negative_weighted DOUBLE : n_negative with the weights
    weight_squares DOUBLE : sum of squared weights: effective n = denominator_weighted squared over it, after summing
    """,
)

IRRITANT_WEEKLY = table(
    "irritant_weekly",
    DERIVED,
    "one week, irritant, segment, brand and channel group",
    "week, irritant_id, segment, brand, channel_group",
    """
    week DATE : Monday, Europe/Paris
    irritant_id VARCHAR : as assigned; as the registry saw it when the week was closed, for weeks since purged
    segment VARCHAR : (none) where unknown
    brand VARCHAR : (none) where unknown
    channel_group VARCHAR : phone, written, chat, survey, public
    n_mentions INTEGER : negative mentions
    n_customers INTEGER : distinct customers or authors, each once
    n_feedback INTEGER : distinct feedback
    polarity_sum DOUBLE : sum of polarity, for a mean taken last
    n_heard INTEGER : all customer feedback of the cell, with or without words
    n_contacts INTEGER : contacts of that week and channel group, recorded or not, all segments and brands
    n_active INTEGER : customers of the company that week, all segments and brands; 0 without a CRM picture
    """,
)

DRIVER = table(
    "driver",
    DERIVED,
    "one questionnaire, metric and irritant: what goes with naming it (an association)",
    "survey, metric, scale, irritant_id",
    """
    survey VARCHAR : questionnaire; review: public reviews; (all): CSAT or CES over all questionnaires, held fixed
    metric VARCHAR : nps, csat, ces
    scale VARCHAR : as answered; never merged
    irritant_id VARCHAR : resolved at the ledger version of the run
    n_named INTEGER : customers who name it, each once
    n_answers INTEGER : answers with words that were compared
    odds_ratio DOUBLE : odds of a higher score when it is named, all else held fixed; NULL under 10 customers
    odds_low DOUBLE : 90 % interval
    odds_high DOUBLE : 90 % interval
    points DOUBLE : mean difference of the score on its own scale (turned so that high is good), over those who name it
    points_low DOUBLE : 90 % interval
    points_high DOUBLE : 90 % interval
    shapley_share DOUBLE : part of the explained variance of the score, 0 to 1 (controls first, their part is no irritant's)
    shapley_low DOUBLE : 90 % interval, customers drawn again
    shapley_high DOUBLE : 90 % interval
    shapley_error DOUBLE : standard error of drawing orders; 0 where all orders were taken
    rank INTEGER : 1 for the largest share
    rank_low INTEGER : 90 % range
    rank_high INTEGER : 90 % range
    until_on DATE : last day of the answers
    """,
)

PRIORITY = table(
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
    nps_effect DOUBLE : points of score associated with it, on the scale of effect_metric (see driver); relational NPS first
    nps_effect_low DOUBLE : 90 % interval
    nps_effect_high DOUBLE : 90 % interval
    effect_metric VARCHAR : nps, csat or ces: the score nps_effect speaks of; NULL without a number
    effect_survey VARCHAR : its questionnaire, as in driver
    effect_scale VARCHAR : its scale
    trend_ratio DOUBLE : last 4 weeks against the 4 before, per exposure and channel group, shrunk
    trend_low DOUBLE : 90 % interval
    trend_high DOUBLE : 90 % interval
    trend_weeks INTEGER : 4; 8 where only the last 8 weeks against the 18 before are beyond chance
    trend_verdict VARCHAR : up, down, steady, unknown; Benjamini-Hochberg at 10 % over irritants that are no weak signal
    rank INTEGER : 1 first
    rank_low INTEGER : 90 % range
    rank_high INTEGER : 90 % range
    tie INTEGER : irritants of one number are tied: the first of the group is not before the others in 95 % of draws
    top3_probability DOUBLE : share of bootstrap draws in the first three
    weak_signal BOOLEAN : under 10 mentions: never in the top list
    basis VARCHAR : eur (value at risk) or volume_severity (no customers known)
    model_version VARCHAR : churn model behind the euros
    """,
)

COUNTED_PART = table(
    "counted_part",
    DERIVED,
    "one part of a table that is counted in parts, and what it was counted from",
    "table_name, part",
    """
    table_name VARCHAR : the table
    part VARCHAR : churn_panel: the t0
    mark VARCHAR : sha256 of the rows and rules the part was counted from; another one counts it again
    n_rows BIGINT : rows of the part as written
    """,
)
