"""What check says of every kind of file, that it changes none, and that it goes on where it was."""

import csv
import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from colorlab import photos
from colorlab.data import inspection, toyworld
from colorlab.data.inspection import check
from colorlab.errors import ColorlabError


def scene(seed: int) -> Image.Image:
    return Image.fromarray(toyworld.scenes(1, size=96, seed=seed)[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with every kind of file."""
    root = tmp_path / "photos"
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
    (root / "cut.jpg").write_bytes((root / "cut.jpg").read_bytes()[:-200])
    (root / "notes.txt").write_text("not named like a photo")
    (root / ".hidden.jpg").write_text("hidden")
    return root


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


def rows(report: Path) -> dict[str, dict[str, str]]:
    with report.open(newline="") as file:
        return {row["path"].replace(os.sep, "/"): row for row in csv.DictReader(file)}


def test_every_file_gets_its_verdict(folder: Path, tmp_path: Path):
    summary = check(folder, tmp_path / "report.csv")
    found = rows(tmp_path / "report.csv")
    assert {name: row["verdict"] for name, row in found.items()} == VERDICTS
    assert list(found) == sorted(VERDICTS)
    assert summary.counts == {v: list(VERDICTS.values()).count(v) for v in VERDICTS.values()}
    assert not summary.clean


def test_the_report_says_the_true_format_and_why(folder: Path, tmp_path: Path):
    check(folder, tmp_path / "report.csv")
    found = rows(tmp_path / "report.csv")
    assert (found["lying.jpg"]["format"], found["lying.jpg"]["detail"]) == (
        "PNG",
        "a PNG named .jpg",
    )
    assert found["cmyk.jpg"]["notes"] == "CMYK"
    assert found["deep/er/progressive.jpg"]["notes"] == "progressive"
    assert (found["tiny.bmp"]["width"], found["tiny.bmp"]["height"]) == ("90", "63")
    assert "<html>" in found["text.jpg"]["detail"]
    assert "truncated" in found["cut.jpg"]["detail"]
    assert found["twin.jpg"]["detail"] == "of good.jpg"
    assert found["smaller.webp"]["detail"] == f"of deep{os.sep}er{os.sep}progressive.jpg"
    assert int(found["good.jpg"]["size"]) == (folder / "good.jpg").stat().st_size


def test_a_black_and_white_photo_is_no_color_photo_with_a_tone_or_a_stamp_or_a_frame(
    folder: Path, tmp_path: Path
):
    light = np.asarray(scene(5).convert("L"), float)[..., None]
    sepia = Image.fromarray((light * [1.351, 1.203, 0.937]).clip(0, 255).astype(np.uint8))
    sepia.save(folder / "sepia.jpg")
    stamped = scene(5).resize((384, 384)).convert("L").convert("RGB")
    stamped.paste((255, 120, 20), (280, 345, 344, 353))
    stamped.save(folder / "stamped.jpg")
    ImageOps.expand(scene(5).convert("L").convert("RGB"), 9, "maroon").save(folder / "framed.jpg")
    check(folder, tmp_path / "report.csv", keep_list=tmp_path / "keep.txt")
    found = rows(tmp_path / "report.csv")
    for name in ("sepia.jpg", "stamped.jpg", "framed.jpg"):
        assert found[name]["verdict"] == "no color"
        assert name not in (tmp_path / "keep.txt").read_text()


def test_a_person_reads_counts_and_examples(folder: Path, tmp_path: Path):
    text = str(check(folder, tmp_path / "report.csv"))
    assert "13 files, of which 5 can be trained on" in text
    assert "lying.jpg: a PNG named .jpg" in text
    assert "Among them: 1 CMYK, 1 progressive." in text


def test_nothing_in_the_folder_changes(folder: Path, tmp_path: Path):
    def state() -> dict[str, str]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before = state()
    check(folder, tmp_path / "report.csv", keep_list=tmp_path / "keep.txt")
    assert state() == before
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "report.csv", "keep.txt"}


def test_find_takes_the_keep_list_from_anywhere(folder: Path, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    check("photos", "report.csv", keep_list="keep.txt")
    monkeypatch.chdir(folder)
    kept = [name for name, verdict in VERDICTS.items() if verdict in ("good", "misnamed")]
    assert list(photos.find(tmp_path / "keep.txt")) == [folder.resolve() / name for name in kept]


def test_a_clean_folder_is_clean(tmp_path: Path):
    (tmp_path / "photos").mkdir()
    scene(0).save(tmp_path / "photos" / "a.jpg")
    (tmp_path / "photos" / "README.md").write_text("words")
    assert check(tmp_path / "photos", tmp_path / "report.csv").clean


def test_a_stopped_check_goes_on_without_looking_twice(folder: Path, tmp_path: Path, monkeypatch):
    look = inspection.inspect
    looked: list[str] = []

    def stopping(name: str, folder: Path, min_size: int) -> inspection.Finding:
        looked.append(name)
        if len(looked) == 6:
            raise KeyboardInterrupt
        return look(name, folder, min_size)

    monkeypatch.setattr(inspection, "CHUNK", 2)
    monkeypatch.setattr(inspection, "inspect", stopping)
    with pytest.raises(ColorlabError, match="the same command goes on"):
        check(folder, tmp_path / "report.csv")
    assert not (tmp_path / "report.csv").exists()
    before = len(looked)
    check(folder, tmp_path / "report.csv")
    assert {name: row["verdict"] for name, row in rows(tmp_path / "report.csv").items()} == VERDICTS
    assert len(looked) - before == len(VERDICTS) - 4
    assert not list(tmp_path.glob("*.partial"))


def test_damaged_findings_are_named_and_kept(folder: Path, tmp_path: Path):
    findings = tmp_path / "report.csv.partial"
    findings.write_text("not a database" * 100)
    with pytest.raises(ColorlabError, match=r"If report\.csv\.partial is damaged, remove it"):
        check(folder, tmp_path / "report.csv")
    assert findings.read_text().startswith("not a database")


def test_going_on_with_another_size_is_refused(folder: Path, tmp_path: Path, monkeypatch):
    def stop(name: str, folder: Path, min_size: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(inspection, "inspect", stop)
        with pytest.raises(ColorlabError):
            check(folder, tmp_path / "report.csv")
    with pytest.raises(ColorlabError, match="minimum size of 64"):
        check(folder, tmp_path / "report.csv", min_size=32)


@pytest.mark.parametrize("there", ["report.csv", "keep.txt"])
def test_no_result_is_overwritten_unasked(folder: Path, tmp_path: Path, there: str):
    (tmp_path / there).write_text("precious")
    with pytest.raises(ColorlabError, match=f"{there} is there already"):
        check(folder, tmp_path / "report.csv", keep_list=tmp_path / "keep.txt")
    assert (tmp_path / there).read_text() == "precious"
    check(folder, tmp_path / "report.csv", keep_list=tmp_path / "keep.txt", overwrite=True)
    assert (tmp_path / there).read_text() != "precious"


def test_a_name_that_is_no_text_is_reported(tmp_path: Path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / os.fsdecode(b"\xff\n.jpg")).write_bytes(b"no image")
    summary = check(folder, tmp_path / "report.csv")
    assert b"\xff\n.jpg" in (tmp_path / "report.csv").read_bytes()
    assert "??.jpg: not a JPEG" in str(summary)


def test_what_is_no_folder_is_refused(tmp_path: Path):
    with pytest.raises(ColorlabError, match="is not a folder"):
        check(tmp_path / "nowhere", tmp_path / "report.csv")
    assert not list(tmp_path.iterdir())


def test_plain_photos_of_different_colors_are_no_duplicates(tmp_path: Path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i, color in enumerate([(200, 30, 30), (30, 200, 30), (30, 30, 200)]):
        Image.fromarray(np.full((70, 70, 3), color, np.uint8)).save(folder / f"{i}.png")
    assert check(folder, tmp_path / "report.csv").counts == {"good": 3}
