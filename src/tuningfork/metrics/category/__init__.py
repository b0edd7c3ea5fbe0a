"""Metrics of answers that are one label of a fixed set: one module each, with a module-level `METRIC`."""
