"""Pure functions on arrays: intervals, comparisons, curves, break-even. Nothing here knows what a model is."""
