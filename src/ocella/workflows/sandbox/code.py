"""The Python code of a custom block, read without running it: which modules it needs, which it may not have."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["ALLOWED", "STAND_INS", "Code", "Fault", "may_import"]

ALLOWED = frozenset(
    [
        "__future__",
        "abc",
        "array",
        "base64",
        "binascii",
        "bisect",
        "calendar",
        "cmath",
        "collections",
        "colorsys",
        "contextlib",
        "copy",
        "cv2",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "enum",
        "fractions",
        "functools",
        "hashlib",
        "heapq",
        "inspect",
        "io",
        "itertools",
        "json",
        "logging",
        "math",
        "numbers",
        "numpy",
        "operator",
        "PIL",
        "pprint",
        "random",
        "re",
        "scipy",
        "shapely",
        "statistics",
        "string",
        "struct",
        "textwrap",
        "time",
        "traceback",
        "types",
        "typing",
        "typing_extensions",
        "unicodedata",
        "uuid",
        "warnings",
        "zlib",
    ]
)
"""Modules that compute. PIL, scipy and shapely where they are installed."""
STAND_INS = {
    "supervision": "sv",
    "inference.core.workflows.execution_engine.entities.base": "entities",
    "inference.core.workflows.prototypes.block": "block",
}
"""Modules of other systems of which small stand-ins are there, see `stand_ins`."""


def may_import(module: str) -> bool:
    """Whether custom code may import a module."""
    known = module in STAND_INS or any(name.startswith(module + ".") for name in STAND_INS)
    return known or module.partition(".")[0] in ALLOWED


@dataclass(frozen=True)
class Fault:
    """Something wrong in one of the texts of a code: which text, line (0 for the whole), what was expected, what to do."""

    where: str
    line: int
    value: Any
    expected: str
    suggestion: str


@dataclass(frozen=True)
class Code:
    """The texts of a custom block: the function that runs, the one that runs first ('' for none), import lines."""

    run: str
    run_name: str = "run"
    init: str = ""
    init_name: str = "init"
    imports: tuple[str, ...] = ()

    @property
    def texts(self) -> dict[str, str]:
        """Each text by the name of its field, in the order in which they run."""
        found = {"imports": "\n".join(self.imports), "run_function_code": self.run, "init_function_code": self.init}
        return {name: text for name, text in found.items() if text.strip()}

    def faults(self, arguments: list[str]) -> list[Fault]:
        """Everything wrong with it: text that is no Python, imports that are refused, functions that are not there."""
        faults: list[Fault] = []
        functions: dict[str, ast.FunctionDef] = {}
        for where, text in self.texts.items():
            tree = _parsed(where, text, faults)
            if tree is None:
                return faults
            faults += [
                _refused(where, line, name) for line, name, tried in _imports(tree) if not (tried or may_import(name))
            ]
            functions |= {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        if self.run_name not in functions:
            names = ", ".join(functions) or "none"
            say = f"It has: {names}. Define it, or name another one in run_function_name."
            faults.append(Fault("run_function_code", 0, self.run_name, f"a function '{self.run_name}'", say))
        else:
            faults += _unlike(functions[self.run_name], arguments)
        if self.init and self.init_name not in functions:
            say = "Define it, or name another one in init_function_name."
            faults.append(Fault("init_function_code", 0, self.init_name, f"a function '{self.init_name}'", say))
        return faults

    def modules(self) -> list[str]:
        """Modules that must be there before it runs, submodules too."""
        found: dict[str, None] = {}
        for text in self.texts.values():
            tree = ast.parse(text)
            found |= dict.fromkeys(name for _, name, _ in _imports(tree, deep=True) if may_import(name))
            used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            found |= dict.fromkeys({"shapely"} & used)  # a name that is there without an import
        return list(found)


def _parsed(where: str, text: str, faults: list[Fault]) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        faults.append(Fault(where, error.lineno or 0, line, "Python code", f"Python says: {error.msg}."))
    except (ValueError, RecursionError, MemoryError) as error:
        faults.append(
            Fault(where, 0, text[:60], "Python code", f"Python cannot read it: {error or type(error).__name__}.")
        )
    return None


def _imports(tree: ast.AST, *, deep: bool = False) -> Iterator[tuple[int, str, bool]]:
    """Line and name of every module that is imported, and whether within a `try`; with `deep` names that may be submodules."""
    tried = {id(inside) for node in ast.walk(tree) if isinstance(node, ast.Try) for inside in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, id(node) in tried) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield node.lineno, module, id(node) in tried
            if deep:
                yield from ((node.lineno, f"{module}.{alias.name}", True) for alias in node.names if alias.name != "*")


def _refused(where: str, line: int, name: str) -> Fault:
    return Fault(
        where, line, f"import {name}", "an import that custom code may have", f"Allowed: {', '.join(sorted(ALLOWED))}."
    )


def _unlike(function: ast.FunctionDef, inputs: list[str]) -> Iterator[Fault]:
    """Where a function's arguments are not `self` and the inputs."""
    taken = function.args
    names = [a.arg for a in (*taken.posonlyargs, *taken.args)]
    needed = names[1 : len(names) - len(taken.defaults)] + [
        a.arg for a, default in zip(taken.kwonlyargs, taken.kw_defaults, strict=True) if default is None
    ]
    known = {*names[1:], *(a.arg for a in taken.kwonlyargs)}
    where, line = "run_function_code", function.lineno
    if not names and taken.vararg is None:
        say = f"Write def {function.name}(self, {', '.join(inputs)})."
        yield Fault(where, line, function.name, "a first argument 'self'", say)
        return
    if taken.kwarg is None:
        for name in inputs:
            if name not in known:
                yield Fault(where, line, name, f"an argument for the input '{name}'", f"Add it to {function.name}.")
    for name in needed:
        if name not in inputs:
            yield Fault(where, line, name, "arguments that are inputs", f"Declare '{name}' in the manifest's inputs.")
