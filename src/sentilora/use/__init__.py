"""What a trained adapter is good for: predict, export, explain, demo."""
