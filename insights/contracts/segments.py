"""Tables of the segment explorer."""

from insights.contracts.table import DERIVED, table

SEGMENT_DIFFERENCE = table(
    "segment_difference",
    DERIVED,
    "one segment and measure that differs from everybody else, at the last run",
    "segment_key, measure",
    """
    segment_key VARCHAR : « dimension=value », two of them joined by « & »
    measure VARCHAR : score:<survey>:<metric>:<scale>, irritant:<id> or risk
    place INTEGER : order of the personas, 1 first; NULL for a segment that echoes one before it
    dimension VARCHAR : dimension of customer_snapshot, or tenure
    value VARCHAR : its value
    dimension_2 VARCHAR : second dimension of a pair; NULL for a single value
    value_2 VARCHAR : its value
    n_customers INTEGER : customers in the segment
    n_known INTEGER : of them, those with a value of the measure
    inside DOUBLE : inside: points (score), customers who name it a customer-year (irritant), probability (risk)
    outside DOUBLE : everybody else
    difference DOUBLE : inside less outside
    low DOUBLE : 90 % interval of the difference
    high DOUBLE : 90 % interval of the difference
    p_value DOUBLE : Welch's test
    q_value DOUBLE : p value with the false discoveries of the run controlled (Benjamini-Hochberg)
    margin_eur_year DOUBLE : contribution margin a year of the segment's customers, portfolio factor applied
    excess_loss_eur DOUBLE : yearly margin expected to leave beyond everybody's risk; NULL where the risk does not differ
    found_on DATE : business day of the run
    """,
)

WELCOME_COHORT = table(
    "welcome_cohort",
    DERIVED,
    "one quarter of arrival and stage of the welcome",
    "cohort_on, stage",
    """
    cohort_on DATE : first day of the quarter in which the contracts started
    stage VARCHAR : day_7 (days 0 to 14), first_bill (15 to 60), day_90 (61 to 90)
    survey VARCHAR : questionnaire and scale of the satisfaction answers; NULL without any
    n_customers INTEGER : customers who arrived and were asked or not
    n_answers INTEGER : satisfaction answers given in the stage
    n_satisfied INTEGER : of them, in the top boxes
    satisfied_share DOUBLE : 0 to 1; NULL under 30 answers
    low DOUBLE : 90 % interval
    high DOUBLE : 90 % interval
    n_contacting INTEGER : customers who contacted the company in the stage, each once
    n_complaining INTEGER : customers with a complaint in their words in the stage
    n_left INTEGER : customers whose chosen departure was learned in the stage
    top_irritant_id VARCHAR : irritant named by most of them in the stage
    n_top_irritant INTEGER : customers who named it
    """,
)
