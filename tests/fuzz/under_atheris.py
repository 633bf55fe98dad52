"""One target under atheris: what it reads is instrumented while it is imported.

python tests/fuzz/under_atheris.py CONCERN TARGET [libFuzzer's options] CORPUS
"""

import sys
from importlib import import_module

import atheris  # type: ignore[import-not-found, unused-ignore]

from tests.fuzz.engine import READ, targets

concern, name = sys.argv.pop(1), sys.argv.pop(1)
with atheris.instrument_imports(include=list(READ[concern])):
    for module in READ[concern]:
        import_module(module)
target = next(target for _, each, target in targets(concern) if each == name)
atheris.Setup(sys.argv, target)
atheris.Fuzz()
