"""The sections of the HTML report, worked out before any markup."""
