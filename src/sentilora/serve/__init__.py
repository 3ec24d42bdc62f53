"""A study's classifiers for programs and eyes: the server and its page."""
