from datetime import UTC, datetime
from typing import Any

import pytest
from tests.workflows.blocks.sinks.loopback import Clock, Web, allowed, web
from tests.workflows.running import Step

from ocella.errors import InvalidWorkflow
from ocella.workflows.blocks.sinks._aws_signature import signed_headers

KEYS = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def test_the_signature_is_the_one_of_amazons_documents() -> None:
    # "Signature calculations for the authorization header", example PUT object
    found = signed_headers(
        "PUT", "examplebucket.s3.amazonaws.com", "/test$file.text", b"Welcome to Amazon S3.", datetime(2013, 5, 24, tzinfo=UTC),
        key_id=KEYS["aws_access_key_id"], secret=KEYS["aws_secret_access_key"], region="us-east-1",
        extra={"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
    )  # fmt: skip
    assert found["x-amz-content-sha256"] == "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
    assert found["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


def keep(server: Web, clock: Clock, **fields: Any) -> Step:
    given = {"bucket_name": "notes", "endpoint_url": server.url, "aws_region": "eu-west-1", **KEYS, **fields}
    return Step("s3_sink", allowed(now=clock), **given)


def test_each_text_is_an_object() -> None:
    with (
        web() as server,
        keep(server, Clock(), output_mode="separate_files", file_type="txt", s3_prefix="a b/logs/") as step,
    ):
        out = step.run(content="hello")
    assert out["error_status"] is False
    assert out["message"] == "Data saved as s3://notes/a b/logs/workflow_output_2024_05_01_12_00_00_000000.txt."
    (request,) = server.requests
    assert (request.method, request.path) == ("PUT", "/notes/a%20b/logs/workflow_output_2024_05_01_12_00_00_000000.txt")
    assert (request.body, request.headers["Content-Type"]) == (b"hello", "text/plain")
    host = {"Content-Type": "text/plain", "host": request.headers["Host"]}
    again = signed_headers(
        "PUT", host["host"], "/notes/a b/logs/workflow_output_2024_05_01_12_00_00_000000.txt", b"hello",
        datetime(2024, 5, 1, 12, tzinfo=UTC), key_id=KEYS["aws_access_key_id"], secret=KEYS["aws_secret_access_key"],
        region="eu-west-1", extra={"Content-Type": "text/plain"},
    )  # fmt: skip
    assert request.headers["Authorization"] == again["Authorization"]


def test_appended_texts_grow_one_object_until_it_is_full() -> None:
    clock = Clock()
    with web() as server, keep(server, clock, output_mode="append_log", max_entries_per_file=2) as step:
        for i in range(3):
            step.run(content=f"a\n{i}\n")
            clock.later(1)
    assert [r.body for r in server.requests] == [b"a\n0\n", b"a\n0\n1\n", b"a\n2\n"]
    assert server.requests[0].path == server.requests[1].path != server.requests[2].path


def test_a_refusal_is_told_and_keys_are_needed() -> None:
    with web(lambda _: (403, b"<Error>SignatureDoesNotMatch</Error>")) as server:
        with keep(server, Clock(), output_mode="separate_files") as step:
            assert "SignatureDoesNotMatch" in step.run(content="x")["message"]
        with (
            pytest.raises(InvalidWorkflow, match="aws_secret_access_key"),
            keep(server, Clock(), output_mode="append_log", aws_secret_access_key=None) as step,
        ):
            step.run(content="x")
