"""A signed-in operator, in the shape that the raw tables' pages expect of a user."""

from uuid import UUID

from django.db.models import Model


class Viewer:
    """An operator as the admin's pages want to see a user."""

    is_active = is_staff = is_authenticated = True
    is_anonymous = is_superuser = False
    email = ""

    def __init__(self, person_id: UUID, name: str) -> None:
        self.pk = self.id = person_id
        self.name = name

    def get_username(self) -> str:
        return self.name

    get_full_name = get_short_name = get_username

    def has_usable_password(self) -> bool:
        return False

    def has_module_perms(self, label: str) -> bool:
        return True

    def has_perm(self, name: str, obj: Model | None = None) -> bool:
        return name.partition(".")[2].startswith("view_")
