"""Figures for the operator of the whole: read from the stores when somebody asks, kept some seconds."""
