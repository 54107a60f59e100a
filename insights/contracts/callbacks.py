"""Tables of the proactive calls: what an experiment with a hold-out showed, and whom a call keeps."""

from insights.contracts.table import DERIVED, table

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
