"""`python -m focus_lime.benchmarks CONFIG` is `focus-lime bench CONFIG`."""

import sys

from focus_lime.cli.main import main

if __name__ == "__main__":
    main(["bench", *sys.argv[1:]])
