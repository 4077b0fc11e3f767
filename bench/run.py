"""Measure the performance goals against plain tools: `python bench/run.py [--big]`.

Prints a table of goals and what was reached, and writes `build/bench.json`. It compares with
`cp`, `cat`, `age` and `gpg`; a tool that is missing is reported, with how to install it.
"""

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    importlib.import_module("bench.report").main()
