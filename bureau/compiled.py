"""Machine-code compilation of the few loops that run per candidate or per row (Numba).

Every compiled function is plain Python too (``function.py_func``), so tests can run it uncompiled. The cache
directory is Numba's own; set ``NUMBA_CACHE_DIR`` where the installation is read-only (the Docker image does).
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile ``function`` on first call, without the interpreter lock, cached on disk between processes."""
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Function) -> Function:
    """As :func:`compiled`, for the small pieces of a hot loop: LLVM may inline them into their callers."""
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy", inline="never")(function))


@inlined
def signed(value: Any) -> int:
    """A signed 64-bit integer. Numba keeps ``int(unsigned)`` unsigned, and unsigned minus signed is a float to it."""
    return np.int64(value)  # type: ignore[return-value]  # an int to Python, an int64 to Numba


@inlined
def real(value: Any) -> float:
    """A double-precision number."""
    return np.float64(value)
