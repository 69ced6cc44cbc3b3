"""A command that ends, in good order, with who started it: ``python -m bureau.cli.attended PID COMMAND …``."""

import signal
import sys

from bureau.cli.main import main
from bureau.lifetime import end_with

if __name__ == "__main__":
    end_with(int(sys.argv[1]), signal.SIGTERM)
    sys.exit(main(sys.argv[2:]))
