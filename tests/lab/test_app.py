"""The photo lab as a web page: who is let in, what is refused, and what is left at the end."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from colorlab import Colorizer
from colorlab.errors import ColorlabError
from colorlab.lab.app import serve, write_notebook
from colorlab.model import presets

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
WEBSOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def ask(
    address: str, path: str, headers: dict[str, str] | None = None
) -> tuple[int, http.client.HTTPMessage]:
    """One request, no redirect followed → its status, and the answer's headers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    connection.close()
    return answer.status, answer.headers


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=120) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def page(app_address: str) -> str:
    return fetched(app_address)


def kernel(page: str) -> str:
    """The path that leads to the kernel of a page."""
    (found,) = re.findall(r'"kernelId": "([-\w]+)"', page)
    return f"/api/kernels/{found}"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"photo": Path("no.jpg")}, "no.jpg"),
        ({"photo": SAMPLES / "text_named.jpg"}, "text_named.jpg: .*not a"),
        ({"model": Path("no.keras")}, "no.keras does not exist"),
        ({"model": SAMPLES / "gray.jpg"}, "gray.jpg is not a model"),
        ({"ip": "0.0.0.0"}, "Other machines may reach 0.0.0.0.*--allow-remote"),
        ({"ip": "192.0.2.1"}, "Other machines may reach 192.0.2.1"),
        ({"ip": "192.0.2.1", "allow_remote": True}, "Cannot listen at 192.0.2.1"),
        ({"ip": ""}, "Other machines may reach"),
        ({"base_url": "lab/"}, "'lab/'; expected a path that begins and ends with /"),
        ({"base_url": "https://hub.org/lab"}, "hub.org/lab'; expected a path"),
        ({"base_url": "/lab"}, "'/lab'; expected a path"),
    ],
)
def test_what_cannot_be_served_is_refused_in_one_line(asked, says: str):
    with pytest.raises(ColorlabError, match=says) as refused:
        serve(**asked)
    assert "\n" not in str(refused.value)


def test_a_port_that_is_taken_is_said_in_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ColorlabError, match=rf":{port} \(.*another port") as refused:
            serve(port=port)
    assert "\n" not in str(refused.value)


def test_the_cell_opens_photo_and_model_where_the_command_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    typed, served = tmp_path / "it's {here}", tmp_path / "served"
    typed.mkdir()
    served.mkdir()
    monkeypatch.chdir(typed)
    Image.new("L", (40, 30), 90).save('grandma\'s "car".png')
    Colorizer(presets.get("toy").generator(32)).save("mine.keras")
    notebook = write_notebook(served, Path('grandma\'s "car".png'), Path("mine.keras"))
    (cell,) = json.loads(notebook.read_text())["cells"]
    monkeypatch.chdir(served)
    found: dict[str, object] = {}
    exec(cell["source"], found)
    assert Path.cwd() == typed
    assert found["lab"].desk.picture.tooltip == 'grandma\'s "car".png in gray and color'
    assert found["lab"].model.generator.count_params() < 1_000_000  # the one that ships: 4.5 M


def test_with_the_token_there_is_a_page_without_code(app_address: str, page: str):
    assert "<title>colorlab</title>" in page
    assert "import ColorizeLab" not in page
    token = urlsplit(app_address).query
    assert ask(app_address, f"{kernel(page)}?{token}")[0] == 200
    assert ask(app_address, f"{kernel(page)}/channels?{token}", WEBSOCKET)[0] == 101


@pytest.mark.parametrize("query", ["", "?token=", "?token=0123456789abcdef"])
def test_without_the_token_neither_page_nor_kernel(app_address: str, page: str, query: str):
    for path in ("/", "/api/kernels"):
        status, headers = ask(app_address, path + query)
        assert status == 302
        assert headers["Location"].startswith("/login")
    assert ask(app_address, kernel(page) + query)[0] == 403
    assert ask(app_address, f"{kernel(page)}/channels{query}", WEBSOCKET)[0] == 403
    assert ask(app_address, f"/voila/files/colorlab.ipynb{query}")[0] == 403


@pytest.fixture(scope="module")
def behind_a_hub(
    start_app: Callable[[Path], tuple[subprocess.Popen[str], str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, subprocess.Popen[str], str]:
    """The folder, process and line of an app on a JupyterHub; the user's home is closed."""
    folder = tmp_path_factory.mktemp("hub")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/user/x/")
        patch.setenv("HOME", "/proc/nothing")  # not even an administrator can make it
        return folder, *start_app(folder)


def test_behind_a_hub_links_begin_with_its_path_and_the_token_is_needed(behind_a_hub):
    line = behind_a_hub[2]
    said = re.search(r"at ((/user/x/proxy/(\d+)/)\?token=\w{32,}) on your JupyterHub", line)
    assert said, line
    path, prefix, port = said.groups()
    own = f"http://127.0.0.1:{port}"  # where requests arrive, once the hub has cut off the prefix
    token = urlsplit(path).query
    page = fetched(f"{own}/?{token}")
    links = re.findall(r"""(?:src|href|action)=["'](/[^"']*)""", page)
    assert len(links) > 3 and all(link.startswith(prefix) for link in links)
    assert f'"baseUrl": "{prefix}"' in page and f'"fullStaticUrl": "{prefix}voila/' in page

    status, headers = ask(own, "/")
    assert status == 302 and headers["Location"].startswith(f"{prefix}login")
    assert ask(own, kernel(page))[0] == 403
    assert ask(own, f"{kernel(page)}/channels", WEBSOCKET)[0] == 403
    # The browser sends the hub's cookies too.
    cookie = ask(own, f"/api/kernels?{token}")[1]["Set-Cookie"].partition(";")[0]
    both = {"Cookie": f"{cookie}; username-127-0-0-1-{port}=of-the-hub"}
    assert ask(own, kernel(page), both)[0] == 200
    assert ask(own, f"{kernel(page)}/channels", WEBSOCKET | both)[0] == 101

    # The lab is all that the cell shows: the closed home causes neither a warning nor an error.
    assert page.count("jp-OutputArea-child") == page.count("widget-view+json") == 1


def test_ctrl_c_ends_it_without_a_word_or_a_trace(behind_a_hub):
    folder, process, line = behind_a_hub
    (port,) = re.findall(r"/proxy/(\d+)/\S+ on your JupyterHub \(Ctrl-C stops it\)", line)
    address = f"http://127.0.0.1:{port}"
    assert list((folder / "temporary").iterdir())
    assert ask(address, "/api/kernels/00000000-0000-0000-0000-000000000000")[0] == 403
    os.kill(process.pid, signal.SIGINT)
    assert (*process.communicate(), process.returncode) == ("", "", 0)
    assert list((folder / "temporary").iterdir()) == []
    with pytest.raises(ConnectionRefusedError):
        ask(address, "/")
