"""Requests of sinks: to the open internet, and to private networks where the operator allows it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from ocella.errors import InvalidValue

__all__ = ["Answer", "send"]

_MOST = 2**20


class Answer(NamedTuple):
    """Status and the beginning of the content."""

    status: int
    content: bytes

    def json(self) -> Any:
        """The content read as JSON; None where it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    def checked(self) -> "Answer":
        """Itself; raises ConnectionError where the status is no success."""
        if not 200 <= self.status < 300:
            said = self.content[:300].decode(errors="replace").strip()
            raise ConnectionError(f"the other side answers with status {self.status}{': ' + said if said else ''}.")
        return self


def send(
    method: str, url: str, *, private: bool, timeout: float, headers: Mapping[str, str] | None = None, **content: Any
) -> Answer:
    """One request without redirects, to the very address that was checked; `content` as httpx takes it (json, data, files,
    params, content, auth). Raises ConnectionError, InvalidValue, Refused.
    """
    import httpx

    from ocella.workflows.fetch import check_host

    try:
        target = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise InvalidValue(f"'{url}' is no address: {error}.") from error
    if target.scheme not in ("http", "https") or not target.host:
        raise InvalidValue(f"expected an address that begins with http:// or https://, got '{url}'.")
    address = check_host(target.host, target.port or (443 if target.scheme == "https" else 80), private=private)
    auth = content.pop("auth", None)
    with httpx.Client(
        timeout=timeout, trust_env=False, follow_redirects=False, auth=auth, verify=_certificates()
    ) as client:
        try:
            request = client.build_request(
                method,
                target.copy_with(host=str(address)),
                headers={"User-Agent": "ocella", **(headers or {}), "Host": target.netloc.decode("ascii")},
                extensions={"sni_hostname": target.raw_host.decode("ascii")},
                **content,
            )
            response = client.send(request, stream=True)
            try:
                return Answer(response.status_code, _beginning(response))
            finally:
                response.close()
        except httpx.HTTPError as error:
            raise ConnectionError(f"{target.host} cannot be reached: {error or type(error).__name__}.") from error


@lru_cache(maxsize=1)
def _certificates() -> Any:
    """Whom to trust; read once, as it takes longer than a request."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)


def _beginning(response: Any) -> bytes:
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) >= _MOST:
            break
    return bytes(data[:_MOST])
