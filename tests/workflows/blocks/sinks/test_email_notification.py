import datetime as dt
import email
import email.policy
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.workflows.blocks.sinks.loopback import Mails, allowed, mail, picture_of
from tests.workflows.running import run_step

from ocella.errors import InvalidValue, InvalidWorkflow
from ocella.types import Image


def tell(server: Mails, values: dict[str, Any] | None = None, kind: str = "email_notification", **fields: Any) -> Any:
    given = {
        "subject": "Gate", "message": "open", "sender_email": "a@x.org", "receiver_email": "b@x.org", "smtp_server": "127.0.0.1",
        "smtp_port": server.port, "encryption": "none", "fire_and_forget": False, **fields,
    }  # fmt: skip
    return run_step(kind, values or {}, allowed(), **given)


def test_a_mail_with_receivers_values_and_attachments() -> None:
    picture = np.full((8, 8, 3), (10, 200, 30), np.uint8)
    with mail() as server:
        out = tell(
            server,
            {"attachments": {"report.csv": "a,b\n", "gate": Image(picture), "raw.bin": b"\x00\xff"}},
            message="{{ $parameters.n }} open: ä",
            message_parameters={"n": 2},
            receiver_email=["b@x.org", "c@x.org"],
            cc_receiver_email="d@x.org",
            bcc_receiver_email=["e@x.org"],
        )
    assert out == {"error_status": False, "throttling_status": False, "message": "Notification sent."}
    ((sender, receivers, content),) = server.mails
    assert (sender, sorted(receivers)) == ("a@x.org", ["b@x.org", "c@x.org", "d@x.org", "e@x.org"])
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert (message["Subject"], message["To"], message["Cc"], message["Bcc"]) == (
        "Gate",
        "b@x.org, c@x.org",
        "d@x.org",
        None,
    )
    text, *files = message.iter_parts()
    assert text.get_content().split() == ["2", "open:", "ä"]
    assert [(f.get_filename(), f.get_content_type()) for f in files] == [
        ("report.csv", "text/csv"), ("gate.jpg", "image/jpeg"), ("raw.bin", "application/octet-stream")
    ]  # fmt: skip
    assert files[2].get_content() == b"\x00\xff"
    decoded = picture_of(files[1].get_content())
    assert np.abs(decoded.astype(int) - picture).max() <= 4


def test_version_1_is_the_same_mail() -> None:
    with mail() as server:
        out = tell(server, kind="roboflow_core/email_notification@v1", sender_email_password="secret")  # noqa: S106
    assert out["error_status"] is False
    assert server.logins == []  # nothing secret goes without encryption
    assert b"Subject: Gate" in server.mails[0][2]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    ).sign(key, hashes.SHA256())  # fmt: skip
    path = tmp_path_factory.mktemp("keys") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def test_the_password_goes_encrypted_to_a_server_that_is_trusted(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {"encryption": "auto", "sender_email_password": "secret", "smtp_server": "localhost"}
    with mail(certificate) as server:
        unknown = tell(server, **given)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = tell(server, **given)
    assert unknown["error_status"] is True
    assert "CERTIFICATE_VERIFY_FAILED" in unknown["message"]
    assert known["error_status"] is False
    ((_, plain),) = [login.split(" ", 1) for login in server.logins]
    assert b64decode(plain.split()[-1]) == b"\0a@x.org\0secret"
    assert len(server.mails) == 1


def test_a_server_without_encryption_gets_nothing() -> None:
    with mail() as server:
        assert tell(server, encryption="auto")["error_status"] is True
    assert server.mails == []


def test_a_refused_receiver_is_told() -> None:
    with mail() as server:
        server.refuse = "550 nobody here"
        assert "nobody here" in tell(server)["message"]


def test_no_header_can_be_smuggled_in() -> None:
    with mail() as server, pytest.raises(InvalidValue, match="cannot be written"):
        tell(server, subject="x\nBcc: all@x.org")
    assert server.mails == []


def test_what_is_missing_is_told_at_once() -> None:
    with mail() as server, pytest.raises(InvalidWorkflow) as caught:
        tell(server, email_provider="Roboflow Managed API Key", smtp_server=None, sender_email=None, receiver_email=[])
    assert [p.field for p in caught.value.problems] == [
        "email_provider",
        "smtp_server",
        "sender_email",
        "receiver_email",
    ]
