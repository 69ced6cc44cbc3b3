"""``python -m bureau.answering OPENING``, which is JSON, with a socket for its standard input: see ``client``."""

import signal
import socket
import sys

import msgspec

from bureau.answering.process import Opening, answer_questions
from bureau.obs.logs import configure_logging

if __name__ == "__main__":
    # What stops a server is sent to all of its processes, but requests that were accepted are still to be answered:
    # this one ends when its worker closes the socket, be it by dying.
    for request_to_stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(request_to_stop, signal.SIG_IGN)
    opening = msgspec.json.decode(sys.argv[1], type=Opening)
    configure_logging(opening.log_level, sys.stderr)
    with socket.socket(fileno=0) as channel:
        answer_questions(channel, opening)
