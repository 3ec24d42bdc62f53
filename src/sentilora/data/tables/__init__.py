"""Rows of table files, read and checked."""
