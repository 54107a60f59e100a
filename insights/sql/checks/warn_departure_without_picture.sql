-- says: a departure of a customer that no CRM picture held before: it can train nothing
-- reads: churn_event, customer_snapshot
SELECT 'churn_event' AS table_name, d.customer_id || ' ' || d.learned_on AS row_key, 'no picture before learned_on' AS found
FROM churn_event d
WHERE NOT EXISTS (
    SELECT 1 FROM customer_snapshot c WHERE c.customer_id = d.customer_id AND c.as_of < d.learned_on
)
ORDER BY ALL
