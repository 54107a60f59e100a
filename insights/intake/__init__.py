"""Webhooks in: the door that answers, and the worker beside it."""
