"""``python -m studyhub`` is the command ``studyhub``."""

import sys

from studyhub.cli import main

sys.exit(main())
