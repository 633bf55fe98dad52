"""What one call asks for, made of its arguments and its client's defaults.  Checks them; sends nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from acord.core import wire
from acord.core.call import Order
from acord.core.lifetimes import CALLBACK_PRIORITY, time_to_answer
from acord.core.options import CallOptions
from acord.core.types import MISSING
from acord.core.verdict import with_nonce

if TYPE_CHECKING:
    from acord.core.abc import Route
    from acord.core.http import HTTPClient

__all__ = ["make_order"]

_OPTIONS: Final = CallOptions.__annotations__.keys()


def make_order(
    client: "HTTPClient",
    route: "Route[Any]",
    data: Any,
    headers: Mapping[str, str],
    model: Any,
    options: Mapping[str, Any],
) -> Order:
    """The order of `HTTPClient.request`, whose arguments these are.  Raises `InvalidRequest` and TypeError."""
    if options and (unknown := options.keys() - _OPTIONS):
        raise TypeError(f"request() got an unexpected keyword argument {min(unknown)!r}")
    lines = wire.checked_headers(headers) if headers else []
    reason = options.get("reason", route.reason)
    if reason is not None:
        lines.append(("X-Audit-Log-Reason", wire.audit_reason(reason)))
    operation = route.operation  # once: for a path by hand it is looked up
    files = route.parts if route.files else ()
    if "files" in options:
        files = tuple((f"files[{number}]", file) for number, file in enumerate(options["files"]))
    own, once = route.body, False
    if operation is not None and operation.nonce and route.returns is not MISSING:
        own, once = with_nonce(own, client.random)  # what a route made by hand sends is its maker's business
    body = wire.make_body(
        data=data,
        json=options.get("json", MISSING),
        own=own,
        files=files,
        media=("json",) if operation is None else operation.media,
    )
    if body.content_type and not any(name.lower() == "content-type" for name, _ in lines):
        lines.append(("Content-Type", body.content_type))
    policy: Mapping[str, Any] = {**client.policy, **options} if options else client.policy
    if (left := time_to_answer(route, client.wall())) is not None:
        policy = {**client.policy, "deadline": left, "priority": CALLBACK_PRIORITY, **options}
    return Order(
        headers=lines,
        body=body.make,
        length=body.length,
        repeatable=body.repeatable,
        idempotent=once or (route.method != "POST" if operation is None else operation.idempotent),
        operation=operation,
        auth=options.get("auth"),
        timeout=policy["timeout"],
        max_wait=policy["max_wait"],
        deadline=policy["deadline"],
        priority=policy.get("priority", 0),
        strict=policy["strict"],
        model=model,
    )
