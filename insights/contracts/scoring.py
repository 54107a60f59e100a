"""Tables of the scores: declared questionnaires, who answered, weights, and what has changed since it was published."""

from insights.contracts.table import DERIVED, table

QUESTIONNAIRE = table(
    "questionnaire",
    DERIVED,
    "one question declared in data/reference/questionnaires.yaml",
    "survey, metric, scale",
    """
    survey VARCHAR : questionnaire
    metric VARCHAR : nps, csat, ces
    scale VARCHAR : lowest and highest box, as 1-5
    lowest DOUBLE : lowest box
    highest DOUBLE : highest box
    top_from DOUBLE : first box counted as top; NULL: the usual ones
    top_to DOUBLE : last box counted as top; NULL: the usual ones
    low_is_good BOOLEAN : the scale is read upside down
    wording_fr VARCHAR : the question as asked; NULL not declared
    wording_en VARCHAR : the question as asked; NULL not declared
    population VARCHAR : whom the survey stands for: customers, contacts or asked
    contact_channels VARCHAR[] : contacts: channels that count
    """,
)

RESPONSE_CELL = table(
    "response_cell",
    DERIVED,
    "one survey, month and combination of weighting variables: who answered, stayed silent, was never asked",
    "survey, month, age_band, digital_habit, tenure_band, segment, channel, value_band",
    """
    survey VARCHAR : questionnaire
    month DATE : first day of the month of asking (of the answer, where no invitation is known)
    age_band VARCHAR : weights and describes, never a feature of churn; (none) where unknown, as below
    digital_habit VARCHAR : weights and describes, never a feature of churn
    tenure_band VARCHAR : months with us: 0-3, 4-14, 15-36, 37+
    segment VARCHAR : of the picture in force when the month began
    channel VARCHAR : by which they were asked; (none) for those never asked
    value_band VARCHAR : quarter of the margin among customers of that picture: 1 lowest, 4 highest
    n_answered INTEGER : customers asked who answered
    n_silent INTEGER : customers asked who did not answer
    n_never_asked INTEGER : customers the survey stands for who were not asked that month
    """,
)

NOT_ASKED = table(
    "not_asked",
    DERIVED,
    "one survey, month and reason: customers who were not asked, and why",
    "survey, month, reason, weighed",
    """
    survey VARCHAR : questionnaire
    month DATE : first day of the month in which they were not asked
    reason VARCHAR : as the survey tool or `voc contacts survey-list` noted it last, e.g. opt_out, survey_rest; (none)
    weighed BOOLEAN : counted in n_never_asked of response_cell: their group keeps its share in the weights
    n_customers INTEGER : customers, each once a survey and month
    """,
)

CELL_WEIGHT = table(
    "cell_weight",
    DERIVED,
    "one survey, month and combination of weighting variables with answers: what one answer of it weighs",
    "survey, month, age_band, digital_habit, tenure_band, segment, channel, value_band",
    """
    survey VARCHAR : as in response_cell
    month DATE : as in response_cell
    age_band VARCHAR : as in response_cell
    digital_habit VARCHAR : as in response_cell
    tenure_band VARCHAR : as in response_cell
    segment VARCHAR : as in response_cell
    channel VARCHAR : as in response_cell
    value_band VARCHAR : as in response_cell
    weight DOUBLE : mean 1 over the answers of the survey and month
    basis VARCHAR : whom the answers were raked to: customers, contacts or asked
    variables VARCHAR : weighting variables used, comma separated
    converged BOOLEAN : the margins were met; false: as near as the trimmed weights allow
    from_month DATE : first month of the answers raked together
    """,
)

RESPONSE_WEIGHT = table(
    "response_weight",
    DERIVED,
    "one survey answer that can be weighted",
    "feedback_id",
    """
    feedback_id VARCHAR : the response
    survey VARCHAR : questionnaire
    month DATE : month of asking
    weight DOUBLE : mean 1 over the known answers of the survey and month; 1 where the customer is not known
    basis VARCHAR : customers, contacts, asked; unknown: anonymous or not in the CRM
    """,
)

RESTATEMENT = table(
    "restatement",
    DERIVED,
    "one published figure that is another now",
    "month, metric, survey, scale, segment",
    """
    month DATE : first day of the month
    metric VARCHAR : as in metric_daily
    survey VARCHAR : as in metric_daily
    scale VARCHAR : as in metric_daily
    segment VARCHAR : (all) for the whole
    value_published DOUBLE : in the metric's unit; NULL: there were not enough answers
    value_now DOUBLE : from the rows of today; NULL: not enough answers now
    difference DOUBLE : now less published; NULL where one is missing
    n_published INTEGER : answers then
    n_now INTEGER : answers now
    corrected_published DOUBLE : corrected for who answered; NULL without
    corrected_now DOUBLE : corrected for who answered; NULL without
    published_at TIMESTAMPTZ : when it was frozen or imported
    origin VARCHAR : frozen (by us) or imported
    """,
)
