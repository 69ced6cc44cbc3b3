"""``python -m bureau.cli``: the command without its script, for child processes that must use this very Python."""

import sys

from bureau.cli.main import main

sys.exit(main())
