"""The guide's pages, rendered by `scripts/guide.py` from the data files and the committed studies."""
