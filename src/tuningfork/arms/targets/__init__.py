"""What learners are taught and how their scores are read, one module a kind of answer."""
