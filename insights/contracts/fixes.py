"""The ledger of fixes: what each action was shown to do, with the series behind it. Rebuilt by `voc actions prove`."""

from insights.contracts.table import DERIVED, table

FIX = table(
    "fix",
    DERIVED,
    "one action and one of its declared measures: what was shown of it, failures among them",
    "action_id, measure",
    """
    action_id VARCHAR : the action, ACT-0001
    measure VARCHAR : mentions, contacts, csat, repeat, duration
    measure_no INTEGER : from 1, in the order declared
    speaks BOOLEAN : true for the one reading that speaks for the action
    irritant_id VARCHAR : resolved at the ledger version of the run
    method VARCHAR : randomised, groups, series
    unit VARCHAR : ratio (1 is no effect) or points (0 is none)
    better VARCHAR : lower or higher
    effect DOUBLE : after over expected without the action, or difference in points; NULL where nothing was estimated
    effect_low DOUBLE : low end of the interval, widened by what placebos show
    effect_high DOUBLE : high end
    level DOUBLE : confidence of the intervals: .978 after a year, more before, so that weekly looks err in 5 % in all
    p_value DOUBLE : two-sided, before Holm's correction over the measures of the action
    placebos_beaten_share DOUBLE : part of the placebos with a smaller effect the good way; NULL without placebos
    n_placebos INTEGER : placebo dates and irritants looked at
    widened DOUBLE : factor of the interval learned from the placebos, 1 at least
    n_counts INTEGER : mentions, contacts or answers behind it
    n_units INTEGER : units drawn or compared; 0 for a series
    before_from_on DATE : first day that speaks for before
    before_until_on DATE : last day that speaks for before
    after_from_on DATE : first day that speaks for after
    after_until_on DATE : last day that speaks for after
    ready_on DATE : day from which it can be read; NULL without a start
    verdict VARCHAR : proven, not_shown, worse, too_early
    reason VARCHAR : chance, shared, few, placebo, transient, known_event, pre_trend, no_start, no_data, mixed
    known_event VARCHAR : French name of the event in the way, as events.yaml writes it
    at_risk_eur DOUBLE : margin that rests on the irritant at the run; NULL without a churn model
    margin_kept_eur DOUBLE : a year; NULL unless shown
    margin_kept_low_eur DOUBLE : end of the interval of that level
    margin_kept_high_eur DOUBLE : end of the interval of that level
    contact_saved_eur DOUBLE : contact cost avoided a year; NULL unless shown
    contact_saved_low_eur DOUBLE : end of the interval of that level
    contact_saved_high_eur DOUBLE : end of the interval of that level
    computed_on DATE : business day of the run
    """,
)

FIX_WEEK = table(
    "fix_week",
    DERIVED,
    "one week of the series behind one row of fix",
    "action_id, measure, week",
    """
    action_id VARCHAR : the action
    measure VARCHAR : the measure
    week DATE : Monday
    phase VARCHAR : before, left_out, after
    n_observed DOUBLE : counted
    n_expected DOUBLE : expected without the action; NULL where nothing was estimated
    """,
)

FIX_PLACEBO = table(
    "fix_placebo",
    DERIVED,
    "one placebo of one row of fix: a date or an irritant where nothing was done",
    "action_id, measure, placebo_no",
    """
    action_id VARCHAR : the action
    measure VARCHAR : the measure
    placebo_no INTEGER : from 1
    key VARCHAR : irritant or contact reason looked at
    own BOOLEAN : true for another date of the action's own series
    week DATE : Monday of the date looked at
    z DOUBLE : step in standard errors; the action's own stands as placebo_no 0
    """,
)
