"""Studies drawn from known populations: how often the product's verdicts are wrong, and what it would find."""
