"""Table of the inner loop: what came of the cases, by team and irritant."""

from insights.contracts.table import DERIVED, table

LOOP_READING = table(
    "loop_reading",
    DERIVED,
    "one measure of the closed loop, of all cases, of a team, of an irritant, or of a hold-out experiment's calls",
    "unit, unit_id, measure",
    """
    unit VARCHAR : all, team, irritant, experiment
    unit_id VARCHAR : (all), or the id of the team, of the irritant, of the experiment
    measure VARCHAR : hours_to_contact, contacted, kept, closed, reopened, score_before, score_after, score_change
    read_at DATE : day of this reading
    since_on DATE : first day on which the cases read were opened
    n INTEGER : cases (of a score: customers with both scores) it rests on
    n_hits INTEGER : of them, those of the share; NULL for hours and scores
    value DOUBLE : share 0 to 1, hours (median, cases never reached counted), or points of the 0-10 score; NULL too few
    low DOUBLE : 95 % interval
    high DOUBLE : 95 % interval; NULL where it has no end
    n_held INTEGER : of an experiment, customers held out with both scores; NULL elsewhere
    held_value DOUBLE : the same measure of those held out; NULL too few
    held_low DOUBLE : 95 % interval
    held_high DOUBLE : 95 % interval
    """,
)
