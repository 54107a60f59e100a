"""From a customer's words to mentions: clauses with polarity, type, effort, intent to leave and urgency."""
