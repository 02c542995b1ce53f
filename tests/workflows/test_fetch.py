"""Fetching from addresses, on loopback ports of servers that end with their test."""

import ipaddress
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ocella.errors import InvalidValue, Refused, Unreadable
from ocella.workflows.fetch import _is_global, fetch
from ocella.workflows.services import Services
from ocella.workflows.wire_in import read_image

PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/hello": (200, {}, b"hello"),
    "/big": (200, {}, b"x" * 5000),
    "/packed": (200, {"Content-Encoding": "gzip"}, b"xyz"),
    "/gone": (404, {}, b""),
    "/one": (302, {"Location": "/hello"}, b""),
    "/two": (307, {"Location": "/one"}, b""),
    "/three": (301, {"Location": "/two"}, b""),
    "/four": (303, {"Location": "/three"}, b""),
    "/round": (302, {"Location": "/round"}, b""),
    "/file": (302, {"Location": "file:///etc/hostname"}, b""),
    "/nowhere": (302, {}, b""),
}


@contextmanager
def server() -> Iterator[tuple[str, list[Any]]]:
    """The address of a server with PAGES, and the headers of what it was asked."""
    asked: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers)
            status, headers, body = PAGES[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{found.server_port}", asked
        finally:
            found.shutdown()
            thread.join()


@pytest.mark.parametrize("page", ["/hello", "/one", "/two", "/three"])
def test_content_and_up_to_three_redirects(page: str) -> None:
    with server() as (address, asked):
        assert fetch(address + page, private=True) == b"hello"
        assert asked[0]["host"] == address.removeprefix("http://")
        assert asked[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("page", "error", "said"),
    [
        ("/four", Unreadable, "more than 3 redirects"),
        ("/round", Unreadable, "more than 3 redirects"),
        ("/gone", Unreadable, "status 404"),
        ("/nowhere", Unreadable, "status 302"),
        ("/big", Unreadable, "more than 4,000 bytes"),
        ("/packed", Unreadable, "compressed"),
        ("/file", InvalidValue, "begins with http"),
    ],
)
def test_what_is_refused(page: str, error: type[Exception], said: str) -> None:
    with server() as (address, _), pytest.raises(error, match=said):
        fetch(address + page, private=True, most_bytes=4000)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"])  # noqa: S104  # asked, not bound
def test_this_machine_is_out_of_reach_unless_allowed(host: str) -> None:
    with server() as (address, asked):
        port = address.rpartition(":")[2]
        with pytest.raises(Refused, match="private-addresses"):
            fetch(f"http://{host}:{port}/hello")
        assert asked == []


@pytest.mark.parametrize(
    ("address", "is_global"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_of_the_open_internet(address: str, is_global: bool) -> None:  # noqa: FBT001
    assert _is_global(ipaddress.ip_address(address)) is is_global


@pytest.mark.parametrize(
    ("url", "error", "said"),
    [
        ("ftp://example.com/a", InvalidValue, "begins with http"),
        ("file:///etc/passwd", InvalidValue, "begins with http"),
        ("http://", InvalidValue, "begins with http"),
        ("http://[::1", InvalidValue, "is no address"),
        ("http://no-such-host.invalid/a", Unreadable, "is not known"),
    ],
)
def test_what_is_no_address(url: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        fetch(url)


def test_nobody_answers() -> None:
    with server() as (address, _):
        closed = address
    with pytest.raises(Unreadable, match="cannot be fetched"):
        fetch(f"{closed}/hello", private=True)


def test_a_slow_server_does_not_hold_a_run_up() -> None:
    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            for _ in range(200):
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return
                if stop.wait(0.01):
                    return

        def log_message(self, *_: object) -> None:
            pass

    stop = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            with pytest.raises(Unreadable, match="did not come in time"):
                fetch(f"http://127.0.0.1:{found.server_port}/", private=True, timeout=0.1)
        finally:
            stop.set()
            found.shutdown()
            thread.join()


def test_images_by_address_need_both_permissions_for_this_machine() -> None:
    with server() as (address, _):
        with pytest.raises(Refused, match="private-addresses"):
            read_image(f"{address}/hello", Services(allow=frozenset({"read-urls"})))
        with pytest.raises(Unreadable, match="cannot be decoded"):
            read_image(f"{address}/hello", Services(allow=frozenset({"read-urls", "private-addresses"})))
