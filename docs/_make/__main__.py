"""python -m docs._make: gathers the pages in build/, for ``mkdocs build --config-file build/mkdocs.yml``."""

from docs._make.site import gather
from docs._make.sources import ROOT

print(gather(ROOT / "build").relative_to(ROOT))
