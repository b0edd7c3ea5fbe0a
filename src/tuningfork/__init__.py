"""Prompt an LLM, fine-tune a small model, or both? A measured verdict on your own rows."""

__version__ = "0.1.0"
