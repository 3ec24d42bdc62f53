"""Tables of texts and labels in files: opened, read row by row or as a whole, and checked."""
