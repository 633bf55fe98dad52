"""Drift report: where Discord's answers contradict the specification, fit to be attached to a bug report.

Places are told by names of the specification alone: ids, names and content stay out, as do the answers.
"""

import json
import os
import platform
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from acord import __version__
from acord.core import abc, decoders
from acord.core.errors import DecodeError

if TYPE_CHECKING:
    from acord.core.base import Drift
    from acord.core.hook_events import DriftSeen

__all__ = ["DriftReport", "Finding"]

FORMAT: Final = 1
MOST: Final = 500  # different findings: a change of the API makes dozens
_TEXT_MOST: Final = 200
# Of a text only what a schema can say: what stands in quotes or is a long number was received.
_RECEIVED = re.compile(r"'[^']*'|\"[^\"]*\"|\d{5,}")


class Finding(NamedTuple):
    """One thing that is not as it should be."""

    route: str
    """Method and template."""
    returns: str
    """The type that was expected of the whole answer."""
    place: str
    """As ``components.[].style``: ``[]`` is any item, ``{}`` any key that is no field's name."""
    problem: str
    got: str
    """Kind of JSON value that was there; ``nothing`` for a field that was missing."""


class DriftReport:
    """Collects drift: ``HTTPClient(hooks=Hooks(on_drift=DriftReport("drift.json")))``.

    With a path, the file is written anew whenever something is seen for the first time, and goes on with what
    an earlier run has written. Without one, `data` and `write` give what was seen.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None, *, most: int = MOST) -> None:
        self.path = path
        self.left_out = 0
        """How often something was seen that no longer found room."""
        self._most = most
        self._seen: dict[Finding, int] = dict(_earlier(path)) if path is not None else {}

    def __call__(self, event: "DriftSeen") -> None:
        """Take note of it.  OSError where the file cannot be written."""
        self.add(f"{event.method} {event.template}", event.drift)

    def add(self, route: str, drift: "Drift") -> None:
        """The same for drift that did not come out of a request, such as ``GATEWAY MESSAGE_CREATE``."""
        fresh = False
        answer = _answer(drift)
        names = _field_names()
        for path, text in drift.problems:
            keys = path.split(".") if path else []
            place = ".".join("[]" if key.isdecimal() else key if key in names else "{}" for key in keys)
            finding = Finding(route, drift.returns, place, _said(text), _kind(answer, keys))
            if finding not in self._seen and len(self._seen) >= self._most:
                self.left_out += 1
                continue
            fresh |= finding not in self._seen
            self._seen[finding] = self._seen.get(finding, 0) + 1
        if fresh and self.path is not None:
            self.write(self.path)

    def __len__(self) -> int:
        """How many different things were seen."""
        return len(self._seen)

    @property
    def findings(self) -> Mapping[Finding, int]:
        """What was seen, and how often."""
        return dict(self._seen)

    def data(self) -> dict[str, Any]:
        """The report, ready for JSON."""
        found = sorted(self._seen.items(), key=lambda pair: (-pair[1], pair[0]))
        return {
            "format": FORMAT,
            "acord": __version__,
            "api_version": abc.API_VERSION,
            "python": platform.python_version(),
            "left_out": self.left_out,
            "findings": [{**finding._asdict(), "count": count} for finding, count in found],
        }

    def write(self, path: str | os.PathLike[str]) -> None:
        """The report as a file, never half of one."""
        beside = f"{os.fspath(path)}.new"
        with open(beside, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib costs 5 ms to import
            json.dump(self.data(), file, indent=2)
            file.write("\n")
        os.replace(beside, path)  # noqa: PTH105

    def __repr__(self) -> str:
        return f"<DriftReport of {len(self)} findings>"


def _earlier(path: str | os.PathLike[str]) -> Iterator[tuple[Finding, int]]:
    """What a file of an earlier run holds; nothing where it is none of ours."""
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123
            data = json.load(file)
        if data["format"] == FORMAT and data["acord"] == __version__:
            for entry in data["findings"][:MOST]:
                yield Finding(*(str(entry[name]) for name in Finding._fields)), int(entry["count"])
    except (OSError, ValueError, TypeError, LookupError):
        return


def _said(text: str) -> str:
    return _RECEIVED.sub("...", text)[:_TEXT_MOST]


def _field_names() -> set[str]:
    """The names of the fields of every model that was loaded: all that an answer can have gone through."""
    from acord.core.base import Model

    names, todo = set[str](), [Model]
    while todo:
        model = todo.pop()
        todo += model.__subclasses__()
        for name, field in model.model_fields.items():
            names.add(name)
            if isinstance(field.alias, str):
                names.add(field.alias)
    return names


def _answer(drift: "Drift") -> Any:
    if drift.raw is None:
        return drift.value
    try:
        return decoders.decode(drift.raw)
    except DecodeError:
        return None


_KINDS: Final[Mapping[type, str]] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}


def _kind(answer: object, keys: list[str]) -> str:
    here = answer
    for key in keys:
        if isinstance(here, list):
            items = cast("list[object]", here)
            if not key.isdecimal() or int(key) >= len(items):
                return "nothing"
            here = items[int(key)]
        elif isinstance(here, dict) and key in here:
            here = cast("dict[str, object]", here)[key]
        else:
            return "nothing"
    return _KINDS.get(cast("type", type(here)), "object")
