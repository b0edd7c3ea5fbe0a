"""How a profile of the rows is shown: terminal, page, and a section of a study's report."""
