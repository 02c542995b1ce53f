"""Stand-ins on the loopback address for servers that weights come from: files with ranges, and the hub of models."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

STEERING = ("HF_", "OCELLA_", "HUGGINGFACE_", "HUGGING_FACE_", "ROBOFLOW_")
LARGE = (".safetensors", ".bin", ".pt", ".onnx")
"""What the hub keeps outside git, named by its SHA-256."""


@dataclass(frozen=True)
class Asked:
    """One request: `range` and `authorization` as they came."""

    method: str
    path: str
    range: str
    authorization: str


@dataclass(frozen=True)
class Reply:
    """An answer; `cut` drops the connection after so many bytes of it."""

    body: bytes = b""
    code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


class Server(ThreadingHTTPServer):
    """Files by path. `cuts` drops the connection after so many bytes, once for each number, and with `goes_down` refuses
    the file from then on; `codes` refuses.
    """

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files or {})
        self.requests: list[Asked] = []
        self.cuts: dict[str, list[int]] = {}
        self.codes: dict[str, int] = {}
        self.goes_down = False
        self.tags = True
        self.ranges = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def fetched(self) -> list[str]:
        """Names of the files whose content was asked for."""
        return [
            a.path.rpartition("/")[2] for a in self.requests if a.method == "GET" and not a.path.startswith("/api/")
        ]

    def reply(self, asked: Asked) -> Reply:
        name = asked.path.rpartition("/")[2]
        if name in self.codes:
            return Reply(code=self.codes[name])
        if asked.path not in self.files:
            return Reply(code=404)
        return self.content(asked, name, self.files[asked.path])

    def content(self, asked: Asked, name: str, data: bytes, headers: Mapping[str, str] | None = None) -> Reply:
        tag = {"ETag": f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'} if self.tags else {}
        more = {**tag, **(headers or {})}
        cut = self.cuts[name].pop(0) if asked.method == "GET" and self.cuts.get(name) else None
        if cut is not None and self.goes_down:
            self.codes[name] = 410
        if asked.range and self.ranges:
            start = int(asked.range.removeprefix("bytes=").rstrip("-"))
            if start >= len(data):
                return Reply(code=416, headers={"Content-Range": f"bytes */{len(data)}"})
            return Reply(
                data[start:], 206, {**more, "Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}"}, cut
            )
        return Reply(data, 200, more, cut)


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *said: object) -> None:
        del said

    def _answer(self) -> None:
        said, path = self.headers, self.path.partition("?")[0]
        asked = Asked(self.command, path, said.get("Range", ""), said.get("Authorization", ""))
        self.server.requests.append(asked)
        reply = self.server.reply(asked)
        if said.get("If-Range", reply.headers.get("ETag")) != reply.headers.get("ETag"):
            reply = self.server.reply(Asked(asked.method, path, "", asked.authorization))
        self.send_response(reply.code)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
        self.close_connection = True


@dataclass
class Repository:
    """`gated` asks for a token that accepted the licence; `private` is hidden from everybody else."""

    files: dict[str, bytes]
    license: str = "apache-2.0"
    gated: bool = False
    private: bool = False
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def commit(self) -> str:
        return hashlib.sha1(repr(sorted(self.files.items())).encode(), usedforsecurity=False).hexdigest()

    def tree(self) -> list[dict[str, Any]]:
        listed = []
        for name, data in self.files.items():
            size = self.sizes.get(name, len(data))
            entry: dict[str, Any] = {"type": "file", "path": name, "size": size, "oid": _git_name(data)}
            if name.endswith(LARGE):
                entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": size, "pointerSize": 134}
            listed.append(entry)
        folders = {name.rpartition("/")[0] for name in self.files if "/" in name}
        return listed + [{"type": "directory", "path": f, "oid": "0" * 40} for f in folders]


class Hub(Server):
    """The addresses of the hub that fetching asks for. Contents of large files come from `store`, another server, as
    the hub's do, where one is given; those of small ones from another address here.
    """

    token = "hf_a_token_that_may"  # noqa: S105  # of nobody

    def __init__(self, store: Server | None = None, **repositories: Repository) -> None:
        super().__init__()
        self.store = store
        self.repositories = {name.replace("__", "/"): r for name, r in repositories.items()}

    def reply(self, asked: Asked) -> Reply:
        api = asked.path.startswith("/api/")
        path = asked.path.removeprefix("/api/models/").removeprefix("/api/resolve-cache/models/").lstrip("/")
        repository, rest = "/".join(path.split("/")[:2]), "/".join(path.split("/")[2:])
        held = self.repositories.get(repository)
        may = asked.authorization == f"Bearer {self.token}"
        if held is None or (held.private and not may):
            return Reply(code=404 if may else 401, headers={"X-Error-Code": "RepoNotFound"})
        if api and rest.startswith(("revision/", "tree/")):
            return self._about(held, repository, rest)
        if held.gated and not may:
            return Reply(code=403 if asked.authorization else 401, headers={"X-Error-Code": "GatedRepo"})
        revision, _, name = rest.removeprefix("resolve/").partition("/")
        if revision not in ("main", held.commit) or name not in held.files:
            return Reply(code=404, headers={"X-Error-Code": "EntryNotFound"})
        if name in self.codes:
            return Reply(code=self.codes[name])
        return self._file(asked, held, repository, name, moved=api)

    def _about(self, held: Repository, repository: str, rest: str) -> Reply:
        kind, _, revision = rest.partition("/")
        if revision not in ("main", held.commit):
            return Reply(code=404, headers={"X-Error-Code": "RevisionNotFound"})
        if kind == "tree":
            return Reply(json.dumps(held.tree()).encode())
        about = {"id": repository, "sha": held.commit, "gated": "manual" if held.gated else False}
        return Reply(json.dumps({**about, "cardData": {"license": held.license}}).encode())

    def _file(self, asked: Asked, held: Repository, repository: str, name: str, *, moved: bool) -> Reply:
        data = held.files[name]
        known = {"X-Repo-Commit": held.commit, "ETag": f'"{_git_name(data)}"'}
        if name.endswith(LARGE):
            linked = {"X-Linked-ETag": f'"{hashlib.sha256(data).hexdigest()}"', "X-Linked-Size": str(len(data))}
            known = {**known, **linked}
            if self.store is not None:
                self.store.files[f"/{name}"] = data
                return Reply(code=302, headers={**known, "Location": f"{self.store.address}/{name}"})
        elif self.store is not None and not moved:
            there = f"/api/resolve-cache/models/{repository}/{held.commit}/{name}"
            return Reply(code=307, headers={**known, "Location": there})
        return self.content(asked, name, data, known)


def _git_name(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def forget_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the person who runs the tests steers them, and no token of theirs is used."""
    for name in [n for n in os.environ if n.startswith(STEERING)]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", os.devnull)


@contextmanager
def serving(server: Server) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def ocella(
    *words: str, without: str = "", network: bool = True, largest: int = 0, **variables: str
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, without a package, without any socket or with files of at most `largest` bytes
    where asked, and with none of the variables that steer weights but those given.
    """
    begin = "import sys\n"
    if largest:
        begin += f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, ({largest}, {largest}))\n"
    if without:
        begin += f"sys.modules[{without!r}] = None\n"
    if not network:
        begin += (
            "import socket\n"
            "def no(*asked, **how):\n"
            "    raise RuntimeError(f'the network was asked: {asked}')\n"
            "socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = socket.getaddrinfo = no\n"
        )
    usual = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    return subprocess.run(
        [sys.executable, "-c", f"{begin}from ocella.cli.main import main\nraise SystemExit(main())", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**usual, "OMP_NUM_THREADS": "1", **variables},
    )


def everything_in(folder: Path) -> bytes:
    """All that is written anywhere in a folder, to look for what must not be."""
    return b"\n".join(f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file())
