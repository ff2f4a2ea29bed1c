"""Signoff: the review desk for LangGraph."""

__version__ = "0.1.0"
