"""Studies drawn from known populations: how often verdicts on them are wrong, and what they would find."""
