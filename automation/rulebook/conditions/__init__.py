"""Conditions: CEL, checked when rules are loaded."""
