"""python -m tests.fuzz [all|CONCERN|TARGET] [SECONDS]: a minute for each reader of what others send or write.

A finding is printed with the input that led to it, and the exit code is 1.
"""

import sys

from tests.fuzz.engine import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2], *map(float, sys.argv[2:3])))
