"""Text of the spec -> text of Python: the only ways by which a value enters a generated file."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.errors import CodegenError

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 120
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
BUILTINS = frozenset(dir(builtins))
SCHEMA_NAME = re.compile(r"[A-Z][A-Za-z0-9]*\Z", re.ASCII)
_LOWER = re.compile(r"[a-z][a-z0-9_]*\Z", re.ASCII)
_MODULES = frozenset({"enums", "message_enums", "dicts", "likes", "official", *keyword.kwlist})
# What generated modules import or define beside the schemas: no schema may be called so.
TAKEN = BUILTINS | {
    "Annotated", "Any", "Field", "File", "Final", "Iterator", "Literal", "MISSING", "Mapping", "Missing", "Model",
    "NotRequired", "OFFICIAL", "OpenIntEnum", "OpenStrEnum", "Operation", "OPERATIONS", "PaginatedRoute", "Pagination",
    "Parameter", "Request", "Route", "Sequence", "Shape", "Snowflake", "SnowflakeLike", "TYPE_CHECKING", "TypeAlias",
    "TypedDict", "Timestamp", "Anything", "AnyOf", "Array", "Binary", "Boolean", "Enum", "Id", "Image", "Integer",
    "Map", "Nullable", "Number", "Object", "Ref", "String", "Tagged", "Optional", "Union", "BaseModel",
}  # fmt: skip


def identifier(name: str, reserved: Iterable[str] = ()) -> str:
    """`name` as a Python identifier: ASCII, no keyword, no dunder, not in `reserved`; else with a trailing ``_``."""
    ascii_name = unicodedata.normalize("NFKC", name)
    found = re.sub(r"[^A-Za-z0-9_]", "_", ascii_name, flags=re.ASCII)
    if not found or found[0].isdigit():
        found = f"_{found}"
    if found.startswith("_"):
        found = "field" + found if found.strip("_") else "field_"
    if keyword.iskeyword(found) or (keyword.issoftkeyword(found) and found != "type") or found in reserved:
        found += "_"
    return found


def operation_name(name: str) -> bool:
    """Whether a helper may be called so."""
    return bool(_LOWER.match(name)) and not keyword.iskeyword(name) and name not in BUILTINS


def schema_name(name: str) -> bool:
    """Whether a class may be called so."""
    return bool(SCHEMA_NAME.match(name)) and name not in TAKEN


def resource_name(name: str) -> bool:
    """Whether a module may be called so: modules of ours in the same folders have these other names."""
    ours = name.startswith(("requests_", "other_")) or name in _MODULES
    return bool(_LOWER.match(name)) and len(name) <= 40 and not ours


def checked(name: str) -> str:
    """`name`, which must already be an identifier: the last look before it is printed as code."""
    if not _IDENTIFIER.match(name) or keyword.iskeyword(name):
        raise CodegenError(f"{name!r} is no Python name")
    return name


# What a field of a model may not hide: the methods of pydantic's models and of ours, names that annotations use.
_MODEL = frozenset({
    "construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema", "schema_json",
    "update_forward_refs", "validate", "model_config", "model_fields", "model_computed_fields", "model_extra",
    "model_fields_set", "model_construct", "model_copy", "model_json_schema", "model_parametrized_name",
    "model_post_init", "model_rebuild", "conn", "dump", "load", "bool", "bytes", "float", "int", "list", "str",
    "datetime", "unlisted", "mro", "event_intents", "event_name",
})  # fmt: skip


def attribute(name: str, taken: Container[str] = ()) -> str:
    """The name of a model's field: the wire's where that is a plain name with nothing to hide, else near it."""
    found = name
    if not re.fullmatch(r"[a-z][A-Za-z0-9_]*", name, re.ASCII) or name.endswith("_"):
        found = identifier(name)
        found += "_" * found[0].isupper()
    if keyword.iskeyword(found) or found in _MODEL or found.startswith(("model_dump", "model_validate")):
        found += "_"
    while found in taken:
        found += "_"
    return found


def member(title: str, taken: Iterable[str] = ()) -> str:
    """The name of an enum member: upper case, ASCII, unique among `taken`."""
    found = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", title), flags=re.ASCII).strip("_").upper()
    if not found or found[0].isdigit():
        found = f"N{found}" if found else "N"
    if keyword.iskeyword(found) or found == "MRO":
        found += "_"
    while found in taken:
        found += "_"
    return found


def members(pairs: Iterable[tuple[str, int | str]]) -> list[tuple[str, int | str]]:
    """Titles and values of an enum as Python members."""
    taken: list[str] = []
    found: list[tuple[str, int | str]] = []
    for title, value in pairs:
        name = member(title, taken)
        taken.append(name)
        found.append((name, value))
    return found


def literal(value: object) -> str:
    """A scalar or a tuple/list/dict of scalars as Python source, with double quotes and no odd characters."""
    match value:
        case None | bool() | int():
            return repr(value)
        case float():
            return repr(value)
        case str():
            return quoted(value)
        case list() | tuple():
            items = [literal(item) for item in cast("Sequence[object]", value)]
            inner = ", ".join(items)
            return f"[{inner}]" if isinstance(value, list) else f"({inner},)" if len(items) == 1 else f"({inner})"
        case Mapping():
            pairs = cast("Mapping[str, object]", value).items()
            return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in pairs) + "}"
        case _:
            raise CodegenError(f"{type(value).__name__} cannot be printed")


def quoted(text: str) -> str:
    """`text` as a double-quoted literal in plain ASCII but for printable letters; bidi and control marks escaped."""
    out: list[str] = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF:
            out.append(char)
        else:
            code = ord(char)
            known = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
            out.append(
                known.get(char)
                or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}")
            )
    return '"' + "".join(out) + '"'


def prose(text: str) -> str:
    """`text` as the inside of a docstring: one line, nothing that could end it or hide in it."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat.replace("\\", "\\\\").replace('"""', "'''")


def docstring(text: str, indent: int = 0) -> str:
    """A whole docstring, wrapped to the line length; `text` holds paragraphs parted by blank lines."""
    pad = " " * indent
    # A link has hyphens, and is none when it is broken at one.
    whole = textwrap.TextWrapper(WIDTH - indent - 3, break_long_words=False, break_on_hyphens=False)
    blocks: list[str] = []
    for part in text.split("\n\n"):
        lines = [prose(line) for line in part.split("\n")]
        blocks.append("\n".join(w for line in lines for w in whole.wrap(line) or [""]))
    body = "\n\n".join(blocks)
    if body.endswith('"'):
        body += " "
    if "\n" not in body and len(body) + indent + 6 <= WIDTH:
        return f'{pad}"""{body}"""'
    return "\n".join(f"{pad}{line}".rstrip() for line in f'"""{body}\n"""'.splitlines())


def suffixed(text: str, suffix: str) -> str:
    return text + suffix


def environment() -> Environment:
    """Templates from this folder alone; an undefined name is an error."""
    env = Environment(  # Python source, not HTML; every value goes through a filter above
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    own: dict[str, Callable[..., object]] = {
        "checked": checked,
        "docstring": docstring,
        "identifier": identifier,
        "literal": literal,
        "member": member,
        "members": members,
        "prose": prose,
        "quoted": quoted,
        "suffixed": suffixed,
    }
    env.filters.update(own)
    return env
