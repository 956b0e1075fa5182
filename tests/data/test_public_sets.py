"""Public sets by name, from a server on loopback that breaks off, lies, and sends traps."""

import hashlib
import io
import re
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from typer.testing import CliRunner

from colorlab.cli import shell
from colorlab.data import public_sets
from colorlab.data.public_sets import SETS, PublicSet, fetch
from colorlab.errors import ColorlabError

PHOTOS = {f"flowers/{i}.jpg": np.random.default_rng(i).bytes(50_000) for i in range(4)}


class Server(ThreadingHTTPServer):
    """Serves one archive, and notes what it was asked for and how much it sent."""

    archive = b""
    ranges = True
    breaks_after: int | None = None  # bytes of each answer

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []
        self.sent = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path != "/set":
            return self.send_error(404)
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        whole = self.server.archive
        begin = int(re.findall(r"\d+", asked)[0]) if asked and self.server.ranges else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(whole) - 1}/{len(whole)}")
        self.send_header("Content-Length", str(len(whole) - begin))
        self.end_headers()
        self.server.sent += self.wfile.write(whole[begin:][: self.server.breaks_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server
        server.shutdown()


def tgz(files: dict[str, bytes], link: str | None = None) -> bytes:
    """An archive of these files, and of a link to that place."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo("flowers/out")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return buffer.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def offer(server: Server, archive: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let "flowers" be that archive on the server."""
    server.archive = archive
    url = f"http://127.0.0.1:{server.server_address[1]}/set"
    digest = hashlib.sha256(archive).hexdigest()
    monkeypatch.setitem(SETS, "flowers", PublicSet(url, len(archive), digest, "CC0"))


@pytest.fixture
def flowers(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    offer(server, tgz(PHOTOS), monkeypatch)
    return server


def assert_whole(folder: Path) -> None:
    found = {str(path.relative_to(folder / "flowers")): path for path in folder.rglob("*.jpg")}
    assert {name: path.read_bytes() for name, path in found.items()} == PHOTOS
    assert [path.name for path in folder.iterdir()] == ["flowers"]


@pytest.mark.parametrize("packed", [tgz, zipped])
def test_a_set_is_downloaded_and_unpacked(packed, server, monkeypatch, tmp_path):
    offer(server, packed(PHOTOS), monkeypatch)
    assert fetch("flowers", tmp_path / "photos") == tmp_path / "photos" / "flowers"
    assert_whole(tmp_path / "photos")


def test_a_connection_that_breaks_off_is_taken_up_again(flowers, tmp_path):
    flowers.breaks_after = 80_000
    fetch("flowers", tmp_path)
    assert_whole(tmp_path)
    begins = range(0, len(flowers.archive), 80_000)
    assert flowers.asked == [f"bytes={begin}-" if begin else None for begin in begins]
    assert flowers.sent == len(flowers.archive)


@pytest.mark.parametrize(
    ("there", "elsewhere", "reason"), [(r":\d+", ":9", "refused"), ("/set", "/gone", "404")]
)
def test_a_server_that_is_gone_is_said_and_the_next_call_continues(
    there, elsewhere, reason, flowers, monkeypatch, tmp_path
):
    (tmp_path / "flowers.part").write_bytes(flowers.archive[:70_000])
    with monkeypatch.context() as patch:
        url = re.sub(there, elsewhere, SETS["flowers"].url)
        patch.setitem(SETS, "flowers", replace(SETS["flowers"], url=url))
        expected = rf"{reason}.*70,000 of .* the same command continues"
        with pytest.raises(ColorlabError, match=expected):
            fetch("flowers", tmp_path)
    fetch("flowers", tmp_path)
    assert flowers.asked == ["bytes=70000-"]
    assert_whole(tmp_path)


@pytest.mark.parametrize("change", [lambda a: a[:-1] + b"?", lambda a: a + b"more"])
def test_another_archive_than_the_published_one_is_deleted(change, flowers, tmp_path):
    flowers.archive = change(flowers.archive)
    with pytest.raises(ColorlabError, match=r"did not send the published archive .* deleted"):
        fetch("flowers", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "trap",
    [
        tgz(PHOTOS | {"../evil.jpg": b"evil"}),
        tgz(PHOTOS, link="../../.."),
        tgz(PHOTOS, link="/etc/passwd"),
        zipped(PHOTOS | {"flowers/../../evil.jpg": b"evil"}),
        zipped(PHOTOS | {"/evil.jpg": b"evil"}),
        b"nothing of the kind" * 100,
    ],
    ids=["tar, above", "link, above", "link, a place", "zip, above", "zip, a place", "no archive"],
)
def test_an_archive_that_leads_out_of_its_folder_is_refused(trap, server, monkeypatch, tmp_path):
    offer(server, trap, monkeypatch)
    with pytest.raises(ColorlabError, match="cannot be unpacked"):
        fetch("flowers", tmp_path / "photos")
    assert [path.name for path in tmp_path.rglob("*")] == ["photos", "flowers.part"]


@pytest.mark.parametrize("ranges", [False, True])
def test_a_server_without_ranges_and_what_a_killed_call_left(ranges, flowers, tmp_path):
    (tmp_path / "flowers.part").write_bytes(flowers.archive if ranges else b"x" * 70_000)
    (tmp_path / "partial-flowers").mkdir()
    (tmp_path / "partial-flowers" / "half.jpg").write_bytes(b"half a pho")
    flowers.ranges = ranges
    fetch("flowers", tmp_path)
    assert flowers.asked == ([] if ranges else ["bytes=70000-"])
    assert_whole(tmp_path)


def test_a_stop_keeps_what_has_come(flowers, monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr(public_sets, "_verify", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(ColorlabError, match="Stopped; run the same command again to continue"):
            fetch("flowers", tmp_path)
    fetch("flowers", tmp_path)
    assert flowers.asked == [None]
    assert_whole(tmp_path)


def test_what_is_refused_before_anything_is_asked_for(flowers, monkeypatch, tmp_path):
    with pytest.raises(ColorlabError, match="tf_flowers, oxford_flowers102, coco2017"):
        fetch("imagenet", tmp_path)
    (tmp_path / "flowers").mkdir()
    with pytest.raises(ColorlabError, match="flowers already exists; delete it"):
        fetch("flowers", tmp_path)
    monkeypatch.setitem(SETS, "flowers", replace(SETS["flowers"], size=10**18))
    with pytest.raises(ColorlabError, match=r"GB free, but .* need 2000000000\.0 GB; free some"):
        fetch("flowers", tmp_path / "another")
    assert flowers.asked == []


def test_the_shell_says_where_the_photos_are_and_what_may_be_done_with_them(flowers, tmp_path):
    result = CliRunner().invoke(shell, ["fetch", "flowers", str(tmp_path)])
    assert result.exit_code == 0
    assert "License: CC0" in result.output
    assert f"colorlab check {tmp_path / 'flowers'}" in result.output
    assert_whole(tmp_path)
