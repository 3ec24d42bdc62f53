"""What is trained: a frozen backbone, its adapters and heads."""
