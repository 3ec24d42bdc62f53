"""A study's classifiers for programs and eyes: a server, and its page."""
