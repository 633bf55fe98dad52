"""The second wall: of generated source only declarations get through, whatever let the rest in."""

from collections.abc import Mapping

import pytest

from codegen import allowed
from codegen.errors import CodegenError

ROUTE = "def f(a: int, *, b: str | Missing = MISSING) -> Route[None]:\n    'About.'\n    return _F.route({'a': a}, {}, b=b)\n"


@pytest.mark.parametrize(
    "source",
    [
        "import os\n", "import acord\n", "from os import system\n", "from . import x\n", "from .enums import X\n",
        "from acordx import y\n", "from typingx import y\n", "import typing as t, os\n",
        "x = eval('1')\n", "x = __import__('os')\n", "x = open('y')\n", "x = A.b()\n", "x = (lambda: 1)()\n",
        "x = lambda: 1\n", "x = [y for y in z]\n", "x = f'{y}'\n", "x = y if z else a\n", "x = a and b\n", "x = a < b\n",
        "x = A.__class__\n", "x = (y := 1)\n", "x: print(1) = 2\n", "x: int = print(1)\n", "x.y = 1\n", "x[0] = 1\n", "x += 1\n",
        "x = y = 1\n", "a, b = 1, 2\n", "del x\n", "x\n", "print(1)\n", "assert x\n", "raise X\n", "global x\n", "1 + 1\n",
        "for x in y: pass\n", "while x: pass\n", "with x: pass\n", "try: pass\nfinally: pass\n", "if x: pass\n", "match x:\n    case _: pass\n",
        "if TYPE_CHECKING:\n    import os\n", "if not TYPE_CHECKING:\n    print(1)\n", "if TYPE_CHECKING:\n    pass\nelse:\n    import os\n",
        "def f(): pass\n", "async def f(): pass\n", "class A(b()): pass\n", "class A(metaclass=b): pass\n", "@x\nclass A: pass\n",
        "class A:\n    def f(self): pass\n", "class A:\n    print(1)\n", "class A:\n    import os\n", "class A:\n    x: int = f()\n",
        "x = Field(default_factory=print())\n", "x = Field(lambda: 1)\n", "x = *a, b\n", "x = {**y}\n", "x = Field(**y)\n",
        "x = y[print()]\n", "x = await y\n", "x = `y`\n", "x = (\n", "\x00", "x = 1\n  y = 2\n",
    ],
)  # fmt: skip
def test_T19_what_acts_is_refused_in_a_module_of_models(source: str) -> None:
    with pytest.raises(CodegenError, match=r"^acord/models/x\.py"):
        allowed.check("acord/models/x.py", source)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("-> Route[None]", "-> print()"), ("a: int", "a: print()"), ("a: int", "a: int = print()"), ("= MISSING", "= print()"),
        ("a: int, *", "*args: print()"), ("b=b", "b=b, **print()"), ("a: int", "a: int, /"), ("{'a': a}", "{'a': print()}"),
        ("_F.route", "_F.other"), ("_F.route", "os.system"), ("_F.route", "print().route"), ("_F.route", "a.b.route"),
        ("    return", "    print()\n    return"), ("    'About.'", "    print()"), ("def f", "@print()\ndef f"), ("def f", "@cache\ndef f"),
        ("    return", "    x = 1\n    return"), ("def f", "async def f"),
    ],
)  # fmt: skip
def test_T19_what_acts_is_refused_in_a_helper(old: str, new: str) -> None:
    assert old in ROUTE
    allowed.check("acord/routes/x.py", ROUTE)

    with pytest.raises(CodegenError, match=r"^acord/routes/x\.py"):
        allowed.check("acord/routes/x.py", ROUTE.replace(old, new, 1))


@pytest.mark.parametrize(
    "source",
    ["import os\n", "from os import system\n", "x = eval('1')\n", "x = open('y')\n", "__builtins__\n", "__import__('os')\n",
     "def f():\n    return name.lower()\n", "x = getattr(a, b)()\n", "from .x import y\n"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["acord/models/__init__.py", "acord/__init__.pyi", "acord/core/signals/gateway.py"])
def test_files_with_functions_of_their_own_call_and_import_only_what_their_templates_do(path: str, source: str) -> None:
    with pytest.raises(CodegenError):
        allowed.check(path, source)


def test_a_refusal_names_file_line_and_what_it_found() -> None:
    with pytest.raises(CodegenError) as caught:
        allowed.check("acord/models/x.py", "x = 1\n\ny = eval('1')\n")

    assert "acord/models/x.py:3: refusing to write Call: \"eval('1')\"" == str(caught.value)


def test_all_that_we_generate_gets_through(rendered: Mapping[str, str]) -> None:
    for path, text in rendered.items():
        allowed.check(path, text)
