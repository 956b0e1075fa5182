"""Coloring many photos from a shell: what is written where, and what is never lost."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
from PIL import ExifTags, Image

from colorlab import Colorizer, __version__, cli, photos

GRAYS = np.linspace(0, 255, 60 * 80).round().astype(np.uint8).reshape(60, 80)
MARK = f"colorized by colorlab {__version__}"


@pytest.fixture
def shell(shipped, capfd, monkeypatch, tmp_path):
    """A function that runs one command line in a folder of its own → exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_colorizer", lambda _: shipped)

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["colorlab", "colorize", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capfd.readouterr()

    return run


def photo(name, file_format=None, **options):
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(GRAYS).save(name, file_format, **options)


def tree(folder):
    return sorted(p.relative_to(folder).as_posix() for p in Path(folder).rglob("*") if p.is_file())


def test_the_same_command_twice_colors_nothing_twice_and_never_its_own_results(shell):
    photo("a.jpg")
    photo("sub/b.png")
    assert shell(".")[0] == 0
    assert tree("colorized") == ["a.jpg", "sub/b.png"]
    before = {path: path.stat().st_mtime_ns for path in Path("colorized").rglob("*.*")}
    code, out, err = shell(".")
    assert (code, out, err.count("already exists")) == (1, "", 2)
    code, out, err = shell(".", "--skip-existing")
    assert (code, out, err) == (0, "", "Photos skipped whose results exist: 2\n")
    photo("c.jpg")
    code, out, err = shell(".", "--skip-existing")
    assert (code, out) == (0, f"{Path('colorized/c.jpg')}\n")
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_results_in_a_folder_are_colored_again_only_if_they_are_named(shell):
    for suffix in ("jpg", "png", "tif", "webp"):
        photo(f"{suffix}.{suffix}")
    assert shell(".", "--out", "first")[0] == 0
    code, out, err = shell(".", "--out", "second")
    assert (code, len(out.splitlines())) == (0, 4)
    assert err.count(f"is itself {MARK}; name it to color it again") == 4
    assert tree("second") == ["jpg.jpg", "png.png", "tif.tif", "webp.webp"]
    assert shell("first/png.png", "--out", "again")[0] == 0
    assert tree("again") == ["png.png"]


def test_what_exists_is_looked_at_before_the_coloring(shell, shipped, monkeypatch):
    photo("a.jpg")
    photo("out/a.jpg")
    monkeypatch.setattr(shipped, "guess", lambda *_: pytest.fail("colored in vain"))
    assert shell("a.jpg", "--out", "out")[0] == 1


@pytest.mark.parametrize("out", [".", "../{here}", "link"])
def test_no_photo_is_replaced_by_its_result(shell, out, tmp_path):
    photo("a.jpg")
    Path("link").symlink_to(tmp_path, target_is_directory=True)
    mine = Path("a.jpg").read_bytes()
    out = out.format(here=tmp_path.name)
    for sources in (["."], ["a.jpg"]):
        code, _, err = shell(*sources, "--out", out, "--overwrite")
        assert code == 1 and "is itself one of the photos; give another folder" in err
    assert Path("a.jpg").read_bytes() == mine
    code, _, err = shell("a.jpg", "--out", "a.jpg", "--overwrite")
    assert (code, Path("a.jpg").read_bytes()) == (1, mine)


def test_one_photo_may_name_its_result(shell):
    photo("a.png")
    assert shell("a.png", "--out", "new/result.jpg") == (0, f"{Path('new/result.jpg')}\n", "")
    with Image.open("new/result.jpg") as result:
        assert result.format == "JPEG"
    photo("b.png")
    code, _, err = shell("a.png", "b.png", "--out", "both.jpg")
    assert code == 1 and "both.jpg is one file; expected a folder" in err
    assert not Path("both.jpg").exists()


def test_two_photos_of_one_result_are_both_named(shell):
    Image.fromarray(np.dstack([GRAYS] * 4)).save("x.bmp")  # becomes a PNG, for its alpha
    photo("x.png")
    code, out, err = shell("x.bmp", "x.png", "--overwrite")
    assert (code, out) == (1, f"{Path('colorized/x.png')}\n")
    assert "is the result of" in err and "x.bmp" in err and "x.png" in err


def test_formats_and_quality(shell):
    photo("in/a.jfif", "JPEG")
    photo("in/b", "JPEG")
    photo("in/c.avif")
    photo("in/d.gif")
    assert shell("in")[0] == 0
    assert tree("colorized") == ["a.jpg", "b.jpg", "c.jpg", "d.png"]
    assert shell("in", "--out", "webp", "--format", "webp", "--quality", "20")[0] == 0
    assert shell("in", "--out", "whole", "--format", "webp")[0] == 0
    assert tree("webp") == ["a.webp", "b.webp", "c.webp", "d.webp"]
    assert Path("webp/a.webp").stat().st_size < Path("whole/a.webp").stat().st_size / 2


def test_a_result_says_what_it_is_and_keeps_text_and_density_to_the_byte(shell):
    texts = {
        ExifTags.Base.ImageDescription: "Großmutter, Łódź 1931",
        ExifTags.Base.Artist: "Фото Иванов",
    }
    exif = Image.Exif()
    exif.update({tag: text.encode() for tag, text in texts.items()})
    for suffix in ("jpg", "png", "tif", "webp"):
        photo(f"in/{suffix}.{suffix}", exif=exif, dpi=(600, 300))
    assert shell("in")[0] == 0
    assert shell("in", "--no-mark", "--out", "unmarked")[0] == 0
    for suffix in ("jpg", "png", "tif", "webp"):
        data = Path(f"colorized/{suffix}.{suffix}").read_bytes()
        for text in texts.values():
            assert text.encode() + b"\0" in data, suffix
        with Image.open(io.BytesIO(data)) as result:
            assert result.getexif()[ExifTags.Base.Software] == MARK
            if suffix != "webp":
                assert result.info["dpi"] == pytest.approx((600, 300), abs=0.02)
            if suffix == "png":
                assert result.info["Software"] == MARK
            if suffix == "tif":
                assert result.info["compression"] != "raw"
        assert MARK.encode() not in Path(f"unmarked/{suffix}.{suffix}").read_bytes()


def test_pages_are_colored_one_or_all_and_said(shell):
    pages = [Image.fromarray(np.roll(GRAYS, 9 * i, 1)) for i in range(3)]
    pages[0].save("book.tif", save_all=True, append_images=pages[1:])
    code, out, err = shell("book.tif")
    assert (code, out) == (0, f"{Path('colorized/book.tif')}\n")
    assert "book.tif: has 3 pages; the largest is taken" in err
    shell("book.tif", "--out", "pages")
    code, out, err = shell("book.tif", "--all-pages", "--skip-existing", "--out", "pages")
    names = ["book-1.tif", "book-2.tif", "book-3.tif", "book.tif"]
    assert (code, err, tree("pages")) == (0, "", names)
    for i, page in enumerate(pages):
        found = Image.open(f"pages/book-{i + 1}.tif").convert("L")
        np.testing.assert_allclose(np.asarray(found).astype(int), np.asarray(page), atol=1)


def test_what_is_passed_over_in_a_folder_is_named_by_kind(shell):
    photo("a.jpg")
    for name in ("b.dng", "c.DNG", "d.jxl", "notes.txt"):
        Path(name).write_bytes(b"something")
    code, _, err = shell(".")
    assert code == 0 and "Files skipped: 4 (2 .dng, 1 .jxl, 1 .txt)" in err


def test_black_and_white_alone_is_told_that_it_carries_no_color(shell):
    Image.fromarray((GRAYS > 99) * np.uint8(255)).save("halftone.png")
    code, _, err = shell("halftone.png")
    assert code == 0 and "halftone.png: is all black and white, which cannot take color" in err


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """One that is loaded sooner than the one that ships."""
    return Colorizer(tiny.generator()).save(tmp_path_factory.mktemp("model") / "tiny.keras")


def piped(*words, folder, **options):
    command = [sys.executable, "-m", "colorlab", "colorize", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, **options)


def test_a_photo_goes_through_stdin_and_stdout(shell, tmp_path, shipped, monkeypatch):
    photo("a.jpg")
    home = {"HOME": "/proc/nothing"}  # nobody can make it, and it does not matter
    done = piped(
        *("-", "--out", "-"),
        folder=tmp_path,
        input=Path("a.jpg").read_bytes(),
        env=os.environ | home,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    np.testing.assert_array_equal(
        photos.read(done.stdout).pixels,
        photos.read(shipped.colorize_file("a.jpg", "expected.jpg")).pixels,
    )
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no photo")))
    code, out, err = shell("-", "--out", "-")
    assert (code, out, err.count("\n")) == (1, "", 1)
    code, _, err = shell("-", "a.jpg", "--out", "-")
    assert code == 1 and "- stands for one photo" in err


def test_a_name_that_the_terminal_cannot_show_ends_nothing(model, tmp_path):
    names = ["Снимок.jpg", os.fsdecode(b"caf\xe9.jpg")]
    for name in names:
        photo(tmp_path / "in" / name)
    settings = {"PYTHONIOENCODING": "cp1252", "LC_ALL": "C"}
    done = piped("in", "--model", model, folder=tmp_path, env=os.environ | settings)
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 2)
    assert tree(tmp_path / "colorized") == sorted(names)


def test_a_reader_that_goes_away_ends_nothing(model, tmp_path):
    for i in range(3):
        photo(tmp_path / "in" / f"{i}.png")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "colorlab", "colorize", "in", "--model", model]
    done = subprocess.run(command, cwd=tmp_path, stdout=write, stderr=write)
    os.close(write)
    assert done.returncode == 0
    assert tree(tmp_path / "colorized") == ["0.png", "1.png", "2.png"]


def test_a_flat_scan_is_shown_to_the_network_with_full_contrast(shipped):
    scene = photos.read(Path(__file__).parents[1] / "data" / "samples" / "gray.jpg")
    full, flat = (
        shipped.guess(np.rint(low + share * scene.pixels[..., 0]).astype(np.uint8)).chroma
        for low, share in ((0, 1), (100, 0.25))
    )
    apart = np.linalg.norm(full - flat, axis=-1).mean()
    assert apart < 0.25 * np.linalg.norm(full, axis=-1).mean()
    result = np.asarray(shipped.colorize(np.full((50, 50), 100, np.uint8)).convert("L"))
    np.testing.assert_allclose(result.astype(int), 100, atol=1)  # its own gray is kept
