"""Data of the profile: the reference domains."""
