"""Facts on language models: the catalogue, its trends and tables, and prices."""
