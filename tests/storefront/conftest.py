"""Pages are read in both languages, so the translations are compiled first."""

import fcntl
import os
from pathlib import Path

import pytest
from django.utils.translation import trans_real


@pytest.fixture(scope="session", autouse=True)
def compiled_translations() -> None:
    from config.preparing import compile_locales

    # Parallel test processes share the files.
    with (Path(os.environ["QC_TEST_DATA_DIR"]) / "locales.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        compile_locales()
    trans_real._translations.clear()  # type: ignore[attr-defined]
