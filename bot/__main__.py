"""`python -m bot` is the same as `countersign`."""

import sys

from bot.cli import main

sys.exit(main())
