"""Servers on loopback that write down what they get: HTTP, mail, MQTT."""

import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ocella.workflows.services import Services

ALLOWED = frozenset({"send", "private-addresses"})


def allowed(**more: Any) -> Services:
    """Services of an operator who allows to send, to loopback too."""
    return Services(allow=more.pop("allow", ALLOWED), **more)


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def later(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def picture_of(content: bytes) -> Any:
    """Pixels of an encoded picture, red first, as OpenCV reads them."""
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return pixels[..., ::-1]


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Web:
    """A running web server."""

    url: str
    port: int
    requests: list[Request] = field(default_factory=list)


Reply = Callable[[Request], tuple[int, bytes]]


@contextmanager
def web(reply: Reply = lambda _: (200, b"ok")) -> Iterator[Web]:
    """A web server that answers as told."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(self.command, self.path, dict(self.headers.items()), body)
            found.requests.append(request)
            status, content = reply(request)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815  # names of http.server

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Web(f"http://127.0.0.1:{server.server_port}", server.server_port)
    with _serving(server):
        yield found


@dataclass
class Mails:
    """A running mail server; `mails` are (sender, receivers, content), `logins` what was sent to log in."""

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuse: str = ""


class _MailHandler(socketserver.StreamRequestHandler):
    """One conversation by the rules of RFC 5321, STARTTLS with a certificate."""

    found: Mails
    certificate: Path | None

    def handle(self) -> None:
        self.say("220 loopback")
        self.sender, self.receivers = "", list[str]()
        while line := self.rfile.readline().decode().strip():
            verb = line.upper().replace(":", " ").split()[0]
            getattr(self, f"on_{verb.lower()}", self.on_other)(line)
            if verb == "QUIT":
                return

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")

    def on_ehlo(self, _: str) -> None:
        secure = isinstance(self.request, ssl.SSLSocket)
        self.say("250-loopback\r\n250 " + ("STARTTLS" if self.certificate and not secure else "AUTH PLAIN"))

    def on_starttls(self, _: str) -> None:
        if self.certificate is None:
            self.say("502 not here")
            return
        self.say("220 go ahead")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.certificate))
        self.request = context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)

    def on_auth(self, line: str) -> None:
        self.found.logins.append(line)
        self.say("235 welcome")

    def on_mail(self, line: str) -> None:
        self.sender = line[len("MAIL FROM:") :].split(maxsplit=1)[0].strip("<>")
        self.say("250 ok")

    def on_rcpt(self, line: str) -> None:
        self.receivers.append(line[len("RCPT TO:") :].strip("<>"))
        self.say(self.found.refuse or "250 ok")

    def on_data(self, _: str) -> None:
        self.say("354 go on")
        lines = []
        while (part := self.rfile.readline()) != b".\r\n":
            lines.append(part)
        self.found.mails.append((self.sender, self.receivers, b"".join(lines)))
        self.say("250 taken")

    def on_quit(self, _: str) -> None:
        self.say("221 bye")

    def on_other(self, _: str) -> None:
        self.say("250 ok")

    def finish(self) -> None:
        super().finish()
        self.request.close()


@contextmanager
def mail(certificate: Path | None = None) -> Iterator[Mails]:
    """A mail server; with a certificate (PEM, key and all) it offers STARTTLS, and a log in only then."""
    found = Mails()
    handler = type("Handler", (_MailHandler,), {"found": found, "certificate": certificate})
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    with _serving(server):
        yield found


@dataclass
class Broker:
    """A running MQTT broker; `published` are (topic, content, quality, kept), `accounts` (user, password)."""

    port: int = 0
    published: list[tuple[str, bytes, int, bool]] = field(default_factory=list)
    accounts: list[tuple[str, str]] = field(default_factory=list)
    refuse: int = 0


@contextmanager
def broker(*, deaf: bool = False) -> Iterator[Broker]:
    """A broker of MQTT 3.1.1 (its document, chapters 2 and 3) that takes what is published; a deaf one never answers."""
    found = Broker()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := self.rfile.read(1):
                body = self.rfile.read(_length(self.rfile))
                kind, flags = head[0] >> 4, head[0] & 15
                if deaf:
                    continue
                if kind == 1:  # CONNECT
                    found.accounts.append(_account(body))
                    self.wfile.write(bytes([0x20, 2, 0, found.refuse]))
                elif kind == 3:  # PUBLISH
                    size = int.from_bytes(body[:2], "big")
                    quality, rest = flags >> 1 & 3, body[2 + size :]
                    found.published.append(
                        (body[2 : 2 + size].decode(), rest[2:] if quality else rest, quality, bool(flags & 1))
                    )
                    if quality:
                        self.wfile.write(bytes([0x40 if quality == 1 else 0x50, 2]) + rest[:2])
                elif kind == 6:  # PUBREL
                    self.wfile.write(bytes([0x70, 2]) + body[:2])
                elif kind == 14:  # DISCONNECT
                    return

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    with _serving(server):
        yield found


def _length(stream: Any) -> int:
    size = shift = 0
    while True:
        byte = int(stream.read(1)[0])
        size |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return size


def _account(body: bytes) -> tuple[str, str]:
    parts = []
    flags, rest = body[7], body[10:]
    while rest:
        size = int.from_bytes(rest[:2], "big")
        parts.append(rest[2 : 2 + size].decode())
        rest = rest[2 + size :]
    return (parts[1] if flags & 0x80 else "", parts[-1] if flags & 0x40 else "")


@contextmanager
def _serving(server: Any) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
