"""`python -m lawlab.cli`: the command `lawlab` without its script."""

from lawlab.cli import main

main()
