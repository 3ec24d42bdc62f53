"""Pretrained encoders: their families, their folders and their weights."""
