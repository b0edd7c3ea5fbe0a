"""How a study is shown: terminal, HTML, plots."""
