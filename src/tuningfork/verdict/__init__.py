"""From records to a verdict that can be defended."""
