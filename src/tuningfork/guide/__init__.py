"""When to prompt an LLM and when to fine-tune: the decision flow, its key points and its evidence, as data."""
