"""Tables of the inner loop: promises of cases, what an experiment with a hold-out showed, and whom a call keeps."""

from insights.contracts.table import DERIVED, table

CASE_PROMISE = table(
    "case_promise",
    DERIVED,
    "one round of a case, as the ledger tells its promises; a cancelled one has none; without customer",
    "case_id, round",
    """
    case_id VARCHAR : of the event case.opened
    round INTEGER : 1, and one more each time the case was reopened
    team VARCHAR : team that owns it
    family VARCHAR : danger, complaint, public, answer, moment
    reason VARCHAR : rule of case_rules.yaml
    segment VARCHAR : of the customer; NULL unknown
    irritant_id VARCHAR : as the signal told it; NULL unknown
    owed BOOLEAN : answers a customer's own words; false: a call or contact of our own initiative
    opened_at TIMESTAMPTZ : when the rules opened it, or it was reopened
    due_at TIMESTAMPTZ : promised instant of the first human contact
    contacted_at TIMESTAMPTZ : first human contact; NULL none yet
    kept BOOLEAN : contact by the due time; NULL while it can still be kept
    waited_hours DOUBLE : clock hours from the customer's words, or the reopening, to the human contact; NULL without
    resolve_by TIMESTAMPTZ : promised instant of the end; NULL nothing promised
    resolved_at TIMESTAMPTZ : when the outcome was noted; NULL not yet
    kept_resolution BOOLEAN : outcome by then; NULL while it can still be kept, or nothing promised
    """,
)

CALLBACK_EFFECT = table(
    "callback_effect",
    DERIVED,
    "one outcome of one hold-out experiment, of everybody or of one segment; by intention to treat",
    "experiment_id, outcome, segment",
    """
    experiment_id VARCHAR : of the signed event holdout.on
    outcome VARCHAR : departure (chosen), complaint (formal), score (change of the last 0-10 answer)
    segment VARCHAR : segment of the customers on the day they entered, or (all)
    read_at DATE : day of this reading
    read_on DATE : day the result is read, written before the first call
    n_entered INTEGER : customers of the experiment so far, whatever the row
    n_called INTEGER : drawn for a call, reached or not, horizon over, outcome known
    n_held INTEGER : held out, horizon over, outcome known
    n_events_called INTEGER : of them, those to whom it happened; NULL for a score
    n_events_held INTEGER : of them, those to whom it happened; NULL for a score
    mean_called DOUBLE : share (or mean) among those called, adjusted where an effect stands
    mean_held DOUBLE : share (or mean) among those held out, adjusted where an effect stands
    effect DOUBLE : called minus held out; NULL too few
    effect_low DOUBLE : 95 % interval
    effect_high DOUBLE : 95 % interval
    relative DOUBLE : effect as a share of the held-out mean; NULL for a score
    relative_low DOUBLE : 95 % interval
    relative_high DOUBLE : 95 % interval
    verdict VARCHAR : too_early, too_few, works, harms, not_shown
    """,
)

CALLBACK_UPLIFT = table(
    "callback_uplift",
    DERIVED,
    "one customer of a scoring day; empty until an uplift model was shown to rank better than chance",
    "customer_id, scored_on",
    """
    customer_id VARCHAR : who
    scored_on DATE : scoring day the prediction is for
    avoided_probability DOUBLE : departures a call avoids, as a share; below 0 the call does harm
    qini DOUBLE : departures avoided per 100 customers over calling at random, on customers the model did not see
    qini_low DOUBLE : 95 % interval, above 0
    qini_high DOUBLE : 95 % interval
    """,
)
