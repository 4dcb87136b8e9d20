"""Keeps the parent's secrets from its children, which read text from anyone."""

import ctypes
from collections.abc import Mapping

PR_SET_DUMPABLE = 4

# What the interpreter, the C library and the libraries for mathematics go by. None of these names a secret.
_NAMES = frozenset(
    {"HOME", "LANG", "LANGUAGE", "LD_LIBRARY_PATH", "LD_PRELOAD", "PATH", "TMPDIR", "TZ", "TZDIR"}
)
_PREFIXES = (
    "GLIBC_TUNABLES",
    "GOMP_",
    "KMP_",
    "LC_",
    "MALLOC_",
    "MKL_",
    "NVPL_",
    "OMP_",
    "OPENBLAS_",
    "ORT_",
    "PYTHON",
)


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a child process gets of its parent's: those it runs by, and no others.

    Settings are not among them: what a child's function goes by is sent to it.
    """
    return {name: value for name, value in environ.items() if name in _NAMES or name.startswith(_PREFIXES)}


def otlp_secret_in(environ: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's variables name a key, or headers or an address, which often hold a password."""
    return any(
        name.endswith(("_HEADERS", "_CLIENT_KEY")) or "@" in value
        for name, value in environ.items()
        if name.startswith("OTEL_") and value
    )


def hide_memory() -> None:
    """From now on no process of the same user can read this one's memory, environment or open files.

    Only one with CAP_SYS_PTRACE can, such as root's. The kernel writes no core file of this process either.
    What it starts is not hidden.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_DUMPABLE, *map(ctypes.c_ulong, (0, 0, 0, 0)))


__all__ = ["child_environment", "hide_memory", "otlp_secret_in"]
