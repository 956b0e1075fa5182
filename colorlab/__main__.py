"""python -m colorlab is the colorlab command."""

from colorlab.cli import main

main()
