"""Builds the atlas's catalogue: rows of the sources, who is who among them, family rules, corrections."""
