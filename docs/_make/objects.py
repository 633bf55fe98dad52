"""Pages of the models: what answers and bodies are made of, one page a resource, and one for all enums."""

import re
from functools import cache
from posixpath import relpath

from acord import shapes
from acord.core.shapes import Object
from docs._make.markdown import anchor, cell, code, table, title
from docs._make.sources import GENERATED, Class, Union, classes, unions

__all__ = ["linked", "pages"]

_SKIPPED = {"__init__", "dicts", "likes", "official"}


def _modules() -> list[str]:
    return sorted(path.stem for path in (GENERATED / "models").glob("*.py") if path.stem not in _SKIPPED)


@cache
def _homes() -> dict[str, str]:
    """Name -> page and heading."""
    found: dict[str, str] = {}
    for module in _modules():
        file = f"models/{module}.py"
        for name in [one.name for one in classes(file)] + [one.name for one in unions(file)]:
            if not name.endswith("Like"):
                found.setdefault(name, f"reference/models/{_page(module)}.md#{anchor(name)}")
    for one in classes("flags.py"):
        found[one.name] = f"reference/flags.md#{anchor(one.name)}"
    return found


def _page(module: str) -> str:
    return module.removeprefix("requests_")


def linked(notation: str, page: str) -> str:
    """A type as code in which the names are links. For cells: it is HTML, and its bars are written otherwise."""
    homes = _homes()

    def text(plain: str) -> str:
        return "".join(f"&#{ord(one)};" if one in "|<>&*_`[]{}\\" else one for one in plain)

    pieces = re.split(r"\b([A-Z]\w+)", notation)
    shown = "".join(
        f'<a href="{_address(page, homes[piece])}">{text(piece)}</a>' if piece in homes else text(piece)
        for piece in pieces
    )
    return f"<code>{shown}</code>"


def _address(page: str, target: str) -> str:
    path, _, name = target.partition("#")
    return f"{relpath(path.removesuffix('.md'), page.rpartition('/')[0] or '.')}.html#{name}"


def pages() -> dict[str, str]:
    """Path -> text."""
    by_page: dict[str, list[str]] = {}
    for module in _modules():
        by_page.setdefault(_page(module), []).append(module)
    made: dict[str, str] = {}
    for page, modules in by_page.items():
        path = f"reference/models/{page}.md"
        parts = [f"# {title(page)}: objects", _intro(page)]
        for module in sorted(modules, key=lambda name: name.startswith("requests_")):
            file = f"models/{module}.py"
            parts += [_union(one, path) for one in unions(file) if not one.name.endswith("Like")]
            parts += [_class(one, path) for one in classes(file)]
        made[path] = "\n\n".join(filter(None, parts)) + "\n"
    return made


def _intro(page: str) -> str:
    if page == "enums":
        return (
            "Values that have names. A value that is not listed is kept as a member of the same class, with `is_known` "
            "false."
        )
    return (
        "Classes of `acord.models`. Answers keep fields that this version does not know; objects that are sent refuse "
        "them. A dict of the same fields does as well as an object that is sent."
    )


def _union(one: Union, page: str) -> str:
    arms = ", ".join(linked(arm, page) for arm in one.arms)
    return f"## {one.name}\n\nOne of {arms}."


def _class(one: Class, page: str) -> str:
    about = re.sub(r"Discord's ``(\w+)``\.?", r"`\1` in Discord's document.", one.about)
    parts = [f"## {one.name}", about.replace("``", "`")]
    parents = [base for base in one.bases if base in _homes()]
    if parents:
        parts.append("All fields of " + ", ".join(linked(base, page) for base in parents) + ", and:")
    if one.fields:
        parts.append(
            table(("Field", "Type", "Always there" if "Request" not in one.bases else "Required"), _rows(one, page))
        )
    if one.members:
        parts.append(table(("Name", "Value", ""), [(code(n), code(v), cell(says)) for n, v, says in one.members]))
    return "\n\n".join(parts)


def _rows(one: Class, page: str) -> list[tuple[str, str, str]]:
    notations = _notations(one.name)
    return [
        (
            code(field.name),
            linked(notations.get(field.name.rstrip("_")) or notations.get(field.name) or _plain(field.type), page),
            "yes" if field.required else "",
        )
        for field in one.fields
    ]


def _notations(name: str) -> dict[str, str]:
    """How the specification writes the fields of an object that is sent."""
    try:
        shape = shapes.lookup(name)
    except (KeyError, LookupError, AttributeError):
        return {}
    if not isinstance(shape, Object):
        return {}
    return {field: str(kind) for field, kind in {**shape.required, **shape.optional}.items()}


def _plain(annotation: str) -> str:
    """An annotation without what only the machine needs."""
    text = re.sub(r"Annotated\[((?:[^\[\]]|\[[^\[\]]*\])+?), Field\([^)]*\)\]", r"\1", annotation)
    return text.replace(" | Missing", "").replace("'", "").replace('"', "")
