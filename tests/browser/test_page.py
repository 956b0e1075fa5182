"""The page of `make page`, served under a sub-path, in Chromium: it does what `Colorizer` does."""

import os
import re
import runpy
import shutil
from collections.abc import Callable, Iterator
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import skimage.data
from axe_playwright_python.sync_playwright import Axe
from hands_and_eyes import distance
from PIL import ExifTags, Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from colorlab import Colorizer
from colorlab.data.toyworld import scenes

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "data" / "samples"
TOOLS = runpy.run_path(str(ROOT / "scripts" / "page.py"))
# Of 255, in the mean of all pixels. A canvas keeps less of a photo that is nearly transparent.
NEAR, NEAR_IF_TRANSPARENT, NEAR_IN_JPEG = 0.1, 2.0, 1.0
PATIENCE = 60_000  # milliseconds, on two busy cores
colorizer = cache(Colorizer)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("npm"):
        reason = "npm is not installed (Debian, Ubuntu: apt install nodejs npm)."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # The server's root is two folders up, so that the page is under a sub-path.
    folder = tmp_path_factory.mktemp("host") / "some" / "where"
    TOOLS["build"](folder)
    return folder


class Handler(SimpleHTTPRequestHandler):
    """A plain host, which sends the policy as a header, as docs/page.md advises."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        self.server.served.append(self.path)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", TOOLS["POLICY"])
        super().end_headers()


@pytest.fixture
def host(built: Path) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=built.parents[1]))
    server.served = []  # paths
    Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def visit(host: ThreadingHTTPServer, context: BrowserContext) -> Iterator[Callable[..., Page]]:
    """Give a function that opens the page; at the end, nothing was refused or asked elsewhere."""
    origin = f"http://127.0.0.1:{host.server_port}/"
    asked: list[str] = []
    complaints: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.on("console", lambda message: complaints.append(message.text))
    context.on("weberror", lambda error: complaints.append(str(error.error)))

    def visit() -> Page:
        page = context.new_page()
        page.goto(f"{origin}some/where/")
        return page

    yield visit
    assert asked
    for address in asked:
        assert address.startswith((origin, f"blob:{origin}")), address
    assert complaints == []


def open_photo(page: Page, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open…").click()
    chooser.value.set_files(path)
    expect(page.locator("#message")).to_contain_text(f"{path.name}, ", timeout=PATIENCE)
    expect(page.locator("#message")).to_contain_text(" s", timeout=PATIENCE)


def save(page: Page, kind: str, folder: Path) -> Path:
    page.get_by_label("Format").select_option(kind)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def toned(pixels: np.ndarray) -> np.ndarray:
    """An old print: sepia in the shadows, cream in the highlights."""
    light = Image.fromarray(pixels).convert("L")
    steps = [(30, 15, 8), (150, 120, 90), (250, 240, 215)]
    table = [np.interp(range(256), (0, 128, 255), channel) for channel in zip(*steps, strict=True)]
    return np.stack(table, axis=-1).astype(np.uint8)[np.asarray(light)]


def framed(pixels: np.ndarray) -> np.ndarray:
    """In a red frame, which does not make it a color photo."""
    frame = np.full_like(pixels, (200, 30, 30))
    frame[20:-20, 20:-20] = pixels[20:-20, 20:-20]
    return frame


def photos(folder: Path) -> Iterator[Path]:
    """Ten photos: in color, gray, toned, flat, painted, wide, tall, on their side, see-through."""
    wide, tall = scenes(2, size=300, seed=3)
    for name, pixels in {
        "astronaut": skimage.data.astronaut(),
        "coffee": skimage.data.coffee(),
        "rocket": skimage.data.rocket(),
        "camera": skimage.data.camera(),
        "toned": framed(toned(skimage.data.chelsea())),
        "flat": 100 + skimage.data.camera() // 5,
        "wide": wide[100:180],
        "tall": tall[:, 50:260],
    }.items():
        Image.fromarray(pixels).save(folder / f"{name}.png")
        yield folder / f"{name}.png"
    yield SAMPLES / "exif_rotated.jpg"
    yield SAMPLES / "color_alpha.png"


def on_white(image: Image.Image) -> Image.Image:
    """What one sees: where a photo is nearly transparent, a canvas loses color."""
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")


def test_ten_photos_get_the_colors_that_colorizer_gives(visit, tmp_path):
    page = visit()
    for photo in photos(tmp_path):
        open_photo(page, photo)
        expected = colorizer().colorize(photo)
        with Image.open(save(page, "image/png", tmp_path)) as result:
            assert result.size == expected.size
            near = NEAR if expected.mode == "RGB" else NEAR_IF_TRANSPARENT
            assert distance(on_white(result), on_white(expected)) < near, photo.name
        assert distance(on_white(expected), on_white(expected.convert("LA"))) > near, photo.name


def test_sliders_and_gray_do_what_they_do_in_python(visit, tmp_path):
    page = visit()
    photo = tmp_path / "coffee.png"
    Image.fromarray(skimage.data.coffee()).save(photo)
    open_photo(page, photo)
    moved = {"Color strength": 150, "Saturation": 80, "Hue shift": 40, "Warmth": -30}
    page.get_by_text("Advanced").click()
    for name, number in {**moved, "Fade unsure color": 60}.items():
        slider = page.get_by_role("slider", name=name)
        slider.fill(str(number))
        expect(slider).to_have_value(str(number))
    page.get_by_label("Keep the brightness of").select_option(
        label="a black-and-white photo (luma)"
    )
    numbers = {"strength": 1.5, "saturation": 0.8, "hue_shift": 40, "warmth": -0.3, "fade": 0.6}
    expected = colorizer().colorize(photo, keep="luma", **numbers)
    with Image.open(save(page, "image/png", tmp_path)) as result:
        assert distance(on_white(result), expected) < NEAR
    page.get_by_role("button", name="Reset").click()
    for name in moved:
        expect(page.get_by_role("slider", name=name)).to_have_value(
            "100" if name in ("Color strength", "Saturation") else "0"
        )
    page.get_by_label("The photo is in color").uncheck()
    expect(page.get_by_role("button", name="Save")).to_be_enabled(timeout=PATIENCE)
    with Image.open(save(page, "image/png", tmp_path)) as result:
        assert distance(on_white(result), colorizer().colorize(photo, color=False)) < NEAR


def test_the_canvas_is_that_of_the_photo_lab(visit):
    page = visit()
    page.get_by_role("button", name="rocket").click()
    expect(page.locator("#message")).to_contain_text("colored in", timeout=PATIENCE)
    canvas = page.locator("canvas")
    expect(canvas).to_have_attribute("aria-label", "rocket.jpg in gray and color")
    curtain = page.get_by_role("slider", name="Curtain")
    curtain.press("End")
    curtain.press("ArrowLeft")
    expect(curtain).to_have_attribute("aria-valuenow", "99")
    page.get_by_role("button", name="1:1").click()
    expect(page.locator(".colorlab-percent")).to_have_text("100 %")
    page.get_by_text("Original").click()
    expect(canvas).to_have_attribute("aria-label", "rocket.jpg in its own colors")


def tags(image: Image.Image, directory: ExifTags.IFD | None = None) -> dict[int, object]:
    exif = image.getexif()
    pointers = {ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo}
    found = dict(exif if directory is None else exif.get_ifd(directory))
    return {tag: value for tag, value in found.items() if tag not in pointers}


def exif_of(endian: str) -> Image.Exif:
    exif = Image.Exif()
    exif.endian = endian
    exif[ExifTags.Base.ImageDescription] = "Großmutter im Garten".encode()
    exif[ExifTags.Base.Make] = "Leica"
    exif[ExifTags.Base.Software] = "a scanner"
    exif[ExifTags.IFD.Exif] = {
        ExifTags.Base.DateTimeOriginal: "1934:06:01 12:00:00",
        ExifTags.Base.OffsetTimeOriginal: "+01",
        ExifTags.Base.MakerNote: b"secrets",
    }
    exif[ExifTags.IFD.GPSInfo] = {1: "N", 2: (48.0, 8.0, 12.5), 3: "E", 4: (11.0, 34.0, 0.5)}
    assert exif.tobytes()[6:8] == {"<": b"II", ">": b"MM"}[endian]
    return exif


def test_exif_is_what_python_keeps(visit, tmp_path):
    page = visit()
    for suffix, endian, kind in (
        ("jpg", "<", "image/jpeg"),
        ("png", ">", "image/png"),
        ("webp", ">", "image/jpeg"),
    ):
        exif = exif_of(endian)
        if suffix != "webp":  # Chromium turns no WebP upright
            exif[ExifTags.Base.Orientation] = 6
        photo = tmp_path / f"old.{suffix}"
        Image.fromarray(skimage.data.chelsea()).save(photo, exif=exif)
        open_photo(page, photo)
        for with_place in (False, True):
            page.get_by_label("where it was taken").set_checked(with_place)
            target = tmp_path / f"{suffix}-{with_place}.{'png' if kind == 'image/png' else 'jpg'}"
            colorizer().colorize_file(photo, target, keep_location=with_place)
            with Image.open(target) as expected, Image.open(save(page, kind, tmp_path)) as result:
                assert result.size == expected.size
                assert tags(result) == tags(expected)
                assert "colorized by colorlab" in tags(result)[ExifTags.Base.Software]
                assert result.info.get("Software") == expected.info.get("Software")
                for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
                    assert tags(result, directory) == tags(expected, directory)
                assert bool(tags(result, ExifTags.IFD.GPSInfo)) == with_place


def test_twelve_megapixels_are_saved_at_full_size(visit, tmp_path):
    photo = tmp_path / "large.jpg"
    Image.fromarray(skimage.data.coffee()).resize((4000, 3000)).save(photo, quality=85)
    page = visit()
    open_photo(page, photo)
    expected = colorizer().colorize(photo)
    with Image.open(save(page, "image/jpeg", tmp_path)) as result:
        assert result.size == (4000, 3000)
        assert distance(result, expected) < NEAR_IN_JPEG


def test_the_size_is_said_first_and_only_then_is_the_network_loaded(visit, host, built):
    page = visit()
    model = next(built.glob("model-*.onnx"))
    expect(page.locator("#start")).to_contain_text(f"{model.stat().st_size / 1e6:.1f} MB")
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    large = (".onnx", ".wasm")
    assert not [path for path in host.served if path.endswith(large)]
    page.get_by_role("button", name="camera").click()
    expect(page.locator("#message")).to_contain_text(re.compile(r"colored in \d+\.\d s"))
    loaded = [path for path in host.served if path.endswith(large)]
    assert len(loaded) == 2 and f"/some/where/{model.name}" in loaded


def test_after_the_first_photo_it_works_offline(visit, host, tmp_path):
    page = visit()
    page.get_by_role("button", name="camera").click()
    expect(page.locator("#message")).to_contain_text("colored in", timeout=PATIENCE)
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    host.shutdown()
    host.server_close()
    page.reload()
    photo = tmp_path / "coffee.png"
    Image.fromarray(skimage.data.coffee()).save(photo)
    open_photo(page, photo)
    with Image.open(save(page, "image/png", tmp_path)) as result:
        assert distance(on_white(result), colorizer().colorize(photo)) < NEAR


def test_a_new_version_deletes_what_it_does_not_use(visit, built, tmp_path):
    cached = """async () => (await (await caches.open((await caches.keys())[0])).keys())
        .map(({url}) => url.split("/").at(-1))"""
    page = visit()
    page.get_by_role("button", name="camera").click()
    expect(page.locator("#message")).to_contain_text("colored in", timeout=PATIENCE)
    page.evaluate("navigator.serviceWorker.ready.then(() => {})")
    (old,) = built.glob("app-*.js")
    model = next(built.glob("model-*.onnx")).name
    assert {old.name, model} <= set(page.evaluate(cached))
    new = "app-0123456789.js"
    changed = {file: file.read_text() for file in (built / "index.html", built / "sw.js")}
    try:
        (built / new).write_text(old.read_text() + "\nwindow.isNew = true;\n")
        for file, text in changed.items():
            file.write_text(text.replace(old.name, new))
        page.reload()
        page.wait_for_function("window.isNew")
        for _ in range(100):
            names = set(page.evaluate(cached))
            if old.name not in names:
                break
            page.wait_for_timeout(100)
        assert old.name not in names and {new, model} <= names
    finally:
        (built / new).unlink()
        for file, text in changed.items():
            file.write_text(text)


def test_what_is_no_photo_is_refused_in_one_line_and_the_page_goes_on(visit):
    page = visit()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Open…").click()
    chooser.value.set_files(SAMPLES / "text_named.jpg")
    alert = page.locator("#message[role=alert]")
    expect(alert).to_have_text(
        "⚠ text_named.jpg is not a photo that this browser reads; expected a JPEG, PNG or WebP."
    )
    page.get_by_role("button", name="camera").click()
    expect(page.locator("#message")).to_contain_text("colored in", timeout=PATIENCE)


def test_a_photo_can_be_pasted_and_dropped(visit):
    page = visit()
    give = """([bytes, name, kind, place]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/jpeg"}));
        const options = {bubbles: true, cancelable: true};
        const event = kind == "paste" ? new ClipboardEvent(kind, {clipboardData: data, ...options})
            : new DragEvent(kind, {dataTransfer: data, ...options});
        document.querySelector(place).dispatchEvent(event);
    }"""
    photo = [*(SAMPLES / "gray.jpg").read_bytes()]
    for kind, place in (("paste", "body"), ("drop", ".colorlab-stage"), ("drop", "footer")):
        name = f"{kind}-{place.strip('.')}.jpg"
        page.evaluate(give, [photo, name, kind, place])
        expect(page.locator("#message")).to_contain_text(f"{name}, 192 × 144", timeout=PATIENCE)


def test_it_is_accessible_and_fits_any_width(visit):
    page = visit()
    page.get_by_text("Advanced").click()
    for state in ("start", "photo"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
            found = Axe().run(page, options={"runOnly": rules})
            assert found.violations_count == 0, (state, scheme, found.generate_report())
        for width in (360, 760, 1400):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        if state == "start":
            page.get_by_role("button", name="camera").click()
            expect(page.locator("#message")).to_contain_text("colored in", timeout=PATIENCE)
    for width in (360, 760, 1400):
        page.set_viewport_size({"width": width, "height": 800})
        box = page.locator("canvas").bounding_box()
        assert box and box["width"] > 200 and box["x"] >= 0


def test_the_folder_has_the_licenses_and_names_no_other_site(built):
    notices = (built / "notices.txt").read_text()
    for words in ("MIT License", "Microsoft Corporation", "==== onnxruntime-web 1."):
        assert words in notices
    own = [built / "index.html", built / "sw.js", *built.glob("*.css"), *built.glob("app-*.js")]
    for file in own:
        assert not re.search(r"https?://(?!www\.w3\.org)", file.read_text()), file.name
