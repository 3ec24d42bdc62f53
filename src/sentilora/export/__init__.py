"""A trained classifier for other programs."""
