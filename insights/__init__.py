"""VoC Insights: the customer's own words, from every channel, to a priority, a callback and a proof."""

__version__ = "0.1.0"
