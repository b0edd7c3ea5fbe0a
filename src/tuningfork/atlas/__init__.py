"""Facts on language models; for now, their prices."""
