"""AWS Signature Version 4, as Amazon's documents describe it, for one object of S3."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

__all__ = ["signed_headers"]


def signed_headers(
    method: str,
    host: str,
    path: str,
    body: bytes,
    now: datetime,
    *,
    key_id: str,
    secret: str,
    region: str,
    extra: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a request with its signature; `path` is not yet quoted, `now` is in UTC."""
    moment = now.strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": moment, **(extra or {})}
    names = sorted(headers, key=str.lower)
    signed = ";".join(n.lower() for n in names)
    lines = "".join(f"{n.lower()}:{headers[n].strip()}\n" for n in names)
    request = f"{method}\n{quote(path, safe='/-_.~')}\n\n{lines}\n{signed}\n{digest}"
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in (moment[:8], region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    authorization = f"AWS4-HMAC-SHA256 Credential={key_id}/{scope},SignedHeaders={signed},Signature={signature}"
    return {**headers, "Authorization": authorization}
