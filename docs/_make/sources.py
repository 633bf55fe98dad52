"""What the generated modules say, read from their text: signatures, classes, notes. Nothing is imported for it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "Class", "Field", "Union", "classes", "helper", "unions"]

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated" / "acord"


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    required: bool
    about: str = ""


@dataclass(frozen=True)
class Class:
    """A class: what its docstring says, its fields or members in order."""

    name: str
    bases: tuple[str, ...]
    about: str
    source: str
    fields: tuple[Field, ...] = ()
    members: tuple[tuple[str, str, str], ...] = ()
    """Name, value, and what the line below says."""
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Union:
    name: str
    arms: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Helper:
    module: str
    signatures: tuple[str, ...]
    notes: tuple[str, ...]
    """Paragraphs of the docstring that are neither its first line nor lists."""


@cache
def _parsed(path: str) -> tuple[str, ast.Module]:
    text = (GENERATED / path).read_text(encoding="utf-8")
    return text, ast.parse(text)


@cache
def _helpers() -> dict[str, Helper]:
    found: dict[str, Helper] = {}
    for path in sorted((GENERATED / "routes").glob("*.py")):
        if path.stem == "__init__":
            continue
        text, tree = _parsed(f"routes/{path.name}")
        lines = text.splitlines()
        for name, nodes in _functions(tree):
            overloaded = nodes[:-1] or nodes
            signatures = tuple(
                "\n".join(lines[node.lineno - 1 : _end_of_head(node)]).rstrip().removesuffix(" ...") + " ..."
                for node in overloaded
            )
            notes = tuple(
                " ".join(paragraph.split())
                for paragraph in (ast.get_docstring(nodes[-1]) or "").split("\n\n")[1:]
                if not paragraph.startswith(("Auth:", "Source:", "One of", "..")) and not _lists(paragraph)
            )
            found[name] = Helper(path.stem, signatures, notes)
    return found


def _functions(tree: ast.Module) -> Iterator[tuple[str, list[ast.FunctionDef]]]:
    by_name: dict[str, list[ast.FunctionDef]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            by_name.setdefault(node.name, []).append(node)
    yield from by_name.items()


def _end_of_head(node: ast.FunctionDef) -> int:
    first = node.body[0].lineno
    return first if isinstance(node.body[0], ast.Expr) and first == node.lineno else max(node.lineno, first - 1)


def _lists(paragraph: str) -> bool:
    """Whether it is the list of the arguments, which the page has as a table."""
    name, colon, _ = paragraph.partition(": ")
    return bool(colon) and name.isidentifier()


def helper(operation: str) -> Helper:
    """Where a helper stands, how it is called, and what is said about it beside the lists."""
    return _helpers()[operation]


@cache
def classes(path: str) -> tuple[Class, ...]:
    """The classes of a generated module, in its order."""
    _, tree = _parsed(path)
    return tuple(_class(node) for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_"))


@cache
def unions(path: str) -> tuple[Union, ...]:
    """Names that stand for one of several classes."""
    _, tree = _parsed(path)
    return tuple(
        Union(node.target.id, tuple(_arms(node.value)))
        for node in tree.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id == "TypeAlias"
        and node.value is not None
    )


def _arms(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in ("Annotated", "Union"):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for one in inner[:1] if node.value.id == "Annotated" else inner:
            yield from _arms(one)
    elif isinstance(node, ast.BinOp):
        yield from _arms(node.left)
        yield from _arms(node.right)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from _arms(ast.parse(node.value, mode="eval").body)
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        yield ast.unparse(node)


def _class(node: ast.ClassDef) -> Class:
    about, source = _told(ast.get_docstring(node) or "")
    fields: list[Field] = []
    members: list[tuple[str, str, str]] = []
    aliases: list[tuple[str, str]] = []
    for one, after in zip(node.body, [*node.body[1:], None], strict=True):
        says = _text(after)
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            if "ClassVar" not in (kind := ast.unparse(one.annotation)):
                fields.append(Field(one.target.id, kind, one.value is None, says))
        elif isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            name, value = one.targets[0].id, one.value
            if isinstance(value, ast.Name):
                aliases.append((name, value.id))
            elif name.isupper() or name[:1].isupper():
                members.append((name, ast.unparse(value), says))
    bases = tuple(ast.unparse(base) for base in node.bases)
    return Class(node.name, bases, about, source, tuple(fields), tuple(members), tuple(aliases))


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return " ".join(node.value.value.split())
    return ""


def _told(docstring: str) -> tuple[str, str]:
    """What a docstring says, and the page it comes from."""
    paragraphs = docstring.split("\n\n")
    source = next((p.removeprefix("Source:").strip() for p in paragraphs if p.startswith("Source:")), "")
    return "\n\n".join(p for p in paragraphs if not p.startswith("Source:")).strip(), source
