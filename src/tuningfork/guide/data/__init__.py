"""The guide's data files; their schemas are in the modules that read them."""
