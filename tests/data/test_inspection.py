"""What check says of every kind of file, that it changes none, and that a stopped one continues."""

import csv
import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from colorlab import photos
from colorlab.data import inspection, toyworld
from colorlab.data.inspection import Summary, check
from colorlab.errors import ColorlabError

VERDICTS = {
    "cmyk.jpg": "good",
    "cut.jpg": "damaged",
    "deep/er/progressive.jpg": "good",
    "empty.jpg": "not an image",
    "good.jpg": "good",
    "gray.png": "no color",
    "lying.jpg": "misnamed",
    "nosuffix": "misnamed",
    "notes.txt": "other",
    "smaller.webp": "near duplicate",
    "text.jpg": "not an image",
    "tiny.bmp": "small",
    "twin.jpg": "duplicate",
}


def scene(seed: int) -> Image.Image:
    return Image.fromarray(toyworld.scenes(1, size=96, seed=seed)[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of file."""
    root = tmp_path_factory.mktemp("photos")
    (root / "deep" / "er").mkdir(parents=True)
    scene(0).save(root / "good.jpg")
    scene(1).save(root / "deep" / "er" / "progressive.jpg", progressive=True)
    scene(2).convert("CMYK").save(root / "cmyk.jpg")
    scene(3).save(root / "lying.jpg", "PNG")
    scene(4).save(root / "nosuffix", "JPEG")
    (root / "twin.jpg").write_bytes((root / "good.jpg").read_bytes())
    scene(1).resize((80, 80)).save(root / "smaller.webp", quality=70)
    scene(5).convert("L").save(root / "gray.png")
    scene(6).resize((90, 63)).save(root / "tiny.bmp")
    (root / "text.jpg").write_text("<html>404</html>")
    (root / "empty.jpg").touch()
    scene(7).save(root / "cut.jpg")
    (root / "cut.jpg").write_bytes((root / "cut.jpg").read_bytes()[:1000])
    (root / "notes.txt").write_text("not named like a photo")
    (root / ".hidden.jpg").write_text("hidden")
    return root


def state(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def rows(report: Path) -> dict[str, dict[str, str]]:
    with report.open(newline="") as file:
        return {row["path"].replace(os.sep, "/"): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def checked(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Summary, Path]:
    """What a check of that folder, given by a relative path, returned, and its results' folder."""
    results = tmp_path_factory.mktemp("results")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder.parent)
        before = state(folder)
        summary = check(folder.name, results / "report.csv", keep_list=results / "keep.txt")
    assert state(folder) == before
    assert sorted(path.name for path in results.iterdir()) == ["keep.txt", "report.csv"]
    return summary, results


def test_every_file_gets_its_verdict_and_a_person_reads_counts_and_examples(checked):
    summary, results = checked
    found = rows(results / "report.csv")
    assert {name: row["verdict"] for name, row in found.items()} == VERDICTS
    assert list(found) == sorted(VERDICTS)
    assert summary.counts == {v: list(VERDICTS.values()).count(v) for v in VERDICTS.values()}
    assert not summary.clean
    assert "Files: 13. Usable for training: 5." in str(summary)
    assert "lying.jpg: a PNG named .jpg" in str(summary)
    assert "Among them: 1 CMYK, 1 progressive." in str(summary)


def test_the_report_says_the_true_format_and_why(checked, folder: Path):
    found = rows(checked[1] / "report.csv")
    assert found["lying.jpg"]["format"] == "PNG"
    assert found["lying.jpg"]["detail"] == "a PNG named .jpg"
    assert found["nosuffix"]["detail"] == "a JPEG named without an ending"
    assert found["cmyk.jpg"]["notes"] == "CMYK"
    assert found["deep/er/progressive.jpg"]["notes"] == "progressive"
    assert (found["tiny.bmp"]["width"], found["tiny.bmp"]["height"]) == ("90", "63")
    assert "web page" in found["text.jpg"]["detail"]
    assert "truncated" in found["cut.jpg"]["detail"]
    assert found["twin.jpg"]["detail"] == "duplicate of good.jpg"
    near = f"near duplicate of deep{os.sep}er{os.sep}progressive.jpg"
    assert found["smaller.webp"]["detail"] == near
    assert int(found["good.jpg"]["size"]) == (folder / "good.jpg").stat().st_size


def test_find_takes_the_keep_list_from_anywhere(checked, folder: Path):
    good = [name for name, verdict in VERDICTS.items() if verdict in ("good", "misnamed")]
    expected = [folder.resolve() / name for name in good]
    assert list(photos.find(checked[1] / "keep.txt")) == expected


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path / "photos"


def test_a_tone_or_a_stamp_or_a_frame_makes_no_color_photo(empty, tmp_path):
    gray = scene(5).convert("L")
    sepia = (np.asarray(gray, float)[..., None] * [1.351, 1.203, 0.937]).clip(0, 255)
    Image.fromarray(sepia.astype(np.uint8)).save(empty / "sepia.jpg")
    stamped = gray.resize((384, 384)).convert("RGB")
    stamped.paste((255, 120, 20), (280, 345, 344, 353))
    stamped.save(empty / "stamped.jpg")
    ImageOps.expand(gray.convert("RGB"), 9, "maroon").save(empty / "framed.jpg")
    summary = check(empty, tmp_path / "report.csv", keep_list=tmp_path / "keep.txt")
    assert summary.counts == {"no color": 3}
    assert (tmp_path / "keep.txt").read_text() == ""


def test_plain_photos_of_different_colors_are_no_duplicates_and_clean(empty, tmp_path):
    for color in ("red", "green", "blue"):
        Image.new("RGB", (70, 70), color).save(empty / f"{color}.png")
    (empty / "README.md").write_text("words")
    summary = check(empty, tmp_path / "report.csv")
    assert summary.counts == {"good": 3, "other": 1} and summary.clean


def test_a_stopped_check_continues_without_looking_twice_and_with_the_same_size_only(
    folder: Path, tmp_path: Path, monkeypatch
):
    look = inspection.inspect
    looked: list[str] = []

    def stopping(name: str, **options: Any) -> inspection.Finding:
        looked.append(name)
        if len(looked) == 6:
            raise KeyboardInterrupt
        return look(name, **options)

    monkeypatch.setattr(inspection, "CHUNK", 2)
    monkeypatch.setattr(inspection, "inspect", stopping)
    with pytest.raises(ColorlabError, match="Stopped; run the same command again to continue"):
        check(folder, tmp_path / "report.csv")
    assert not (tmp_path / "report.csv").exists()
    before = len(looked)
    with pytest.raises(ColorlabError, match="minimum size of 64"):
        check(folder, tmp_path / "report.csv", min_size=32)
    check(folder, tmp_path / "report.csv")
    assert {n: row["verdict"] for n, row in rows(tmp_path / "report.csv").items()} == VERDICTS
    assert len(looked) - before == len(VERDICTS) - 4
    assert not list(tmp_path.glob("*.partial"))


def test_damaged_findings_are_named_and_left(folder: Path, tmp_path: Path):
    findings = tmp_path / "report.csv.partial"
    findings.write_text("not a database" * 100)
    with pytest.raises(ColorlabError, match=r"If report\.csv\.partial is damaged, delete it"):
        check(folder, tmp_path / "report.csv")
    assert findings.read_text().startswith("not a database")


@pytest.mark.parametrize("there", ["report.csv", "keep.txt"])
def test_no_result_is_overwritten_unasked(there: str, empty, tmp_path):
    (tmp_path / there).write_text("precious")
    results = {"out": tmp_path / "report.csv", "keep_list": tmp_path / "keep.txt"}
    with pytest.raises(ColorlabError, match=f"{there} already exists"):
        check(empty, **results)
    assert (tmp_path / there).read_text() == "precious"
    check(empty, **results, overwrite=True)
    assert (tmp_path / there).read_text() != "precious"


def test_a_name_that_is_no_text_is_reported(empty, tmp_path):
    (empty / os.fsdecode(b"\xff\n.jpg")).write_bytes(b"no image")
    summary = check(empty, tmp_path / "report.csv")
    assert b"\xff\n.jpg" in (tmp_path / "report.csv").read_bytes()
    assert "  ??.jpg: is not a photo" in str(summary)


def test_what_is_no_folder_is_refused(tmp_path: Path):
    with pytest.raises(ColorlabError, match="is not a folder"):
        check(tmp_path / "nowhere", tmp_path / "report.csv")
    assert not list(tmp_path.iterdir())
