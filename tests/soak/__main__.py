"""`make soak`: each part tries a promise many times; what it finds is its section of docs/reliability.md."""

import argparse
import importlib
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Protocol, cast

from schemas.city import ROOT
from tests.soak import Tell

TO = ROOT / "docs" / "reliability.md"
PARTS = {
    "nights": "damaged", "crashes": "crashed", "corrections": "corrected", "files": "fuzzed", "why": "explained",
    "deadline": "due", "vintage": "vintaged",
}  # fmt: skip
"""A part's name, and the module whose `run(folder, tell)` gives its section and what does not hold."""


class Part(Protocol):
    """What a part's module has."""

    def run(self, folder: Path, tell: Tell, /) -> tuple[str, list[str]]: ...


def main() -> int:
    """Run the parts asked for, write their sections, and fail where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", action="append", choices=list(PARTS), help="one part, or several; default: all")
    failed: list[str] = []
    for name in parser.parse_args().part or PARTS:
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="citypulse-soak-") as folder:
            part = cast(Part, importlib.import_module(f"tests.soak.{PARTS[name]}"))
            section, faults = part.run(Path(folder), _tell)
        TO.write_text(put(TO.read_text("utf-8"), name, section), "utf-8")
        _tell(f"{TO.relative_to(ROOT)}: {name} written after {time.monotonic() - started:.0f} s")
        failed += [f"{name}: {fault}" for fault in faults]
    for fault in failed:
        print(f"soak: {fault}", file=sys.stderr)
    return 1 if failed else 0


def put(page: str, name: str, section: str) -> str:
    """The page with a part's section in the place of the one before, or at its end."""
    first, last = f"<!-- part {name} -->", f"<!-- end of {name} -->"
    block = f"{first}\n{section.strip()}\n{last}"
    if first not in page:
        return f"{page.rstrip()}\n\n{block}\n"
    return re.sub(f"{re.escape(first)}.*?{re.escape(last)}", lambda _: block, page, flags=re.DOTALL)


def _tell(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
