"""The command line: commands that only wire."""
