"""Sphinx settings of the manual; tools/manual.sh builds it and sets `release`."""
import re
from importlib.util import find_spec
from pathlib import Path

project = "voxode"
html_theme = "furo"
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
# Formulas must not need another site. This one file of MathJax has fonts and all extensions in it.
mathjax_file = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static/mathjax/tex-svg-full.js"
mathjax_path = mathjax_file.name
html_static_path = ["manual.css", str(mathjax_file)]
html_css_files = ["manual.css"]

extensions = ["myst_parser"]
myst_enable_extensions = ["amsmath", "deflist", "dollarmath"]
myst_heading_anchors = 3

nitpicky = True  # a reference to nothing is an error
smartquotes = False  # options begin with two hyphens
highlight_language = "none"  # of blocks that name none: commands and what they print


def link_other_pages(app, docname, source):
    """Markdown files outside the manual are no pages of it: links to them become downloads."""
    source[0] = re.sub(r"\[`?([^\]`]+)`?\]\((\.\./[^)#]+\.md)(?:#[^)]*)?\)", r"{download}`\1 <\2>`", source[0])


def setup(app):
    app.connect("source-read", link_other_pages)
