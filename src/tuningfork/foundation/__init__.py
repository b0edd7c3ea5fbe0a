"""Small tools that every room may use: lazy registries, whole-file writes, content hashes."""
