"""What fine-tuning makes smaller, one module a kind of answer; a kind without one cannot be fine-tuned."""
