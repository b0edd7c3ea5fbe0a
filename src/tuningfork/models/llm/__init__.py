"""LLMs: one client for every OpenAI-compatible server, and the local server."""
