"""The shapes of answers, a file a kind: columns of answers, and what an answer may be; nothing but numpy."""
