"""How numbers, names, tables, figures and citations are written."""
