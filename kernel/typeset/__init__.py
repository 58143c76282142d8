"""Typesetting documents (排版): strings in, PDF/A out, in a process with limits."""

from kernel.typeset.render import (
    Place,
    Rendered,
    TypesetFailed,
    inspect_pdf,
    page_picture,
    pictures,
    render,
)

__all__ = [
    "Place",
    "Rendered",
    "TypesetFailed",
    "inspect_pdf",
    "page_picture",
    "pictures",
    "render",
]
