-- says: a departure of an unknown cause; labels are read from the cause
-- reads: churn_event
SELECT 'churn_event' AS table_name, customer_id || ' ' || learned_on AS row_key, 'cause ' || coalesce(cause, 'NULL') AS found
FROM churn_event
WHERE coalesce(cause NOT IN ('chosen', 'natural', 'unpaid', 'death'), true)
ORDER BY ALL
