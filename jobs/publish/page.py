"""What every page of an edition shares: one file that opens from disk, with its data, its style and its scripts inside.

Data stand in `<script type="application/json">` islands and reach the page through `textContent` only. The page's own
scripts are named by hash in a Content-Security-Policy that also forbids every connection, so a delivered name that
looks like markup can neither run nor call out.
"""

import base64
import hashlib
import html
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from jobs.publish import EditionData

ECHARTS = "assets/echarts-6.1.0.min.js"
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; style-src 'unsafe-inline'; script-src {}"
)
# What ends a script element or begins a comment in it, and two line ends that JSON allows, older JavaScript not.
_UNSAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def island(payload: object) -> str:
    """JSON that may stand inside a script element whatever strings it holds; reads back to the same payload."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_UNSAFE)


def labels() -> Mapping[str, Mapping[str, str]]:
    """The words of the pages: key → zh, en."""
    found: Mapping[str, Mapping[str, str]] = json.loads(_template("labels.json"))
    return found


def render(name: str, data: EditionData, payload: Mapping[str, object], scripts: Sequence[str]) -> str:
    """The page `templates/<name>.html` over a payload, with `common.js`, then the scripts, in that order."""
    bodies = [_template(script) for script in ("common.js", *scripts)]
    title = f"{data.city['name']['zh']} {data.city['name']['en']} · {data.biz_date}"
    parts = {
        "policy": _POLICY.format(" ".join(["file:", "'self'", *(_hash(body) for body in bodies)])),
        "title": html.escape(title),
        "style": _template("page.css"),
        "labels": island(labels()),
        "data": island(payload),
        "echarts": ECHARTS,
        "scripts": "\n".join(f"<script>{body}</script>" for body in bodies),
    }
    return Template(_template(f"{name}.html")).substitute(parts)


def add_echarts(folder: Path) -> Path:
    """The chart library goes along with every edition, so that the page still draws when this project is gone."""
    target = folder / ECHARTS
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_HERE / "vendor" / "echarts.min.js", target)
    return target


def _template(name: str) -> str:
    return (_HERE / "templates" / name).read_text(encoding="utf-8")


def _hash(body: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
