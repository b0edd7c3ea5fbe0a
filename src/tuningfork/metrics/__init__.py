"""Scores for each output kind; pure functions on arrays, one module a metric."""
