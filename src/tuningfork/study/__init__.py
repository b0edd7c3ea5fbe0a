"""Plan, budget, ledger and runner: the only room that spends."""
