"""Files of answers made elsewhere: which column answers, which row an answer is of, and which label it is.

One rule for `compare` and for the arm `predictions:`.
"""
