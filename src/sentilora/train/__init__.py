"""How it is trained: one loop, one optimizer, and the exact probe."""
