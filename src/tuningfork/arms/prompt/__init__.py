"""Prompted LLMs: zero-shot, with fixed examples, or with each row's nearest ones."""

from tuningfork.arms.prompt.family import PromptFamily

FAMILY = PromptFamily()
