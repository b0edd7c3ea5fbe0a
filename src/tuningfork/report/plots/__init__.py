"""Plots as SVG: one module a plot."""
