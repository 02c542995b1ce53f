"""The layers below Python, each alone: what is left when somebody has got round the audit hook."""

import platform
import subprocess
import sys

import pytest

LAYERS = {
    "seccomp": "from ocella.workflows.sandbox.seccomp import lock\nassert lock()\n",
    "limits": "from ocella.workflows.sandbox import lockdown\nassert lockdown._limit(256 * 2**20, 3)\n",
}
ASKED = [
    ("seccomp", "socket", "socket.socket()", "PermissionError"),
    ("seccomp", "read a file", "os.open('/etc/passwd', os.O_RDONLY)", "PermissionError"),
    ("seccomp", "write a file", "os.open('/tmp/never', os.O_CREAT | os.O_WRONLY)", "PermissionError"),
    ("seccomp", "remove", "os.unlink('/tmp/never')", "PermissionError"),
    ("seccomp", "rename", "os.rename('/tmp/never', '/tmp/ever')", "PermissionError"),
    ("seccomp", "look about", "os.listdir('/')", "PermissionError"),
    ("seccomp", "fork", "os.fork()", "PermissionError"),
    ("seccomp", "exec", "os.execv('/bin/true', ['true'])", "PermissionError"),
    ("seccomp", "kill", "os.kill(os.getppid(), 0)", "PermissionError"),
    ("seccomp", "pipe", "os.pipe()", "PermissionError"),
    ("seccomp", "memory file", "os.memfd_create('x')", "PermissionError"),
    ("seccomp", "more memory", "resource.setrlimit(resource.RLIMIT_AS, (2**40, 2**40))", "not allowed"),
    (
        "seccomp",
        "computing",
        "print(sum(range(10)), time.time() > 0, os.getpid() > 0, len(os.urandom(4)))",
        "45 True True 4",
    ),
    ("limits", "socket", "socket.socket()", "Too many open files"),
    ("limits", "read a file", "os.open('/etc/passwd', os.O_RDONLY)", "Too many open files"),
    ("limits", "pipe", "os.pipe()", "Too many open files"),
    ("limits", "memory", "bytes(512 * 2**20)", "MemoryError"),
    ("limits", "computing", "print(sum(range(10)), len(bytes(2**20)))", "45 1048576"),
]


@pytest.mark.parametrize(("layer", "case", "line", "says"), ASKED, ids=[f"{a[0]} {a[1]}" for a in ASKED])
def test_the_kernel_refuses_by_itself(layer: str, case: str, line: str, says: str) -> None:
    del case
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"):
        return  # the layers of another system are other ones
    script = f"import os, resource, socket, time\n{LAYERS[layer]}{line}\n"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert says in told.stdout + told.stderr
    assert (told.returncode == 0) == (line.startswith("print"))


def test_a_process_that_calls_by_another_table_is_refused_too() -> None:
    if platform.machine() != "x86_64" or sys.platform != "linux":
        return
    # getpid by its x32 number: the same calls under other numbers must not slip through
    line = "print(ctypes.CDLL(None, use_errno=True).syscall(0x40000000 + 39), ctypes.get_errno())"
    script = f"import ctypes\n{LAYERS['seccomp']}libc = ctypes.CDLL(None)\n{line}\n".replace(
        "libc = ctypes.CDLL(None)\n", ""
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert told.stdout.split() == ["-1", "1"]
