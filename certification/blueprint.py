"""This context's section of the platform blueprint on identities."""

from typing import Annotated, Literal

from pydantic import Field

from platforms.facade import Section, register_section

Level = Literal["none", "basic", "verified", "strong"]


class IdentitySection(Section):
    """``require`` is the level of assurance that an action needs (``contract.sign``,
    ``certificate.enrol``, ``merchant.approve``, or any other that a context asks about).
    ``months``: how long a verification holds. ``remind_days`` before its end its owner is told.
    ``keep_years``: how long after its end a verified identity can't be erased (电子签名法
    art. 24)."""

    require: dict[str, Level] = {}
    months: Annotated[int, Field(ge=1, le=120)] = 24
    remind_days: Annotated[int, Field(ge=1, le=180)] = 30
    keep_years: Annotated[int, Field(ge=0, le=30)] = 5


register_section("identity", IdentitySection)
