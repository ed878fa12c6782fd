"""What every page of an edition shares: a frame that opens from disk, and data as scripts beside it.

A page opened from disk may not fetch, so data are JSON handed to a function, `citypulse(name, payload);`, in files that
are loaded when they are needed. Data reach the page through `textContent` only, and a Content-Security-Policy allows
scripts and styles of the edition itself and forbids every connection: a delivered name that looks like markup can
neither run nor call out.
"""

import html
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from jobs.publish import EditionData

PACK = 150_000
"""Characters after which things told in full go on in another file: few files in a small city, small in a large."""
ECHARTS = "assets/echarts-6.1.0.min.js"
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src file: 'self' 'unsafe-inline'; "
    "script-src file: 'self'"
)
# What ends a script element or begins a comment in it, and two line ends that JSON allows, older JavaScript not.
_UNSAFE = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def literal(payload: object) -> str:
    """JSON that may stand in any script whatever strings it holds; reads back to the same payload."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    for char, escaped in _UNSAFE.items():
        text = text.replace(char, escaped)
    return text


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """The words of the pages: key → zh, en."""
    found: Mapping[str, Mapping[str, str]] = json.loads(_template("labels.json"))
    return found


def script(name: str, payload: object) -> str:
    """A script that hands data to a page."""
    return f"citypulse({literal(name)},{literal(payload)});\n"


def add_data(folder: Path, name: str, payload: object) -> Path:
    """Write `data/<name>.js`."""
    path = folder / "data" / f"{name}.js"
    path.parent.mkdir(exist_ok=True)
    return _write(path, script(name, payload))


def packs(told: Iterable[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    """Things with what is told of each, put together until they weigh enough for a file."""
    pack: dict[str, Any] = {}
    weight = 0
    for name, made in told:
        size = len(literal(made))
        if pack and weight + size > PACK:
            yield pack
            pack, weight = {}, 0
        pack[name] = made
        weight += size
    if pack:
        yield pack


def data_of(path: Path) -> Any:
    """What a file of `data/` hands to its page."""
    text = path.read_text(encoding="utf-8")
    return json.loads(text[text.index(",") + 1 : text.rindex(");")])


def started(start: str, scripts: Sequence[str]) -> list[str]:
    """The scripts that a page starts with, in the order in which they run."""
    return ["assets/common.js", "assets/labels.js", f"data/{start}.js", *(f"assets/{script}" for script in scripts)]


def add_page(
    folder: Path, name: str, data: EditionData, start: str, scripts: Sequence[str], body: str = "",
    weight: Sequence[int] = (),
) -> Path:  # fmt: skip
    """Write `<name>.html`: the frame around `templates/<body or name>.html`, with the data and scripts it starts with.

    `weight` are numbers that the page tells of itself.
    """
    title = f"{data.city['name']['zh']} {data.city['name']['en']} · {data.biz_date}"
    parts = {
        "policy": _POLICY,
        "title": html.escape(title),
        "name": name,
        "start": start,
        "weight": " ".join(map(str, weight)),
        "main": _template(f"{body or name}.html"),
        "scripts": "\n".join(f'<script src="{file}"></script>' for file in started(start, scripts)),
    }
    return _write(folder / f"{name}.html", Template(_template("frame.html")).substitute(parts))


def add_assets(folder: Path) -> list[Path]:
    """Styles, scripts and words go along, so that pages still open when this project is gone."""
    assets = folder / "assets"
    assets.mkdir(exist_ok=True)
    names = sorted(path.name for path in (_HERE / "templates").iterdir() if path.suffix in (".js", ".css"))
    made = [_write(assets / name, _template(name)) for name in names]
    return [*made, _write(assets / "labels.js", script("labels", labels()))]


def add_charts(folder: Path) -> Path:
    """The chart library, for pages that draw with it."""
    return Path(shutil.copyfile(_HERE / "vendor" / "echarts.min.js", folder / ECHARTS))


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _template(name: str) -> str:
    return (_HERE / "templates" / name).read_text(encoding="utf-8")
