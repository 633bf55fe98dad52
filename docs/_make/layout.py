"""Lays out the lines of an example: what is too long is broken as the formatter would."""

import ast

__all__ = ["laid_out"]


def laid_out(code: str, width: int) -> str:
    """The statements, one after another; lines that are comments stay where they are."""
    made: list[str] = []
    waiting: list[str] = []
    for line in [*code.split("\n"), "#"]:
        if not line.startswith("#"):
            waiting.append(line)
            continue
        made.extend(_statement(statement, width) for statement in ast.parse("\n".join(waiting)).body)
        waiting = []
        made.append(line)
    return "\n".join(made[:-1])


def _statement(node: ast.stmt, width: int) -> str:
    head = ""
    if isinstance(node, ast.Assign):
        head = "".join(f"{_line(target)} = " for target in node.targets)
        value: ast.expr = node.value
    elif isinstance(node, ast.Expr):
        value = node.value
    else:
        return ast.unparse(node)
    if isinstance(value, ast.Await):
        head, value = f"{head}await ", value.value
    return head + _broken(value, "", width - len(head), width)


def _broken(node: ast.expr, indent: str, room: int, width: int) -> str:
    """An expression within ``room`` columns, its other lines within ``width`` and behind ``indent``."""
    line = _line(node)
    if len(line) <= room:
        return line
    inner = indent + "    "
    left = width - len(inner) - 1
    if isinstance(node, ast.Call):
        pieces = [_broken(one, inner, left, width) for one in node.args]
        pieces += [
            f"{one.arg}={_broken(one.value, inner, left - len(one.arg or '') - 1, width)}" for one in node.keywords
        ]
        return _listed(f"{_line(node.func)}(", pieces, ")", indent, left)
    if isinstance(node, ast.List):
        return _listed("[", [_broken(one, inner, left, width) for one in node.elts], "]", indent, left)
    if isinstance(node, ast.Dict):
        pairs = [
            f"{_line(key)}: {_broken(value, inner, left - len(_line(key)) - 2, width)}"
            for key, value in zip(node.keys, node.values, strict=True)
            if key is not None
        ]
        return _listed("{", pairs, "}", indent, left)
    return line


def _listed(opening: str, pieces: list[str], closing: str, indent: str, room: int) -> str:
    together = ", ".join(pieces)
    if "\n" not in together and len(together) <= room and not opening.endswith(("[", "{")):
        return f"{opening}\n{indent}    {together}\n{indent}{closing}"
    if len(pieces) == 1 and pieces[0].endswith(")"):
        return f"{opening}\n{indent}    {pieces[0]}\n{indent}{closing}"
    return f"{opening}\n" + "".join(f"{indent}    {piece},\n" for piece in pieces) + f"{indent}{closing}"


def _line(node: ast.expr) -> str:
    """An expression on one line, with the quotes of this project."""
    texts = [one for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    line = ast.unparse(node)
    for text in texts:
        value = str(text.value)
        if '"' not in value and "\\" not in repr(value):
            line = line.replace(repr(value), f'"{value}"')
    return line
