"""`python -m syncbridge` is the command line."""

from syncbridge.cli import main

main()
