"""Measurements in rounds of fresh processes, and the tables made of them."""
