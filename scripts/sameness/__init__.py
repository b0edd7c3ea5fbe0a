"""Whether two states of the code find the same: the questions, how a state is measured, and what counts as different."""
