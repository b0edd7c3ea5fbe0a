"""Task types: one module each, with a module-level `TYPE`."""
