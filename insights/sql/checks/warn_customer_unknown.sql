-- says: feedback of a customer that no CRM picture holds: it enters no risk and no margin
-- reads: customer_snapshot, feedback
SELECT 'feedback' AS table_name, f.feedback_id AS row_key, 'customer_id ' || f.customer_id AS found
FROM feedback f
ANTI JOIN customer_snapshot c ON c.customer_id = f.customer_id
WHERE f.customer_id IS NOT NULL AND EXISTS (SELECT 1 FROM customer_snapshot)
ORDER BY ALL
