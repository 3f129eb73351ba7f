"""The clock that Python 2 does not have: one that nobody can set."""

import ctypes
import os

_CLOCK_MONOTONIC = 1


class _Time(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


def _function():
    """glibc has it in librt before 2.17."""
    library = ctypes.CDLL(None, use_errno=True)
    return library.clock_gettime if hasattr(library, "clock_gettime") else ctypes.CDLL("librt.so.1", use_errno=True).clock_gettime


_clock_gettime = _function()


def monotonic():
    """Seconds since some moment; the system's time may be changed meanwhile."""
    now = _Time()
    if _clock_gettime(_CLOCK_MONOTONIC, ctypes.byref(now)) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return now.seconds + now.nanoseconds / 1e9
