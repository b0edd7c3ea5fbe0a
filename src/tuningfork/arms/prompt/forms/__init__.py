"""How answers are asked for, written and read in prompts, one module a kind of answer."""
