"""What models cost: decoding, dumping.  `python benchmarks/models.py [--quick] [--keep]`

Each figure stands beside a floor of the same run: `json.loads` of the same bytes; pydantic's validator of the same
classes without our types (ids are plain integers, enums and flags plain values, nothing guards an unknown kind).
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import interleaved, keep, table

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "generated"), str(ROOT / "runtime")]

from pydantic_core import SchemaValidator  # noqa: E402

import acord  # noqa: E402
from acord.core import base  # noqa: E402

DATA = Path(__file__).parent / "data"
# File -> class; what the gateway sends is measured where its classes are.
PAYLOADS = {
    "message": "Message",
    "message_rich": "Message",
    "message_components": "Message",
    "guild": "Guild",
    "presence": "PresenceUpdate",
    "guild_create": "GuildCreate",
    "interaction": "InteractionCreate",
}


def model(name: str) -> Any:
    """A class of `acord.models` or `acord.events`; None where this version has no such class."""
    for home in ("models", "events"):
        found = getattr(getattr(acord, home, None), name, None)
        if found is not None:
            return found
    return None


def bare(cls: Any) -> Callable[[bytes], object]:
    """pydantic's own validator of a class, without what our types add."""
    cls.model_rebuild()
    return SchemaValidator(_bare(cls.__pydantic_core_schema__), _use_prebuilt=False).validate_json


_PLAIN = {"int": {"type": "int"}, "str": {"type": "str"}}


def _bare(node: Any) -> Any:
    if isinstance(node, (list, tuple)):
        return type(node)(map(_bare, node))
    if not isinstance(node, dict):
        return node
    named = {"ref": node["ref"]} if "ref" in node else {}
    match node.get("type"):
        case "function-after" | "function-before" | "function-wrap":
            return {**_bare(node["schema"]), **named}
        case "json-or-python":
            return {**_bare(node["json_schema"]), **named}
        case "enum":
            return {**_PLAIN.get(node.get("sub_type", ""), {"type": "any"}), **named}
        case "literal":
            return {**node, "expected": [getattr(value, "value", value) for value in node["expected"]]}
        case "model-fields":
            return {**node, "fields": {name: _bare(field) for name, field in node["fields"].items()}}
        case _:
            opaque = {"cls", "default", "function", "metadata", "serialization", "custom_init"}
            return {key: value if key in opaque else _bare(value) for key, value in node.items()}


def decoding(rounds: int) -> dict[str, dict[str, float]]:
    """Microseconds for each payload and contender."""
    measured: dict[str, dict[str, float]] = {}
    for file, name in PAYLOADS.items():
        cls = model(name)
        if cls is None:
            print(f"{file}: this version has no {name}", file=sys.stderr)
            continue
        text = json.dumps(json.loads((DATA / f"{file}.json").read_bytes()), separators=(",", ":")).encode()
        drift: list[Any] = []
        value = base.load(cls, text, on_drift=drift.append)
        if drift or value.dump() != json.loads(text):
            raise SystemExit(f"{file}.json is not what {name} describes: {drift or 'its dump differs'}")
        validate = bare(cls)
        seconds = interleaved(
            {
                "json.loads": lambda text=text: json.loads(text),
                "bare": lambda validate=validate, text=text: validate(text),
                "load": lambda cls=cls, text=text: base.load(cls, text),
                "dump": value.dump,
            },
            rounds,
        )
        measured[file] = {name: round(each * 1e6, 2) for name, each in seconds.items()} | {"bytes": len(text)}
    return measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a third of the rounds")
    parser.add_argument("--keep", action="store_true", help="write the results to benchmarks/results/")
    arguments = parser.parse_args()
    rounds = 15 if arguments.quick else 45

    decoded = decoding(rounds)
    table(
        "Decoding and dumping, us",
        ("payload", "bytes", "json.loads", "bare pydantic", "load", "/ json", "/ bare", "dump", "/ json"),
        [
            (
                file,
                f"{each['bytes']}",
                f"{each['json.loads']:.1f}",
                f"{each['bare']:.1f}",
                f"{each['load']:.1f}",
                f"{each['load'] / each['json.loads']:.2f}",
                f"{each['load'] / each['bare']:.2f}",
                f"{each['dump']:.1f}",
                f"{each['dump'] / each['json.loads']:.2f}",
            )
            for file, each in decoded.items()
        ],
    )
    if arguments.keep:
        print(f"\nkept in {keep('models', {'decoding_us': decoded})}")


if __name__ == "__main__":
    main()
