"""Files and folders written whole or not at all, their digests, and JSON."""
