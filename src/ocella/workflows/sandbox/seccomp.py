"""Linux: the kernel lets this process compute, and answer on the pipes that it already has. Nothing else.

A filter of system calls (seccomp) that lists what is allowed; it needs no rights and cannot be taken off again.
"""

import ctypes
import platform
import struct
import sys

__all__ = ["lock"]

_ERRNO, _ALLOW, _KILL = 0x0005_0001, 0x7FFF_0000, 0x8000_0000  # refused calls say EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NO_NEW_PRIVS, _SET_FILTER, _ALL_THREADS = 38, 1, 1
_X32 = 0x4000_0000
# number of each call by machine, from the kernel's own tables
_MACHINES = {
    "x86_64": (0xC000_003E, 317),
    "aarch64": (0xC000_00B7, 277),
}
_CALLS = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62), "mmap": (9, 222),
    "mprotect": (10, 226), "munmap": (11, 215), "brk": (12, 214), "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "readv": (19, 65), "writev": (20, 66), "sched_yield": (24, 124), "mremap": (25, 216),
    "madvise": (28, 233), "nanosleep": (35, 101), "setitimer": (38, 103), "getpid": (39, 172), "exit": (60, 93),
    "uname": (63, 160), "gettimeofday": (96, 169), "getrusage": (98, 165), "times": (100, 153), "getuid": (102, 174),
    "sigaltstack": (131, 132), "gettid": (186, 178), "time": (201, None), "futex": (202, 98),
    "sched_getaffinity": (204, 123), "restart_syscall": (219, 128), "clock_gettime": (228, 113), "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115), "exit_group": (231, 94), "set_robust_list": (273, 99), "getrandom": (318, 278),
    "membarrier": (324, 283), "rseq": (334, 293),
}  # fmt: skip


def lock() -> bool:
    """Set the filter for the whole process; False where the system has none."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _MACHINES or sys.maxsize < 2**32:
        return False
    audit_arch, call = _MACHINES[machine]
    column = list(_MACHINES).index(machine)
    program = _program(audit_arch, [n[column] for n in _CALLS.values()], x32=machine == "x86_64")
    held = ctypes.create_string_buffer(program, len(program))

    class _Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("program", ctypes.c_void_p))

    libc = ctypes.CDLL(None, use_errno=True)
    wanted = _Filter(len(program) // 8, ctypes.addressof(held))
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(call, _SET_FILTER, _ALL_THREADS, ctypes.byref(wanted)) == 0)


def _program(audit_arch: int, calls: list[int | None], *, x32: bool) -> bytes:
    """Allow these calls of this machine; any other fails."""
    lines = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit_arch), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    if x32:
        lines += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _ERRNO)]
    for number in calls:
        if number is not None:
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    lines.append((_RETURN, 0, 0, _ERRNO))
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
