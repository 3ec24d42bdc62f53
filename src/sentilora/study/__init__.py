"""What to run, and the records that every run leaves."""
