"""Build the photo lab as a folder of static files that needs only a browser.

    python scripts/page.py

writes build/page anew, from site/ and from colorlab itself: the model that ships, the
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
from typing import Any

from colorlab import Colorizer, __version__
from colorlab.color import tone
from colorlab.color.adjustments import ADJUSTMENTS
from colorlab.colorizer import ZOOMS
from colorlab.lab.widgets.desk import MARKS, SEEN
from colorlab.lab.widgets.opener import SAMPLES, sample
from colorlab.lab.widgets.sliders import GRAYS, GROUPS
from colorlab.model.network import SHIPPED, WEIGHTS, import_onnxruntime, shipped_network
from colorlab.photos import exif

ROOT = Path(__file__).parents[1]
SITE = ROOT / "site"
SOURCES = (SITE, ROOT / "colorlab" / "lab" / "widgets", ROOT / "docs" / "images")
PLAIN = ("sw.js", "notices.txt")  # files whose names stay as they are
RUNTIME = SITE / "node_modules" / "onnxruntime-web"
# Scripts from npm, and the WebAssembly that each runs.
RUNTIMES = {
    "wasm": ("ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"),
    "gpu": ("ort.webgpu.bundle.min.mjs", "ort-wasm-simd-threaded.asyncify.wasm"),
}
# What only the first photo needs, or a browser with WebGPU; sw.js does not keep it beforehand.
LARGE = ("model.onnx", RUNTIMES["wasm"][1], *RUNTIMES["gpu"])
# Nothing comes from elsewhere, and nothing goes there. WebAssembly is compiled, no text is run.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; "
    "base-uri 'none'; form-action 'none'; object-src 'none'"
)


class Folder:
    """A folder of files whose names carry hashes, so that browsers may keep them forever."""

    def __init__(self, path: Path) -> None:
        """Begin with an empty folder."""
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        self.path = path
        self.names: dict[str, str] = {}  # name → name with the hash

    def add(self, name: str, content: bytes) -> dict[str, Any]:
        """Write a file; returns its address and size."""
        stem, dot, suffix = name.rpartition(".")
        self.names[name] = f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}{dot}{suffix}"
        (self.path / self.names[name]).write_bytes(content)
        return {"url": f"./{self.names[name]}", "size": len(content)}

    def linked(self, source: Path) -> str:
        """The text of a source in which every "./name" has its hash; what it names is added."""

        def link(match: re.Match[str]) -> str:
            name = match[1]
            if name not in self.names and name not in PLAIN:
                (found,) = (folder / name for folder in SOURCES if (folder / name).exists())
                picture = found.suffix == ".jpg"
                content = found.read_bytes() if picture else self.linked(found).encode()
                self.add(name, content)
            return f"./{self.names.get(name, name)}"

        return re.sub(r'(?<=")\./([\w.]+)(?=")', link, source.read_text())


def build(out: Path) -> None:
    """Write the page."""
    install_runtime()
    folder = Folder(out)
    colorizer = Colorizer()
    assets: dict[str, Any] = {"samples": samples(folder)}
    for kind, names in RUNTIMES.items():
        script, binary = (
            folder.add(each, (RUNTIME / "dist" / each).read_bytes()) for each in names
        )
        assets[kind] = {**binary, "script": script["url"]}
    assets["model"] = folder.add("model.onnx", (WEIGHTS / f"{SHIPPED}.onnx").read_bytes())
    facts = {**facts_about(colorizer), "ASSETS": assets}
    lines = [f"export const {name} = {json.dumps(fact)};\n" for name, fact in facts.items()]
    folder.add("facts.js", "".join(lines).encode())
    (out / "index.html").write_text(folder.linked(SITE / "index.html").replace("POLICY", POLICY))
    (out / "notices.txt").write_text(notices())
    every = {name: f"./{hashed}" for name, hashed in folder.names.items()}
    shell = [each for name, each in every.items() if name not in LARGE]
    worker = (SITE / "sw.js").read_text()
    worker = worker.replace('["SHELL"]', json.dumps(shell))
    worker = worker.replace('["ALL"]', json.dumps([*every.values()]))
    (out / "sw.js").write_text(worker)
    size = sum(each.stat().st_size for each in out.iterdir())
    print(f"{out}: {size / 1e6:.0f} MB")


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
            "multiple": shipped_network().multiple,
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


def samples(folder: Folder) -> list[dict[str, Any]]:
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
    package = Path(import_onnxruntime().__file__ or "").parent  # npm's package has no copy of these
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
    build(ROOT / "build" / "page")
