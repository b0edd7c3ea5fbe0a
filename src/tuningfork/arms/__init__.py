"""The candidates: one module (or folder) a family, found through a lazy registry."""
