"""A shop whose staff has roles, with one clerk in its warehouse; and the platform's own roles."""

from typing import Any
from uuid import UUID

from platforms import facade as platforms
from platforms.facade import Role

CLERK, CLERK_NAME = "warehouse@example.com", "Sun Qiang"
SHOP_ROLES = {"仓库": "warehouse", "客服": "service", "财务": "finance"}
PLATFORM_ROLES = {"商户审核": "reviewers", "客服": "support"}


def make_roles(merchant_id: UUID | None) -> dict[str, UUID]:
    """The roles by name, made where they are missing."""
    desk, wanted = ("merchant", SHOP_ROLES) if merchant_id else ("operator", PLATFORM_ROLES)
    presets = {one.code: one.permissions for one in platforms.presets_of(desk)}
    there = {one.name: one.id for one in platforms.staff_roles(merchant_id=merchant_id).items}
    for name, preset in wanted.items():
        if name not in there:
            made = platforms.create_staff_role(
                name=name, permissions=presets[preset], merchant_id=merchant_id
            )
            there[name] = made.id
    return there


def hire_clerk(merchant_id: UUID, *, password: str, **more: Any) -> UUID:
    """Somebody who works in the shop's warehouse and sees nothing else; safe to run again."""
    role = make_roles(merchant_id)["仓库"]
    try:
        person_id = platforms.create_person(
            email=CLERK, name=CLERK_NAME, password=password, **more
        ).id
    except platforms.EmailTaken:
        person_id = platforms.person_by_email(CLERK).id
    platforms.grant_role(
        person_id=person_id, role=Role.MERCHANT_STAFF, merchant_id=merchant_id, staff_role_id=role
    )
    return person_id
