"""Pages are read in both languages, so the translations are compiled first."""

import pytest
from django.core.management import call_command
from django.utils.translation import trans_real


@pytest.fixture(scope="session", autouse=True)
def compiled_translations() -> None:
    call_command("compile_locales", verbosity=0)
    trans_real._translations.clear()  # type: ignore[attr-defined]
