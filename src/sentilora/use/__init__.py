"""A classifier at work: an adapter folder read and merged, labels for texts, the words that moved it."""
