"""Topics: what one fit finds in the customer's words. They are thrown away at the next fit; irritants last."""
