"""Build the photo lab as a folder of static files that needs only a browser.

    python scripts/page.py [FOLDER]

writes build/page, or FOLDER, anew, from site/ and from colorlab itself: the model that ships, the
formulas of the photo lab, and its numbers. npm brings the runtime of the network. Every name but
index.html, sw.js and notices.txt carries a hash of the file's content.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import onnxruntime

from colorlab import Colorizer, __version__
from colorlab.color import tone
from colorlab.color.adjustments import ADJUSTMENTS
from colorlab.colorizer import ZOOMS
from colorlab.export import export
from colorlab.lab.widgets.desk import MARKS, SEEN
from colorlab.lab.widgets.opener import SAMPLES, sample
from colorlab.lab.widgets.sliders import GRAYS, GROUPS
from colorlab.model.generators import size_multiple
from colorlab.photos import exif

ROOT = Path(__file__).parents[1]
SITE, WIDGETS = ROOT / "site", ROOT / "colorlab" / "lab" / "widgets"
RUNTIME = SITE / "node_modules" / "onnxruntime-web"
# Scripts from npm, and the WebAssembly that each runs.
RUNTIMES = {
    "wasm": ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"),
    "gpu": ("ort.webgpu.bundle.min.mjs", "ort-wasm-simd-threaded.asyncify.wasm"),
}
# Nothing comes from elsewhere, and nothing goes there. WebAssembly is compiled, no text is run.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; "
    "base-uri 'none'; form-action 'none'; object-src 'none'"
)


class Folder:
    """A folder of files whose names carry hashes."""

    def __init__(self, path: Path) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        self.path = path
        self.names: dict[str, str] = {}  # plain name → name with the hash

    def add(self, name: str, content: bytes) -> dict[str, str | int]:
        """Write a file; returns its address and size."""
        stem, dot, suffix = name.rpartition(".")
        self.names[name] = f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}{dot}{suffix}"
        (self.path / self.names[name]).write_bytes(content)
        return {"url": f"./{self.names[name]}", "size": len(content)}

    def add_text(self, source: Path) -> None:
        """Write a file that names others, which were added before, as "./name"."""
        self.add(source.name, self.linked(source).encode())

    def linked(self, source: Path) -> str:
        """The text of a file with the names of others as they are here."""
        names = self.names
        return re.sub(
            r'(?<=")\./([\w.]+)(?=")', lambda m: f"./{names.get(m[1], m[1])}", source.read_text()
        )


def build(out: Path) -> None:
    """Write the page."""
    install_runtime()
    folder = Folder(out)
    colorizer = Colorizer()
    with TemporaryDirectory() as temporary:
        file = Path(temporary) / "model.onnx"
        difference = export(colorizer, file)
        assets = {"model": folder.add("model.onnx", file.read_bytes())}
    for kind, (script, binary) in RUNTIMES.items():
        code = folder.add(script, (RUNTIME / "dist" / script).read_bytes())
        assets[kind] = {
            **folder.add(binary, (RUNTIME / "dist" / binary).read_bytes()),
            "script": code["url"],
        }
    folder.add("hero.jpg", (ROOT / "docs" / "images" / "hero.jpg").read_bytes())
    facts = {**facts_about(colorizer), "ASSETS": {**assets, "samples": samples(folder)}}
    lines = [f"export const {name} = {json.dumps(fact)};" for name, fact in facts.items()]
    folder.add("facts.js", "\n".join(lines).encode())
    for source in (
        WIDGETS / "paint.js",
        WIDGETS / "canvas.js",
        SITE / "guess.js",
        SITE / "metadata.js",
        SITE / "worker.js",
        SITE / "app.js",
        WIDGETS / "canvas.css",
        WIDGETS / "photo_lab.css",
        SITE / "style.css",
        SITE / "icon.svg",
    ):
        folder.add_text(source)
    (out / "index.html").write_text(folder.linked(SITE / "index.html").replace("POLICY", POLICY))
    (out / "notices.txt").write_text(notices())
    large = {name for kind in RUNTIMES.values() for name in kind} | {"model.onnx"}
    # The script of the usual runtime is small, and the page needs it offline.
    large.remove(RUNTIMES["wasm"][0])
    every = [f"./{name}" for name in folder.names.values()]
    shell = [f"./{hashed}" for name, hashed in folder.names.items() if name not in large]
    worker = (SITE / "sw.js").read_text()
    for place, names in {"SHELL": shell, "ALL": every}.items():
        worker = worker.replace(f'["{place}"]', json.dumps(names))
    (out / "sw.js").write_text(worker)
    size = sum(each.stat().st_size for each in out.iterdir())
    print(
        f"{out}: {size / 1e6:.0f} MB. The model's chroma differs from Keras's by {difference:.0e}."
    )


def install_runtime() -> None:
    """Let npm install what package-lock.json names, unless it is there."""
    wanted = json.loads((SITE / "package-lock.json").read_text())["packages"]
    found = SITE / "node_modules" / ".package-lock.json"
    if found.exists() and json.loads(found.read_text())["packages"].items() <= wanted.items():
        return
    if not shutil.which("npm"):
        sys.exit("The page needs Node.js and npm; on Debian and Ubuntu, apt install nodejs npm.")
    subprocess.run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=SITE, check=True
    )


def facts_about(colorizer: Colorizer) -> dict[str, object]:
    """The package's numbers and words that the page uses, as constants of facts.js."""
    return {
        "VERSION": __version__,
        "COLORIZER": {
            "zooms": ZOOMS,
            "side": colorizer.side,
            "multiple": size_multiple(colorizer.generator),
            "cast": colorizer.cast,
            "flat": colorizer.flat,
        },
        "TONE": {
            "points": tone.POINTS,
            "levels": tone.LEVELS,
            "border": tone.BORDER,
            "stray": tone.STRAY,
            "blue": tone.BLUE,
            "strong": tone.STRONG,
            "few": tone.FEW,
        },
        "EXIF": {
            "about": exif.ABOUT,
            "when": exif.WHEN,
            "mark": f"{exif.MARK} {__version__}",
        },
        "ADJUSTMENTS": [
            {
                "name": each.name,
                "label": each.label,
                "scale": each.scale,
                "least": each.least,
                "most": each.most,
                "neutral": round(each.scale * each.neutral),
                "help": each.help,
            }
            for each in ADJUSTMENTS.values()
        ],
        "GROUPS": GROUPS,
        "GRAYS": list(GRAYS),
        "MARKS": MARKS,
        "VIEWS": [
            {"name": name.capitalize(), "seen": seen, "title": title}
            for name, (seen, title) in SEEN.items()
        ],
    }


def samples(folder: Folder) -> list[dict[str, str | int]]:
    """Write the photo lab's samples, which come with scikit-image."""
    written = []
    for name in SAMPLES:
        file = io.BytesIO()
        sample(name).image.save(file, "JPEG", quality=90)
        written.append({"name": name, **folder.add(f"{name}.jpg", file.getvalue())})
    return written


def notices() -> str:
    """The licenses of colorlab and of what the page brings along."""
    version = json.loads((RUNTIME / "package.json").read_text())["version"]
    package = Path(onnxruntime.__file__).parent  # npm's package has no copy of these
    parts = {
        "colorlab": (ROOT / "LICENSE").read_text(),
        f"onnxruntime-web {version}": (package / "LICENSE").read_text(),
        "What onnxruntime contains": (package / "ThirdPartyNotices.txt").read_text(),
        "The sample photos": "They come with scikit-image, whose module skimage.data says who took "
        "them. No copyright restricts their use.\n",
    }
    for file in sorted((SITE / "node_modules").rglob("LICENSE*")):
        parts[str(file.parent.relative_to(SITE / "node_modules"))] = file.read_text()
    return "\n".join(f"==== {title}\n\n{text}" for title, text in parts.items())


if __name__ == "__main__":
    build(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "page")
