"""Tables that watch the churn model: drift of what it sees, what past scores were worth, what each family adds."""

from insights.contracts.table import DERIVED, table

CHURN_DRIFT = table(
    "churn_drift",
    DERIVED,
    "one month end (or the scoring day) and watched series, against the last year the model learnt on",
    "t0, kind, name",
    """
    t0 DATE : the day looked at
    kind VARCHAR : feature, missing (share not known), score, irritant_mix
    name VARCHAR : term of the model; score and irritant_mix for themselves
    psi DOUBLE : population stability index; NULL with too few rows
    limit_psi DOUBLE : what chance and the reference's own months do not pass; NULL with too few rows
    tolerated DOUBLE : true shift the limit allows for
    n_reference INTEGER : rows (for irritant_mix: irritants named) of the reference
    n_now INTEGER : the same of the day
    n_bins INTEGER : bins compared
    mean_reference DOUBLE : mean of the term; share missing; share of customers who named an irritant; mean log-odds
    mean_now DOUBLE : the same of the day
    lead VARCHAR : irritant that weighs most in the shift of the mix
    lead_reference_share DOUBLE : share of the bin that weighs most, in the reference
    lead_now_share DOUBLE : the same of the day
    moved BOOLEAN : psi above the limit
    reference_from DATE : first month of the reference
    reference_to DATE : its last month
    model_version VARCHAR : model whose training window it is
    """,
)

CHURN_BACKTEST = table(
    "churn_backtest",
    DERIVED,
    "one scoring month (or a segment over up to six of them) whose outcome is known, by line of business",
    "gap_days, horizon_days, t0, dimension, value",
    """
    gap_days INTEGER : line of business: time to act
    horizon_days INTEGER : line of business: window of a departure
    t0 DATE : month end scored; of a segment the last one
    dimension VARCHAR : all, segment, tenure, region, channel
    value VARCHAR : all, or the segment; tenure: under_1, 1_to_3, over_3 years, unknown
    basis VARCHAR : scored (the scores given then) or replayed (a model fitted later on what was known then)
    model_kind VARCHAR : kind of that model
    n_months INTEGER : months pooled
    n INTEGER : customers and months
    n_events INTEGER : of them, chosen departures
    n_called DOUBLE : of them, inside the team's monthly calls over the whole line
    enough BOOLEAN : at least 50 departures; else every figure below is NULL
    roc_auc DOUBLE : ranking, 0.5 is chance
    roc_auc_low DOUBLE : 95 % interval by customer
    roc_auc_high DOUBLE : 95 % interval by customer
    pr_auc DOUBLE : average precision; chance gives n_events over n
    lift_top_decile DOUBLE : departures in the top tenth over the mean
    precision_at_capacity DOUBLE : departures among those inside the calls
    recall_at_capacity DOUBLE : share of departures that lay inside the calls
    expected_events DOUBLE : departures foretold, the sum of probabilities
    seen_over_told DOUBLE : n_events over expected_events, 1 is right (calibration in the large)
    seen_over_told_low DOUBLE : 95 % interval by customer
    seen_over_told_high DOUBLE : 95 % interval by customer
    slope DOUBLE : calibration slope, 1 is right
    slope_low DOUBLE : 95 % interval by customer
    slope_high DOUBLE : 95 % interval by customer
    intercept DOUBLE : calibration in the large on the log-odds, 0 is right
    ece DOUBLE : expected calibration error, ten bins of equal count
    brier DOUBLE : mean squared error
    """,
)

CHURN_ABLATION = table(
    "churn_ablation",
    DERIVED,
    "one step of families and figure: what the family adds to the forecast on forward months of the largest line",
    "place, metric",
    """
    place INTEGER : order of the steps, from 1
    step VARCHAR : crm, behaviour, scores, text: each knows all before it too
    metric VARCHAR : pr_auc, lift_top_decile
    value DOUBLE : mean of the months
    low DOUBLE : 95 % interval by customer
    high DOUBLE : 95 % interval by customer
    change DOUBLE : against the step before; NULL for the first
    change_low DOUBLE : 95 % interval by customer
    change_high DOUBLE : 95 % interval by customer
    verdict VARCHAR : shown, hurts, not_shown (the interval holds zero); NULL for the first
    n_rows INTEGER : customers and months tested
    n_events INTEGER : of them, departures
    first_t0 DATE : first month tested
    last_t0 DATE : last month tested
    model_kind VARCHAR : kind of model fitted at every step
    """,
)
