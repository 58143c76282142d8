"""The journeys' section of a platform's blueprint."""

from typing import Annotated

from pydantic import Field

from platforms.facade import Section, register_section


class JourneysSection(Section):
    """How long a buyer may take to pay, in minutes, while the goods are held."""

    payment_minutes: Annotated[int, Field(ge=2, le=1440)] = 30


register_section("journeys", JourneysSection)
