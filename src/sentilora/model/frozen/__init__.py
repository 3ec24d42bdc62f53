"""Frozen layers and attention in the form that is fastest on a device."""
