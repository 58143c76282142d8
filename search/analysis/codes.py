"""Article numbers and barcodes (货号, 条码): whole, or any part from three characters."""

from search.analysis.normal import normalise


def code_token(code: str) -> str:
    """A code without case and separators: ``CORN-2025/A1`` -> ``corn2025a1``."""
    return "".join(c for c in normalise(code).lower() if c.isalnum())[:64]


def code_parts(token: str) -> list[str]:
    """The trigrams of a code's token, in order, each once."""
    return list(dict.fromkeys(token[i : i + 3] for i in range(len(token) - 2)))
