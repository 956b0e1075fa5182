"""What TensorBoard is told, read by TensorFlow's own reader of such files."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from colorlab.errors import RunError
from colorlab.training.callbacks import saving
from colorlab.training.event_log import EventLog


def events(folder: Path) -> list[tf.compat.v1.Event]:
    files = sorted(folder.iterdir())
    return [e for file in files for e in tf.compat.v1.train.summary_iterator(str(file))]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    Image.fromarray(np.full((6, 8, 3), 128, np.uint8)).save(tmp_path / "sheet.jpg")
    return tmp_path / "sheet.jpg"


def test_losses_and_sheets_are_read_as_they_were_told(tmp_path: Path, sheet: Path) -> None:
    log = EventLog(tmp_path / "log", 20)
    for step, loss in ((20, 0.5), (40, 0.25)):
        log.add(step, {"content_loss": loss}, sheet)
    version, _, *told = events(tmp_path / "log")
    assert version.file_version == "brain.Event:2"
    for event, step, loss in zip(told, (20, 40), (0.5, 0.25), strict=True):
        scalar, image = event.summary.value
        assert (event.step, scalar.tag, scalar.simple_value) == (step, "content_loss", loss)
        assert tf.io.decode_image(image.image.encoded_image_string).shape == (6, 8, 3)


def test_a_run_that_goes_on_takes_back_what_it_does_again(tmp_path: Path, sheet: Path) -> None:
    for steps in ((1, 2, 3), (2, 3)):
        log = EventLog(tmp_path / "log", steps[0])
        for step in steps:
            log.add(step, {"content_loss": 1.0}, sheet)
    starts = [e for e in events(tmp_path / "log") if e.HasField("session_log")]
    assert [e.step for e in starts] == [1, 2]  # TensorBoard drops what it has from there on
    assert {e.session_log.status for e in starts} == {tf.compat.v1.SessionLog.START}


def test_a_full_disk_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1)
    (tmp_path / "events.out.tfevents.1.colorlab").symlink_to("/dev/full")
    expected = r"^Step 3 could not be saved \(.*No space left on device\); free some disk space.*$"
    with pytest.raises(RunError, match=expected), saving("Step 3"):
        EventLog(tmp_path, 3)
