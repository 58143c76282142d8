"""Which translations are to be compiled; asked at every start before anything is loaded."""

from pathlib import Path

from django.conf import settings


def stale_locales(*, every: bool = False) -> list[Path]:
    """The .po files that are newer than what was made of them; ``every``: whatever their age."""
    return [
        source
        for source in sorted(settings.ROOT.glob("*/locale/*/LC_MESSAGES/*.po"))
        if every or not _is_made(source, source.with_suffix(".mo"))
    ]


def _is_made(source: Path, target: Path) -> bool:
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime
