"""Getting and running models: the starter store, encoders, the LLM client, the local LLM server."""
