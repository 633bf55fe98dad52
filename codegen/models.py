"""Models: datamodel-code-generator prints the classes, this module slices them out and adds what it cannot print
(union aliases with their `Unknown...` arm, import lines, order, the `...Like` names of request bodies).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import cast

from codegen import graph
from codegen.errors import CodegenError
from codegen.filters import checked, docstring, literal, quoted
from codegen.ir import Choice, Enum, Object, Spec
from codegen.lower import Lowering, about
from codegen.notation import Primitive, Ref
from codegen.python import ENUMS, FIRST_ENUMS, Imports

PINNED = "0.89.0"


def check_version() -> None:
    """Refuse another datamodel-code-generator: its output is part of what is committed."""
    found = version("datamodel-code-generator")
    if found != PINNED:
        raise CodegenError(
            f"datamodel-code-generator {found} is installed, {PINNED} is pinned: "
            "run `pip install -c constraints.txt datamodel-code-generator`"
        )


def render(spec: Spec, home: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(path, source) of every module of models but the enums and the doors."""
    check_version()
    for module in sorted({*home.values()} - {ENUMS, FIRST_ENUMS}):
        names = graph.ordered(spec, [name for name, where in home.items() if where == module])
        yield f"{module.replace('.', '/')}.py", Module(spec, home, module, names).source()


class Module:
    """One module of classes; `event` in codegen.events makes more of it."""

    def __init__(self, spec: Spec, home: Mapping[str, str], module: str, names: list[str]) -> None:
        self.spec, self.home, self.module, self.names = spec, home, module, names
        self.request = module.rpartition(".")[2].startswith("requests")
        self.base = "Request" if self.request else "Model"
        self.imports = Imports()

    def source(self) -> str:
        classes = self._classes()
        blocks: list[str] = []
        for name in self.names:
            schema = self.spec.schemas[name]
            if isinstance(schema, Choice):
                blocks.append(self._choice(schema))
            else:
                blocks.append(ast.unparse(classes[name]))
            if self.request:
                blocks.append(f"if not TYPE_CHECKING:\n    {name}Like = {name}")
        blocks += self.tail()
        return "\n\n".join([docstring(self.title()), self._import_block(), *blocks]) + "\n"

    def title(self) -> str:
        """The docstring of the module."""
        what = "Bodies of requests" if self.request else "Answers"
        of = self.module.rpartition(".")[2].removeprefix("requests_")
        if of.startswith("other_"):
            what, of = "Answers that no message is made of", of.removeprefix("other_")
        return f"{what}: {of.replace('_', ' ')}."

    def tail(self) -> list[str]:
        """What follows the classes."""
        return []

    # --- classes --------------------------------------------------------------------------------------

    def _classes(self) -> dict[str, ast.ClassDef]:
        lowering = Lowering(self.spec, self.home, self.module)
        for name in self.names:
            schema = self.spec.schemas[name]
            if isinstance(schema, Object):
                lowering.add(schema)
        found: dict[str, ast.ClassDef] = {}
        for node in ast.parse(_print(lowering.defs, self.base)).body:
            match node:
                case ast.ImportFrom():
                    self._keep_imports(node)
                case ast.ClassDef():
                    found[node.name] = self.finished(node, lowering.wire.get(node.name, {}))
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="model_rebuild"))):
                    pass
                case _:
                    raise CodegenError(f"{self.module}: did not expect {ast.unparse(node)[:80]!r} among the classes")
        for name in self.names:
            if isinstance(self.spec.schemas[name], Object) and name not in found:
                raise CodegenError(f"{self.module}: no class came out for {name}")
        return found

    def _keep_imports(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            if node.module == self.module or alias.name in {"MISSING", "Optional", "Union"}:
                continue
            self.imports.use(node.module or "", alias.name)

    def finished(self, node: ast.ClassDef, wire: Mapping[str, str]) -> ast.ClassDef:
        """The class as it is to be printed; `wire` has the names of fields that Python's differ from."""
        for statement in node.body:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                text = str(statement.value.value).strip()
                statement.value.value = f"{text}\n    " if "\n" in text else text
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                self._field(statement, statement.target, wire)
                if any(isinstance(n, ast.Name) and n.id == node.name for n in ast.walk(statement.annotation)):
                    statement.annotation = ast.Constant(ast.unparse(statement.annotation))  # not defined yet
        return node

    def _field(self, statement: ast.AnnAssign, target: ast.Name, wire: Mapping[str, str]) -> None:
        statement.annotation = cast("ast.expr", _Spelling().visit(statement.annotation))
        if self.request and isinstance(statement.value, ast.Name) and statement.value.id == "MISSING":
            self.imports.use("acord.core.base", "MISSING")
            self.imports.use("acord.core.base", "Missing")
        single = _single_literal(statement.annotation)
        if self.request and statement.value is None and single is not None:
            statement.value = single  # a tag says itself: Button(...) needs no type=
        if target.id in wire:
            statement.annotation = _aliased(statement.annotation, wire[target.id])
            self.imports.use("typing", "Annotated")
            self.imports.use("pydantic", "Field")

    # --- unions ---------------------------------------------------------------------------------------

    def _choice(self, choice: Choice) -> str:
        arms = [checked(arm) for arm in choice.arms]
        for arm in arms:
            if self.home[arm] != self.module:
                self.imports.use(self.home[arm], arm)
        use = self.imports.use
        alias, annotated = use("typing", "TypeAlias"), "Annotated"
        joined = " | ".join(arms)
        note = docstring(about(choice))
        if choice.keys:
            return self._beside(choice, note)
        if not choice.tag:
            return f"{choice.name}: {alias} = {joined}\n{note}"
        use("typing", annotated)
        use("pydantic", "Field")
        known = f"{annotated}[{joined}, Field(discriminator={literal(choice.tag)})]" if len(arms) > 1 else joined
        if self.request:
            return f"{choice.name}: {alias} = {known}\n{note}"
        unknown = f"Unknown{choice.name}"
        values = [value for arm in choice.arms for value in choice.tags[arm]]
        use("acord.core.base", "unlisted")
        tag = f"{annotated}[{self._tag_type(choice)}, unlisted({', '.join(map(literal, values))})]"
        return (
            f"class {unknown}({use('acord.core.base', 'Model')}):\n"
            f"{docstring(f'A kind of ``{choice.name}`` that has no class yet; everything is kept.', 4)}\n\n"
            f"    {checked(choice.tag)}: {tag}\n\n"
            f'{choice.name}: {alias} = {annotated}[{known} | {unknown}, Field(union_mode="left_to_right")]\n{note}'
        )

    def _beside(self, choice: Choice, note: str) -> str:
        """A union whose tag is a field beside it, out of a validator's reach."""
        use, unknown = self.imports.use, f"Unknown{choice.name}"
        arms = [f"{use('typing', 'Annotated')}[{arm}, {use('pydantic', 'Tag')}({quoted(arm)})]"
                for arm in (*choice.arms, unknown)]  # fmt: skip
        keys = ", ".join(f"{checked(arm)}={quoted(key)}" for arm, key in choice.keys.items())
        chosen = f"{use('acord.core.base', 'told_apart')}({quoted(unknown)}, {keys})"
        return (
            f"class {unknown}({use('acord.core.base', 'Model')}):\n"
            f"{docstring(f'A kind of ``{choice.name}`` that has no class yet; everything is kept.', 4)}\n\n"
            f"{choice.name}: {use('typing', 'TypeAlias')} = Annotated[{' | '.join(arms)}, {chosen}]\n{note}"
        )

    def _tag_type(self, choice: Choice) -> str:
        arm = self.spec.schemas[choice.arms[0]]
        assert isinstance(arm, Object)
        kind = next(f.type for f in arm.fields if f.name == choice.tag)
        if isinstance(kind, Ref) and isinstance(self.spec.schemas[kind.name], Enum):
            return self.imports.use(self.home[kind.name], kind.name)
        return "str" if isinstance(kind, Primitive) and kind.kind == "string" else "int"

    # --- imports --------------------------------------------------------------------------------------

    def import_lines(self) -> list[str]:
        """The import lines of a module of answers."""
        return self.imports.lines()

    def _import_block(self) -> str:
        if not self.request:
            return "\n".join(self.import_lines())
        found = {m: sorted(self.imports.names.pop(m)) for m in sorted(self.imports.names) if m.endswith(".likes")}
        likes = [like for names in found.values() for like in names]
        own = {f"{name}Like" for name in self.names}
        self.imports.use("typing", "TYPE_CHECKING")
        lines = self.imports.lines()
        if not likes:
            return "\n".join(lines)
        lines += ["", "if TYPE_CHECKING:"]
        lines += [f"    from {module} import {', '.join(names)}" for module, names in found.items()]
        foreign = [like for like in likes if like not in own]
        if foreign:
            lines.append("else:")
            lines += [
                f"    from {self.home[n]} import {n} as {n}Like"
                for n in sorted((like.removesuffix("Like") for like in foreign), key=lambda n: (self.home[n], n))
            ]
        return "\n".join(lines)


def _print(defs: Mapping[str, object], base: str) -> str:
    """datamodel-code-generator's answer for these definitions."""
    if not any(isinstance(d, dict) and "properties" in d for d in defs.values()):
        return ""
    from datamodel_code_generator import InputFileType, PythonVersion, generate
    from datamodel_code_generator.enums import DataModelType
    from datamodel_code_generator.format import DatetimeClassType

    result = generate(
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": defs}),
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        base_class=f"acord.core.base.{base}",
        target_python_version=PythonVersion.PY_311,
        output_datetime_class=DatetimeClassType.Datetime,
        use_annotated=True,
        field_constraints=True,
        use_union_operator=True,
        use_standard_collections=True,
        use_schema_description=True,
        use_field_description=True,
        use_double_quotes=True,
        use_exact_imports=True,
        disable_future_imports=True,
        disable_timestamp=True,
        keep_model_order=True,
        skip_root_model=True,
        formatters=[],
        use_missing_sentinel=base == "Request",
    )
    if isinstance(result, Path) or not isinstance(result, str):
        raise CodegenError("datamodel-code-generator did not answer with one module")
    return result


class _Spelling(ast.NodeTransformer):
    """One spelling of optional and union types, and `Missing` for pydantic's sentinel."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "Optional":
            return ast.BinOp(node.slice, ast.BitOr(), ast.Constant(None))
        if isinstance(node.value, ast.Name) and node.value.id == "Union" and isinstance(node.slice, ast.Tuple):
            found, *rest = node.slice.elts
            for arm in rest:
                found = ast.BinOp(found, ast.BitOr(), arm)
            return found
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name("Missing") if node.id == "MISSING" else node


def _single_literal(annotation: ast.expr) -> ast.expr | None:
    """The one value of `Literal[X.Y]`."""
    match annotation:
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner) if not isinstance(inner, ast.Tuple):
            return inner
        case _:
            return None


def _aliased(annotation: ast.expr, name: str) -> ast.expr:
    alias = ast.keyword("alias", ast.Constant(name))
    match annotation:
        case ast.Subscript(
            value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[*_, ast.Call(func=ast.Name(id="Field")) as call])
        ):
            call.keywords.insert(0, alias)
            return annotation
        case _:
            field = ast.Call(ast.Name("Field"), [], [alias])
            return ast.Subscript(ast.Name("Annotated"), ast.Tuple([annotation, field]))
