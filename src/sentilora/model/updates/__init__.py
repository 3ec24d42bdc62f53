"""What K runs add to the frozen layers: low-rank updates and dropout."""
