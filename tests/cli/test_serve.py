"""`citypulse serve`: editions over loopback, and nothing else."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner

from citypulse import serving
from citypulse.commands import serve
from jobs.core.errors import Problem


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ThreadingHTTPServer]:
    for name in ("2025-03-03", "2025-03-04", "2025-03-05.making", "2025-03-02.old"):
        (tmp_path / "editions" / name / "data").mkdir(parents=True)
        (tmp_path / "editions" / name / "index.html").write_text(f"edition {name}", "utf-8")
    (tmp_path / "editions" / "head.json").write_text("{}", "utf-8")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    made = serving.server(tmp_path / "editions", "澜海 <b>", 0, lambda *words: {"asked": words, "text": "</script>"})
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()
    thread.join()


def asked(server: ThreadingHTTPServer, path: str, host: str = "127.0.0.1", method: str = "GET") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", f"{host}:{server.server_port}")
    connection.endheaders()
    answer = connection.getresponse()
    return answer.status, answer.read().decode("utf-8", "replace")


def test_the_list_names_finished_editions_the_newest_first(server: ThreadingHTTPServer) -> None:
    status, text = asked(server, "/")
    assert status == 200
    assert text.index("/2025-03-04/index.html") < text.index("/2025-03-03/index.html")
    assert "making" not in text
    assert "<b>" not in text


def test_an_edition_is_served_and_nothing_beside_it(server: ThreadingHTTPServer) -> None:
    assert asked(server, "/2025-03-04/index.html?lang=en") == (200, "edition 2025-03-04")
    assert asked(server, "/2025-03-04/")[1] == "edition 2025-03-04"
    for path in ("/head.json", "/2025-03-05.making/index.html", "/../secret.txt", "/2025-03-04/../../secret.txt",
                 "/2025-03-04/%2e%2e/%2e%2e/secret.txt", "/2025-03-04/data/", "/2025-03-06/index.html"):  # fmt: skip
        assert asked(server, path)[0] == 404, path


def test_what_stands_behind_a_value_is_a_script_for_its_page(server: ThreadingHTTPServer) -> None:
    status, text = asked(server, "/2025-03-04/why.js?id=a.b&place=%E6%B8%AF&period=2025-03-04")
    assert status == 200
    name, payload = json.loads(f"[{text.removeprefix('citypulse(').removesuffix(');' + chr(10))}]")
    assert name == "why a.b 港 2025-03-04"
    assert payload == {"asked": ["2025-03-04", "a.b", "港", "2025-03-04"], "text": "</script>"}
    assert "</script>" not in text
    for path in ("/2025-03-06/why.js?id=a&place=b&period=c", "/2025-03-05.making/why.js?id=a&place=b&period=c",
                 "/2025-03-04/why.js?id=a&place=b", "/2025-03-04/why.js?id=a&place=b&period=c&rows=1"):  # fmt: skip
        assert asked(server, path)[0] == 404, path


def test_a_page_elsewhere_that_resolves_to_this_machine_is_answered_nothing(server: ThreadingHTTPServer) -> None:
    assert asked(server, "/2025-03-04/index.html", host="evil.example")[0] == 421
    assert asked(server, "/", host="localhost")[0] == 200


def test_nothing_can_be_written(server: ThreadingHTTPServer) -> None:
    assert asked(server, "/2025-03-04/index.html", method="PUT")[0] == 501


def test_it_listens_on_this_machine_alone(server: ThreadingHTTPServer) -> None:
    assert server.server_address[0] == "127.0.0.1"


def run(*words: str) -> object:
    app = Typer()
    serve.add(app)
    app.callback()(lambda: None)
    return CliRunner().invoke(app, ["serve", *words]).exception


def test_without_an_edition_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPULSE_LAKE", str(tmp_path))
    assert isinstance(run("--city", "lanhai"), Problem)
    (tmp_path / "lanhai").mkdir()
    found = run("--city", "lanhai")
    assert isinstance(found, Problem)
    assert "no edition in" in str(found)
    assert "\n" not in str(found)


def test_a_port_that_is_taken_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYPULSE_LAKE", str(tmp_path))
    (tmp_path / "lanhai" / "editions" / "2025-03-03").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = run("--city", "lanhai", "--port", str(taken.getsockname()[1]))
    assert isinstance(found, Problem)
    assert str(found).startswith("--port ")
    assert isinstance(run("--city", "lanhai", "--port", "99999"), Problem)
