"""The real studies that the pages of results show: which they are, how they are run, and what of them is published."""
