"""``python -m bureau.answering HOME POPULATION LOG_LEVEL``, with a socket for its standard input: see ``client``."""

import signal
import socket
import sys
from pathlib import Path

from bureau.answering.process import answer_questions
from bureau.ids import PopulationId
from bureau.obs.logs import configure_logging

if __name__ == "__main__":
    # What stops a server is sent to all of its processes, but requests that were accepted are still to be answered:
    # this one ends when its worker closes the socket, be it by dying.
    for request_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request_to_stop, signal.SIG_IGN)
    configure_logging(sys.argv[3], sys.stderr)
    with socket.socket(fileno=0) as channel:
        answer_questions(channel, Path(sys.argv[1]), PopulationId(sys.argv[2]))
