"""This context's own section of the blueprint."""

from typing import Annotated, Literal

from pydantic import Field

from platforms.sections import Section, register_section


class SignInSection(Section):
    """How people sign in. ``second_factor`` is required of: nobody, operators, or operators and
    merchants' people (``staff``). ``confirm_changes``: what changes of payout accounts, keys and
    providers ask for, a password and a second factor (``required``), or the factor only of whoever
    has one (``if_present``). ``erasure_days``: so long a person can
    take back the wish to be erased (15 working days at most by rule)."""

    session_days: Annotated[int, Field(ge=1, le=90)] = 14
    attempts: Annotated[int, Field(ge=3, le=100)] = 10
    window_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    lockout_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    invitation_days: Annotated[int, Field(ge=1, le=60)] = 7
    reset_minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    erasure_days: Annotated[int, Field(ge=0, le=30)] = 7
    second_factor: Literal["optional", "operators", "staff"] = "optional"
    confirm_changes: Literal["required", "if_present"] = "required"


register_section("sign_in", SignInSection)
