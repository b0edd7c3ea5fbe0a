"""Templates and style sheet of the HTML report, as package data."""
