"""What an API server says where it does not do what it is asked for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

Document = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer, not a failure of this program
    """An answer that is a refusal: a HTTP status and a Kubernetes `Status`."""

    def __init__(self, status: HTTPStatus, reason: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: Document = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": message,
            "reason": reason,
            "code": int(status),
        } | more


def unserved() -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, "NotFound", "the server could not find the requested resource")


def missing(resource: str, name: str) -> Refused:
    return Refused(HTTPStatus.NOT_FOUND, "NotFound", f'{resource} "{name}" not found')


def bad(message: str) -> Refused:
    return Refused(HTTPStatus.BAD_REQUEST, "BadRequest", message)


def conflict(resource: str, name: str, why: str) -> Refused:
    message = f'Operation cannot be fulfilled on {resource} "{name}": {why}'
    return Refused(HTTPStatus.CONFLICT, "Conflict", message)


def taken(resource: str, name: str) -> Refused:
    return Refused(HTTPStatus.CONFLICT, "AlreadyExists", f'{resource} "{name}" already exists')


def invalid(kind: str, name: str, field: str, why: str) -> Refused:
    message = f'{kind} "{name}" is invalid: {field}: {why}'
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid", message)


def not_allowed(method: str) -> Refused:
    message = f"the server does not allow this method on the requested resource: {method}"
    return Refused(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", message)


def forbidden(verb: str, resource: str, group: str, namespace: str, name: str) -> Refused:
    full = f"{resource}.{group}" if group else resource
    message = (
        f'{full} "{name}" is forbidden: you cannot {verb} resource "{resource}" in API group "{group}" '
        f'in the namespace "{namespace}"'
    )
    return Refused(HTTPStatus.FORBIDDEN, "Forbidden", message)
