"""The second wall: generated text is parsed, and only these kinds of node may be in it.

The first wall is that every value passes a filter; should one ever fail, nothing that acts gets through here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection

from codegen.errors import CodegenError

_IMPORTS = (
    "acord",
    "collections.abc",
    "datetime",
    "enum",
    "functools",
    "importlib",
    "pydantic",
    "typing",
    "warnings",
    "__future__",
)
_CALLS = {
    # models
    "AsDigits", "Field", "RenamedMember", "Tag", "TypedDict", "told_apart", "unlisted",
    # shapes
    "Anything", "AnyOf", "Array", "Binary", "Boolean", "Enum", "Id", "Image", "Integer", "Map", "Nullable", "Number",
    "Object", "Ref", "String", "Tagged", "Timestamp",
    # routes
    "Operation", "Pagination", "Parameter",
    # cdn
    "ImageEndpoint",
    # events, commands
    "Limit", "frozenset",
}  # fmt: skip
_LITERALS = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.USub,
             ast.Load, ast.Store, ast.keyword)  # fmt: skip
_TYPES = (ast.Subscript, ast.BinOp, ast.BitOr, ast.LShift)
# Files whose text is template alone, with names and quoted values in tables.
_TEMPLATES = ("__init__.py", "__init__.pyi")
_TEMPLATE_CALLS = frozenset({
    "ADVICE.get", "AttributeError", "TEMPLATES.get", "TEMPLATES.values", "VERDICTS.get", "_ALSO.get", "_Classes",
    "_Operations", "cls", "frozenset", "getattr", "globals", "import_module", "iter", "len", "name.upper", "sorted",
    "warn",
})  # fmt: skip
_TEMPLATE_NAMES = frozenset({"__name__", "__version__"})


class _Without(ast.NodeTransformer):
    """The tree without imports from these modules."""

    def __init__(self, modules: Collection[str]) -> None:
        self.modules = modules

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        return None if node.level == 0 and node.module in self.modules else node


def check(path: str, text: str, beside: Collection[str] = ()) -> None:
    """Refuse generated source that holds anything but declarations; it may import the modules made `beside` it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as exc:
        raise CodegenError(f"{path}: the generated text is not Python: {exc}") from exc
    if beside:
        tree = _Without(beside).visit(tree)
    if path.rpartition("/")[2] in _TEMPLATES or path.startswith("acord/core/"):
        _template(path, tree)
        return
    for statement in tree.body:
        _statement(path, statement)


def _refuse(path: str, node: ast.AST) -> None:
    raise CodegenError(
        f"{path}:{getattr(node, 'lineno', '?')}: refusing to write {type(node).__name__}: {ast.unparse(node)[:80]!r}"
    )


def _template(path: str, tree: ast.AST) -> None:
    """Files with functions of their own: nothing may be imported or called but what the templates themselves name."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                _refuse(path, node)
            case ast.ImportFrom() if not _known(node):
                _refuse(path, node)
            case ast.Call(func=func) if ast.unparse(func) not in _TEMPLATE_CALLS:
                _refuse(path, node)
            case ast.Name(id=name) if name.startswith("__") and name not in _TEMPLATE_NAMES:
                _refuse(path, node)
            case _:
                pass


def _known(node: ast.ImportFrom) -> bool:
    module = node.module or ""
    return node.level == 0 and any(module == known or module.startswith(known + ".") for known in _IMPORTS)


def _statement(path: str, node: ast.stmt) -> None:
    match node:
        case ast.ImportFrom() if _known(node):
            return
        case ast.Expr(value=ast.Constant(value=str())):
            return
        case ast.If(
            test=ast.Name(id="TYPE_CHECKING") | ast.UnaryOp(op=ast.Not(), operand=ast.Name(id="TYPE_CHECKING"))
        ):
            for inner in (*node.body, *node.orelse):
                _statement(path, inner)
        case ast.ClassDef(decorator_list=[], keywords=[]):
            for base in node.bases:
                _expression(path, base)
            for inner in node.body:
                _statement(path, inner)
        case ast.AnnAssign(target=ast.Name()):
            _expression(path, node.annotation)
            if node.value is not None:
                _expression(path, node.value)
        case ast.Assign(targets=[ast.Name()]):
            _expression(path, node.value)
        case ast.FunctionDef() if path.startswith(("acord/routes/", "acord/cdn.py")):
            _function(path, node)
        case ast.FunctionDef(name="__init__", decorator_list=[]) if path == "acord/commands.py":
            _function(path, node)
        case ast.Pass():
            return
        case _:
            _refuse(path, node)


def _function(path: str, node: ast.FunctionDef) -> None:
    for decorator in node.decorator_list:
        if not (isinstance(decorator, ast.Name) and decorator.id == "overload"):
            _refuse(path, decorator)
    if node.args.vararg or node.args.kwarg or node.args.posonlyargs:
        _refuse(path, node)
    for parameter in (*node.args.args, *node.args.kwonlyargs):
        if parameter.annotation is not None:
            _expression(path, parameter.annotation)
    if node.returns is not None:
        _expression(path, node.returns)
    for default in (*node.args.defaults, *node.args.kw_defaults):
        if default is not None:
            _expression(path, default)
    for inner in node.body:
        match inner:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Return(
                value=ast.Call(func=ast.Attribute(value=ast.Name(), attr="route" | "paginated_route" | "url")) as call
            ):
                for argument in (*call.args, *(k.value for k in call.keywords)):
                    _expression(path, argument)
            case ast.Expr(
                value=ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr="_make"), keywords=[]) as call
            ):
                for argument in call.args:
                    _expression(path, argument)
            case _:
                _refuse(path, inner)


def _expression(path: str, node: ast.AST) -> None:
    good: Callable[[ast.AST], bool] = lambda n: isinstance(n, _LITERALS + _TYPES)  # noqa: E731  # two lines would say less
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            if not (isinstance(inner.func, ast.Name) and inner.func.id in _CALLS):
                _refuse(path, inner)
        elif (isinstance(inner, ast.Attribute) and inner.attr.startswith("__")) or not good(inner):
            _refuse(path, inner)
        elif (isinstance(inner, ast.Dict) and None in inner.keys) or (
            isinstance(inner, ast.keyword) and inner.arg is None
        ):
            _refuse(path, node)
