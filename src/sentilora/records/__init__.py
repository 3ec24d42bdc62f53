"""What a run leaves on disk, and what reads it without torch."""
