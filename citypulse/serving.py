"""A loopback HTTP server of editions: read-only, nothing but finished editions, for requests that name this machine.

Beside an edition's files it answers `<edition>/why.js?id=…&place=…&period=…`, as `citypulse why` does, for the page of
a value: a script, because that is what pages of an edition load.
"""

import html
import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

from jobs.publish import page

HERE = "127.0.0.1"
EDITION = re.compile(r"\d{4}-\d{2}-\d{2}")
ASKED = ("id", "place", "period")
Why = Callable[[str, str, str, str], Mapping[str, object]]
"""What stands behind a value: edition, indicator, place, period → plain data, or `{"problem": …}`."""


def editions(folder: Path) -> list[str]:
    """The editions that are there, the newest first; not one that is being made or was just replaced."""
    if not folder.is_dir():
        return []
    return sorted((one.name for one in folder.iterdir() if EDITION.fullmatch(one.name) and one.is_dir()), reverse=True)


def server(folder: Path, name: str, port: int, why: Why) -> ThreadingHTTPServer:
    """A server bound to the loopback address. Raises OSError when the port is taken, OverflowError when it is none."""

    class Handler(_Handler):
        root, city, behind = folder, name, staticmethod(why)

    return ThreadingHTTPServer((HERE, port), partial(Handler, directory=str(folder)))


class _Handler(SimpleHTTPRequestHandler):
    root: Path
    city: str
    behind: Why

    def send_head(self) -> BytesIO | BinaryIO | None:
        """A file of an edition, or the list of them; a page of another site that resolves to us gets nothing."""
        host = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if host not in (HERE, "localhost"):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "ask for 127.0.0.1 or localhost")
            return None
        parts = [part for part in unquote(urlsplit(self.path).path).split("/") if part]
        if not parts:
            self._list()
            return None
        if not EDITION.fullmatch(parts[0]) or ".." in parts:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        if parts[1:] == ["why.js"]:
            self._why(parts[0])
            return None
        return super().send_head()

    def list_directory(self, path: object) -> None:
        """Folders are not listed: an edition's pages say what is in it."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """An edition that was not sealed is replaced under the same address."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *given: object) -> None:
        """Say nothing: who reads what is nobody's business here."""

    def _list(self) -> None:
        links = "".join(f'<li><a href="/{one}/index.html">{one}</a></li>' for one in editions(self.root))
        title = f"{html.escape(self.city)} · CityPulse"
        head = f'<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title>'
        self._say("text/html", f"{head}<h1>{title}</h1><ul>{links}</ul>")

    def _why(self, edition: str) -> None:
        asked = dict(parse_qsl(urlsplit(self.path).query))
        if edition not in editions(self.root) or set(asked) != set(ASKED):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        words = [asked[name] for name in ASKED]
        self._say("text/javascript", page.script(" ".join(["why", *words]), self.behind(edition, *words)))

    def _say(self, kind: str, text: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(text.encode())
