"""What custom code may not do, and that the engine goes on: the same session answers the next call."""

import gc
import sys
from pathlib import Path

import pytest
from tests.workflows.sandbox.written import number

from ocella.errors import CodeFailed, Refused
from ocella.workflows.compile import compile_workflow
from ocella.workflows.custom import CustomBlock
from ocella.workflows.run import Session

# how code that means ill reaches the real `os` and `sys`: through the classes that Python itself keeps
_OS = "names = [c for c in object.__subclasses__() if c.__name__ == '_wrap_close'][0].__init__.__globals__\n    "
ILL = [
    ("open for writing", "open(PATH, 'w').write('x')", "may not open files"),
    ("io.open", "__import__('io').open(PATH, 'w')", "may not open files"),
    ("open for reading", "open('/etc/passwd').read()", "may not open files"),
    ("numpy writes", "np.save(PATH, np.zeros(3))", "may not open files"),
    ("numpy reads", "np.fromfile('/etc/passwd', np.uint8)", "may not open files"),
    ("os.system", "os.system('true')", "may not use os.system"),
    ("real os.system", _OS + "names['system']('true')", "may not start processes"),
    ("real os.fork", _OS + "names['fork']()", "may not start processes"),
    ("real os.execv", _OS + "names['execv']('/bin/true', ['true'])", "may not start processes"),
    ("real os.open", _OS + "names['open'](PATH, names['O_WRONLY'] | names['O_CREAT'])", "may not open files"),
    ("real os.remove", _OS + "names['remove'](PATH)", "may not use the operating system"),
    ("real os.kill", _OS + "names['kill'](names['getppid'](), 0)", "may not use the operating system"),
    ("requests", "requests.get('http://127.0.0.1')", "may not use requests.get"),
    ("socket", "__import__('socket').socket()", "may not import 'socket'"),
    ("real socket", _OS + "names['sys'].modules['_socket'].socket()", "KeyError"),
    ("torch", "__import__('torch')", "may not import 'torch'"),
    ("ctypes", "__import__('ctypes')", "may not import 'ctypes'"),
    ("real import", _OS + "names['__builtins__']['__import__']('ctypes')", "may not import"),
    ("subprocess", "__import__('subprocess').run('true')", "may not import 'subprocess'"),
    ("threads", _OS + "names['sys'].modules['_thread'].start_new_thread(print, ())", "thread"),
    ("SystemExit", "raise SystemExit(3)", "SystemExit: 3"),
    ("sys.exit", _OS + "names['sys'].exit(3)", "SystemExit: 3"),
    ("os._exit", _OS + "names['_exit'](7)", "ended on its own (exit code 7)"),
    ("deep recursion", "(lambda f: f(f))(lambda f: f(f))", "RecursionError"),
    ("10 GB of numbers", "np.ones(10 * 2**30, np.uint8)", "MemoryError"),
    ("10 GB of text", "'x' * (10 * 2**30)", "MemoryError"),
    ("a text of 20 MB", "return {'out': 'x' * (20 * 2**20)}", "too large"),
    ("an array of 300 MB", "return {'out': np.zeros(300 * 2**20, np.uint8)}", "too large"),
    ("a deep list", "x = []\n    for _ in range(10**5): x = [x]\n    return {'out': x}", "RecursionError"),
    ("an object", "return {'out': object()}", "type object cannot be handed on"),
    ("no dictionary", "return 5", "must return a dictionary with 'out', got int"),
    ("another output", "return {'ou': 5}", "must return 'out', got 'ou'"),
    ("forged answer", _OS + "names['write'](4, b'x' * 20)", "no value"),
    ("forged size", _OS + "names['write'](4, b'OCCC' + b'\\xff' * 12)", "no value"),
    ("forged text", _OS + "names['write'](4, b'OCCC' + bytes([0, 0, 0, 2]) + bytes(8) + b'[]')", "no valid value"),
    ("forged list", _OS + "names['write'](4, b'OCCC' + bytes([0, 0, 0, 1]) + bytes(8) + b'7')", "no answer"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "line", "says"), ILL, ids=[c[0] for c in ILL])
def test_what_is_refused_harms_nobody(case: str, line: str, says: str, tmp_path: Path) -> None:
    del case
    path = tmp_path / "written"
    line = line.replace("PATH", repr(str(path)))
    with number(
        f"def run(self, a):\n    if a == 0:\n        return {{'out': 'well'}}\n    {line}\n    return {{'out': 'ill'}}\n"
    ) as session:
        ill = session.run({"a": 1})
        well = session.run({"a": 0})
    assert ill[0]["out"] is None
    assert says in str(ill.failures[0].cause)
    assert isinstance(ill.failures[0].cause, CodeFailed)
    assert well.failures == ()
    assert well[0]["out"] == "well"
    assert not path.exists()


def test_an_endless_loop_is_ended_and_what_self_kept_is_gone() -> None:
    run = "def run(self, a):\n    self.calls = getattr(self, 'calls', 0) + 1\n    while a: pass\n    return {'out': self.calls}\n"
    with number(run, code_seconds=1.0) as session:
        outs = [session.run({"a": a}) for a in (0, 0, 1, 0)]
    assert [r[0]["out"] for r in outs] == [1, 2, None, 1]
    assert "did not end within 1 seconds" in str(outs[2].failures[0].cause)


def test_much_that_is_printed_is_cut() -> None:
    with number(
        "def run(self, a):\n    for i in range(10**4): print(i, 'x' * 100)\n    return {'out': a}\n"
    ) as session:
        assert session.run({"a": 4})[0]["out"] == 4
        block = session._plans[0].block
        assert isinstance(block, CustomBlock)
        assert block.printed[0] == "0 " + "x" * 100
        assert block.printed[-1] == "(the rest is left out)"
        assert sum(map(len, block.printed)) < 70_000


def test_an_error_shows_the_code_s_own_lines_and_what_was_printed() -> None:
    run = "def divide(a, b):\n    return a / b\n\n\ndef run(self, a):\n    print('dividing', a)\n    return {'out': divide(a, 0)}\n"
    with number(run) as session:
        error = session.run({"a": 3}).failures[0].cause
    assert isinstance(error, CodeFailed)
    assert error.lines == (
        "run_function_code, line 7, in run: return {'out': divide(a, 0)}",
        "run_function_code, line 2, in divide: return a / b",
    )
    assert error.printed == ("dividing 3",)
    assert "ZeroDivisionError: division by zero" in str(error)


def test_code_is_off_until_it_is_allowed() -> None:
    with number("def run(self, a):\n    return {'out': a}\n") as session:
        definition = session.workflow.definition.source
    with pytest.raises(Refused, match=r"'step' \(mine\) runs Python code of the definition, .* --allow custom-code"):
        Session(compile_workflow(definition))


def test_the_process_is_started_once_and_ends_with_the_session() -> None:
    with number("def run(self, a):\n    return {'out': a}\n") as session:
        block = session._plans[0].block
        assert isinstance(block, CustomBlock)
        session.run({"a": 1})
        first = block._worker._process
        session.run({"a": 2})
        assert block._worker._process is first
        assert first is not None
        layers = ("audit", "limits", "seccomp") if sys.platform == "linux" else block._worker.held
        assert block._worker.held == layers
    assert first.returncode is not None
    gc.collect()
