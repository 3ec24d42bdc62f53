"""What a report says, one topic a file."""
