"""Processes that must not outlive the one that started them."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with(parent: int, how: int = signal.SIGKILL) -> None:
    """Be sent the signal ``how`` when the process of that id ends, which must be the one that started this.

    The kernel does it (prctl(2), PR_SET_PDEATHSIG), on Linux only: whoever is killed with -9 can do nothing any more.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it died before we asked
            os.kill(os.getpid(), how)
