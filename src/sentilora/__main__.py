"""``python -m sentilora``."""

from sentilora.cli import main

main()
