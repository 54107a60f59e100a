"""Churn: who is about to leave by choice, how sure we are, and why, from a leak-free monthly panel."""

from insights.churn.model import ChurnModel
from insights.churn.panel import resolve_irritants
from insights.churn.reasons import family_label, sentence
from insights.churn.training import Parameters, fit

__all__ = ["ChurnModel", "Parameters", "family_label", "fit", "resolve_irritants", "sentence"]
