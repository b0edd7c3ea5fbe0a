"""Whether two states of the code find the same: the questions, how a state is measured, what counts as different."""
