"""What is to be predicted, from which rows, under which roles."""
