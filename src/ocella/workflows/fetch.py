"""Fetching what an address names, without being led into the operator's own network."""

import ipaddress
import socket
import time
from typing import Any

from ocella.errors import InvalidValue, Refused, Unreadable

__all__ = ["check_host", "fetch"]

_MOST_BYTES = 64 * 2**20
_REDIRECTS = 3
_MOVED = {301, 302, 303, 307, 308}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def fetch(url: str, *, private: bool = False, most_bytes: int = _MOST_BYTES, timeout: float = 20.0) -> bytes:
    """The content at an http(s) address, in `timeout` seconds. Addresses of this machine and of private networks are refused
    unless `private`, after each of at most 3 redirects too. Raises InvalidValue, Refused, Unreadable.
    """
    import httpx

    until = time.monotonic() + timeout
    with httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False) as client:
        for _ in range(_REDIRECTS + 1):
            try:
                content, url = _step(client, _parsed(url), until, private=private, most_bytes=most_bytes)
            except httpx.HTTPError as error:
                raise Unreadable(f"{url} cannot be fetched: {error or type(error).__name__}. Check it.") from error
            if content is not None:
                return content
    raise Unreadable(f"{url} was reached by more than {_REDIRECTS} redirects. Give the address that they lead to.")


def _parsed(url: str) -> Any:
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidValue(f"'{url}' is no address: {error}.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InvalidValue(f"expected an address that begins with http:// or https://, got '{url}'.")
    return parsed


def _step(client: Any, url: Any, until: float, *, private: bool, most_bytes: int) -> tuple[bytes | None, str]:
    """The content, or None and where it has moved to. The connection goes to the very address that was checked."""
    address = check_host(url.host, url.port or (443 if url.scheme == "https" else 80), private=private)
    request = client.build_request(
        "GET",
        url.copy_with(host=str(address)),
        headers={"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", "User-Agent": "ocella"},
        extensions={"sni_hostname": url.raw_host.decode("ascii")},
    )
    response = client.send(request, stream=True)
    try:
        if response.status_code in _MOVED and "location" in response.headers:
            return None, str(url.join(response.headers["location"]))
        if response.status_code != 200:
            raise Unreadable(f"{url} answers with status {response.status_code}, where 200 was expected. Check it.")
        return _read(url, response, until, most_bytes), ""
    finally:
        response.close()


def _read(url: Any, response: Any, until: float, most_bytes: int) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        raise Unreadable(f"{url} comes compressed, though it was asked not to. Give another address.")
    content = bytearray()
    for chunk in response.iter_raw():
        content += chunk
        if len(content) > most_bytes:
            raise Unreadable(f"{url} has more than {most_bytes:,} bytes. Give a smaller image.")
        if time.monotonic() > until:
            raise Unreadable(f"{url} did not come in time. Try again, or fetch it beforehand.")
    return bytes(content)


def check_host(host: str, port: int, *, private: bool) -> Address:
    """The first address of a host; raises Refused where one of them is not of the open internet."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreadable(f"The host '{host}' is not known: {error}. Check the address.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    inner = [a for a in addresses if not _is_global(a)]
    if inner and not private:
        raise Refused(
            f"'{host}' is {inner[0]}, an address of this machine or a private network, which is off until you allow it: "
            "--allow private-addresses, or Services(allow={'read-urls', 'private-addresses'})."
        )
    return addresses[0]


def _is_global(address: Address) -> bool:
    """Whether of the open internet; an IPv4 address within an IPv6 one counts as itself."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _is_global(inner)
    return address.is_global and not address.is_multicast
