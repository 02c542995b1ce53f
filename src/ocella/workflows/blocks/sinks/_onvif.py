"""Cameras that speak ONVIF: the few calls that move one, as the ONVIF core, media and PTZ documents describe them."""

import hashlib
import secrets
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from ocella.workflows.blocks.sinks._web import send

__all__ = ["Camera"]

_SCHEMA = "http://www.onvif.org/ver10/schema"
_MEDIA, _PTZ, _DEVICE = (f"http://www.onvif.org/{v}/wsdl" for v in ("ver10/media", "ver20/ptz", "ver10/device"))
_SECURITY = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
_ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Header>{header}</s:Header>'
    "<s:Body>{body}</s:Body></s:Envelope>"
)


class Camera:
    """One camera and an account on it; it is asked what it can do with the first call. Calls raise ConnectionError."""

    def __init__(
        self, host: str, port: int, user: str, password: str, *, private: bool, now: Callable[[], datetime]
    ) -> None:
        self.host, self.port, self.user, self.password, self.private, self.now = (
            host,
            port,
            user,
            password,
            private,
            now,
        )
        self._ptz = self._profile = ""
        self._presets: dict[str, str] | None = None

    def move(self, x: float, y: float, zoom: float) -> None:
        """Keep moving: -1..1, right, up and in are positive; all 0 stops."""
        if x == y == zoom == 0:
            self._control("Stop", "<PanTilt>true</PanTilt><Zoom>true</Zoom>")
            return
        parts = f'<PanTilt xmlns="{_SCHEMA}" x="{x:.4f}" y="{y:.4f}"/>'
        if zoom:
            parts += f'<Zoom xmlns="{_SCHEMA}" x="{zoom:.4f}"/>'
        self._control("ContinuousMove", f"<Velocity>{parts}</Velocity>")

    def go_to(self, preset: str) -> None:
        """Move to a place that the camera keeps under this name."""
        if self._presets is None:
            found = self._control("GetPresets", "")
            self._presets = {_text(p, "Name"): p.get("token", "") for p in _all(found, "Preset")}
        if preset not in self._presets:
            raise ConnectionError(
                f"the camera keeps no place '{preset}'. It has: {', '.join(self._presets) or 'none'}."
            )
        self._control("GotoPreset", f"<PresetToken>{escape(self._presets[preset])}</PresetToken>")

    def _control(self, name: str, inside: str) -> Any:
        if not self._profile:
            self._ask()
        token = f"<ProfileToken>{escape(self._profile)}</ProfileToken>"
        return self._call(self._ptz, f"<{name} xmlns={quoteattr(_PTZ)}>{token}{inside}</{name}>")

    def _ask(self) -> None:
        """Where its services are, and its first profile that can move."""
        base = f"http://{self.host}:{self.port}"
        found = self._call(f"{base}/onvif/device_service", f"<GetCapabilities xmlns={quoteattr(_DEVICE)}/>")
        media, self._ptz = (self._service(found, name) for name in ("Media", "PTZ"))
        profiles = _all(self._call(media, f"<GetProfiles xmlns={quoteattr(_MEDIA)}/>"), "Profiles")
        movable = [p for p in profiles if _all(p, "PTZConfiguration")]
        if not movable:
            raise ConnectionError("the camera has no profile that can move.")
        self._profile = movable[0].get("token", "")

    def _service(self, found: Any, name: str) -> str:
        """The address of a service, on the host that was given whatever the camera calls itself."""
        inside = _all(found, name)
        address = urlsplit(_text(inside[0], "XAddr") if inside else "")
        if not address.path:
            raise ConnectionError(f"the camera offers no {name} service.")
        return f"http://{self.host}:{address.port or self.port}{address.path}"

    def _call(self, url: str, body: str) -> Any:
        envelope = _ENVELOPE.format(header=self._token() if self.user else "", body=body)
        headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
        answer = send("POST", url, private=self.private, timeout=5, headers=headers, content=envelope.encode())
        try:
            found = ET.fromstring(answer.content)  # noqa: S314  # at most 1 MB, and expat limits entities
        except ET.ParseError as error:
            raise ConnectionError(f"the camera answers with status {answer.status} and no XML.") from error
        faults = _all(found, "Fault")
        if faults or not 200 <= answer.status < 300:
            said = " ".join("".join(faults[0].itertext()).split()) if faults else f"status {answer.status}"
            raise ConnectionError(f"the camera refuses: {said[:200]}.")
        return found

    def _token(self) -> str:
        """The account, its password as a digest."""
        nonce, created = secrets.token_bytes(16), self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        digest = hashlib.sha1(nonce + created.encode() + self.password.encode()).digest()  # noqa: S324  # as the standard says
        secext, utility = f"{_SECURITY}wssecurity-secext-1.0.xsd", f"{_SECURITY}wssecurity-utility-1.0.xsd"
        kind, coding = (
            f"{_SECURITY}username-token-profile-1.0#PasswordDigest",
            f"{_SECURITY}soap-message-security-1.0#Base64Binary",
        )
        return (
            f'<w:Security xmlns:w="{secext}" s:mustUnderstand="1"><w:UsernameToken>'
            f"<w:Username>{escape(self.user)}</w:Username>"
            f'<w:Password Type="{kind}">{b64encode(digest).decode()}</w:Password>'
            f'<w:Nonce EncodingType="{coding}">{b64encode(nonce).decode()}</w:Nonce>'
            f'<u:Created xmlns:u="{utility}">{created}</u:Created></w:UsernameToken></w:Security>'
        )


def _all(element: Any, name: str) -> list[Any]:
    """Elements of a name at any depth, whatever their namespace."""
    return [e for e in element.iter() if e.tag.rpartition("}")[2] == name]


def _text(element: Any, name: str) -> str:
    found = _all(element, name)
    return (found[0].text or "").strip() if found else ""
