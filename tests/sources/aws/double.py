"""An HTTP server that speaks AWS's protocols and answers as a test tells it to.

What it answers is checked against botocore's own description of the service, so that no test rests on a shape that
AWS does not have.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore.loaders import Loader  # type: ignore[import-untyped]  # botocore ships no types
from botocore.model import OperationModel, ServiceModel, Shape  # type: ignore[import-untyped]  # the same
from botocore.validate import ParamValidator  # type: ignore[import-untyped]  # the same

SERVICES = {
    "AWSInsightsIndexService": "ce",
    "AWSBudgetServiceGateway": "budgets",
    "AWSPriceListService": "pricing",
    "SageMaker": "sagemaker",
    "AmazonAthena": "athena",
    "CostOptimizationHubService": "cost-optimization-hub",
}
"""Prefix of the header X-Amz-Target -> service."""
SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


@dataclass(frozen=True)
class Asked:
    operation: str
    params: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Fault:
    """An answer that is an error."""

    code: str
    message: str = ""
    status: int = 400


Answer = Mapping[str, Any] | Fault
Script = Callable[[Asked], Answer] | Answer


@dataclass
class Double:
    url: str = ""
    answers: dict[str, Script] = field(default_factory=dict)
    """By operation."""
    asked: list[Asked] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(asked.operation for asked in self.asked)

    def of(self, operation: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.operation == operation]

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        script = self.answers.get(asked.operation, Fault("NotTold", f"no answer to {asked.operation}", 400))
        return script(asked) if callable(script) else script


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.double = Double(f"http://127.0.0.1:{self.server_port}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: else each answer waits 40 ms for an acknowledgement
    server: _Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        found = SIGNED_FOR.search(self.headers.get("Authorization", ""))
        service, operation, params = _question(
            self.headers.get("X-Amz-Target", ""), found[1] if found else "", self.command, self.path, body
        )
        answer = self.server.double.answer(Asked(operation.name, params, dict(self.headers.items())))
        if isinstance(answer, Fault):
            status, text = answer.status, _fault(service, answer)
        else:
            _check(answer, operation)
            status, text = 200, _told(service, operation, answer)
        raw = text.encode()
        self.send_response_only(status)
        if isinstance(answer, Fault) and not service.protocol.startswith(("query", "ec2")):
            self.send_header("x-amzn-ErrorType", answer.code)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    do_POST = do_GET  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Say nothing: the test's output is its own."""


@contextmanager
def double() -> Iterator[Double]:
    """Serve on a free loopback port until the block ends."""
    server = _Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.double
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@cache
def model(service: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _question(
    target: str, signed_for: str, method: str, path: str, body: str
) -> tuple[ServiceModel, OperationModel, Mapping[str, Any]]:
    if target:
        prefix, _, name = target.partition(".")
        service = model(SERVICES[prefix])
        return service, service.operation_model(name), json.loads(body)
    service = model(signed_for)
    if service.protocol in {"query", "ec2"}:
        form = {name: values[0] for name, values in parse_qs(body).items()}
        return service, service.operation_model(form["Action"]), form
    parts = urlsplit(path)
    for name in service.operation_names:
        operation = service.operation_model(name)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.http["requestUri"])
        found = re.fullmatch(pattern, parts.path)
        if found and operation.http["method"] == method:
            given = {key: values[0] for key, values in parse_qs(parts.query).items()}
            inside = {key: unquote(value) for key, value in found.groupdict().items()}
            return service, operation, {**given, **inside, **(json.loads(body) if body else {})}
    raise AssertionError(f"{signed_for} has no {method} {path}")


def _check(answer: Mapping[str, Any], operation: OperationModel) -> None:
    report = ParamValidator().validate(answer, operation.output_shape)
    assert not report.has_errors(), report.generate_report()


def _fault(service: ServiceModel, fault: Fault) -> str:
    message = escape(fault.message)
    match service.protocol:
        case "ec2":
            error = f"<Error><Code>{fault.code}</Code><Message>{message}</Message></Error>"
            return f"<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>"
        case "query":
            error = f"<Error><Type>Sender</Type><Code>{fault.code}</Code><Message>{message}</Message></Error>"
            return f"<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"
    return json.dumps({"__type": fault.code, "message": fault.message})


def _told(service: ServiceModel, operation: OperationModel, answer: Mapping[str, Any]) -> str:
    if service.protocol not in {"query", "ec2"}:
        return json.dumps(answer, default=lambda value: value.timestamp())
    inside = _members(operation.output_shape, answer, ec2=service.protocol == "ec2")
    if service.protocol == "query":
        inside = f"<{operation.name}Result>{inside}</{operation.name}Result>"
    space = service.metadata.get("xmlNamespace", "")
    return f'<{operation.name}Response xmlns="{space}">{inside}</{operation.name}Response>'


def _members(shape: Shape, values: Mapping[str, Any], *, ec2: bool) -> str:
    found = []
    for name, value in values.items():
        member = shape.members[name]
        found.append(_element(member.serialization.get("name", name), member, value, ec2=ec2))
    return "".join(found)


def _element(tag: str, shape: Shape, value: Any, *, ec2: bool) -> str:
    if shape.type_name == "list":
        item = shape.member.serialization.get("name", "item" if ec2 else "member")
        inside = "".join(_element(item, shape.member, each, ec2=ec2) for each in value)
    elif shape.type_name == "structure":
        inside = _members(shape, value, ec2=ec2)
    elif isinstance(value, bool):
        inside = str(value).lower()
    elif isinstance(value, datetime):
        inside = value.isoformat()
    else:
        inside = escape(str(value))
    return f"<{tag}>{inside}</{tag}>"
