"""Readers of row files, one module a format; `reading.py` picks one by the file's ending."""
