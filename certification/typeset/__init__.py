"""Typesetting contracts (合同排版): strings in, PDF/A out, in a process with limits."""

from certification.typeset.render import (
    Place,
    Rendered,
    TypesetFailed,
    inspect_pdf,
    page_picture,
    render,
)

__all__ = ["Place", "Rendered", "TypesetFailed", "inspect_pdf", "page_picture", "render"]
