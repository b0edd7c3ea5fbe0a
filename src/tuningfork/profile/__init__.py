"""What the rows say before any arm runs: lengths, labels, repeats, languages, noise, personal data, shift, domain."""
