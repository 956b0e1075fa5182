"""How Sphinx makes the book: the lessons and the pages of docs/, as a site that works offline."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from sphinx.application import Sphinx

from colorlab.quiet import import_keras

import_keras()  # autodoc needs it; without its log lines, the output shows only what is wrong

project = "colorlab"
copyright = "the colorlab authors"

# The source folder is the whole repository, so that relative links work here as on GitHub.
root_doc = "docs/index"
include_patterns = [
    "*.md",
    "docs/**",
    "notebooks/*",
    "data/README.md",
    "benchmarks/README.md",
    "colorlab/model/weights/*.md",
]
# Sphinx would search these folders, too, and users may keep a million photos there.
exclude_patterns = [".*", "build", "data/photos", "data/runs", "runs", "site"]
extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
]
myst_enable_extensions = ["dollarmath", "html_image"]
myst_heading_anchors = 4
highlight_language = "bash"  # of indented blocks

# By default, Sphinx loads MathJax from another site. This one file of it needs no fonts.
mathjax_path = "tex-svg.js"
mathjax = files("sphinx-mathjax-offline") / "static" / "mathjax" / mathjax_path

# The lessons show their committed outputs. In place of a widget, its picture or text is shown: the
# scripts of ipywidgets would come from another site.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}
nb_code_prompt_show = "Show the {type}"
nb_code_prompt_hide = "Hide the {type}"
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]

default_role = "code"
add_module_names = False
maximum_signature_line_length = 80
autoclass_content = "both"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
autodoc_default_options = {
    "members": True,
    # Only Keras calls these.
    "exclude-members": "get_config, from_config, get_compile_config, compile_from_config, "
    "save_own_variables, load_own_variables",
}
napoleon_custom_sections = ["Source"]
napoleon_attr_annotations = False
nitpick_ignore_regex = [("py:(class|obj)", ".*")]  # types in signatures; most have no page here

html_theme = "furo"
html_title = "colorlab"
html_static_path = ["accessible.js", "book.css", str(mathjax)]
html_css_files = ["book.css"]
html_js_files = [("accessible.js", {"defer": "defer"})]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # a page opened from a disk may not read the others
pygments_dark_style = "a11y-dark"


def colors(accent: str) -> dict[str, str]:
    """The theme's own colors, except for one accent."""
    return {
        "color-brand-primary": accent,
        "color-brand-content": accent,
        "color-admonition-title": accent,
        "color-admonition-title-background": f"{accent}22",
        "mystnb-source-margin-color": accent,
    }


html_theme_options = {
    "light_css_variables": colors("#0072b2"),
    "dark_css_variables": colors("#56b4e9"),
    "top_of_page_buttons": [],
}

FORWARD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>colorlab</title>
<meta http-equiv="refresh" content="0; url=docs/index.html"></head>
<body><a href="docs/index.html">colorlab</a></body></html>
"""


def describe_pictures(app: Sphinx, page: str, content: list[str]) -> None:
    """Copy each picture's alt text and width to its cell, where MyST-NB looks for them."""
    if not page.startswith("notebooks/"):
        return
    notebook = json.loads(content[0])
    for cell in notebook["cells"]:
        image = {"alt": "The picture that this cell shows"}
        for output in cell.get("outputs", []):
            for picture in output.get("metadata", {}).values():
                image["alt"] = picture.get("alt", image["alt"])
                if "width" in picture:  # the picture itself has twice as many pixels
                    image["width"] = f"{picture['width']}px"
        cell["metadata"]["mystnb"] = {"image": image}
    content[0] = json.dumps(notebook)


def forward(app: Sphinx, problem: Exception | None) -> None:
    """Let the folder that holds the book open at its first page."""
    Path(app.outdir, "index.html").write_text(FORWARD)


def setup(app: Sphinx) -> None:
    """Connect the functions above; Sphinx calls this."""
    app.connect("source-read", describe_pictures)
    app.connect("build-finished", forward)
