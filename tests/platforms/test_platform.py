"""Opening a platform, its blueprint and settings, its state and clock, the directory."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import Field

from kernel import clock, tenancy
from kernel.errors import Invalid, InvalidTransition
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from platforms import facade, sections
from platforms.directory import PlatformDirectory
from platforms.domain import contrast
from platforms.models import DirectoryEntry, Platform
from platforms.services import directory as directory_writer
from platforms.tasks import sync_directory
from tests.factories.platforms import api_client, make_key, make_platform, unique

pytestmark = pytest.mark.django_db
NAMES = {"zh-Hans": "城市商城", "en": "City Retail"}


def open_one(**fields: Any) -> facade.PlatformInfo:
    given = {"code": unique("p"), "names": NAMES, "blueprint": {}} | fields
    return facade.open_platform(**given)


def wrong_fields(error: facade.InvalidBlueprint) -> set[str]:
    return {problem.field for problem in error.problems}


def test_opening_writes_everything() -> None:
    info = open_one(blueprint="corn_wholesale")
    assert info.state == "open"
    assert info.currency == "CNY"
    assert info.settings["sign_in"]["session_days"] == 14
    tenant = tenancy.directory().by_code(info.code)
    assert tenant is not None
    assert (tenant.id, tenant.state, tenant.live) == (info.id, "open", False)
    with tenancy.scope(tenant):
        assert facade.get_platform() == info
        assert OutboxEvent.objects.get().type == "platforms.platform.opened.v1"
        actions = set(AuditRecord.objects.values_list("action", flat=True))
        assert actions == {"platforms.platform.created", "platforms.platform.opened"}


def test_code_is_taken_once() -> None:
    info = open_one()
    with pytest.raises(facade.CodeTaken):
        open_one(code=info.code)


def test_host_is_taken_once() -> None:
    host = f"{unique('shop')}.example"
    open_one(hosts=[host])
    with pytest.raises(facade.CodeTaken) as caught:
        open_one(hosts=[host.upper()])
    assert caught.value.field == "hosts"


def test_opening_goes_on_after_a_crash() -> None:
    """The directory was written, the platform's row wasn't; then the row, but not the state."""
    code = unique("p")
    tenant = directory_writer.enter(
        platform_id=clock_id(), code=code, database="default", live=False, hosts=[]
    )
    assert tenant.state == "opening"
    info = open_one(code=code)
    assert info.id == tenant.id
    DirectoryEntry.objects.filter(id=tenant.id).update(state="opening")
    again = open_one(code=code)
    assert (again.id, again.state) == (info.id, "open")
    with tenancy.scope(tenant):
        assert Platform.objects.count() == 1


def clock_id() -> Any:
    from kernel.ids import uuid7

    return uuid7()


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(facade.InvalidBlueprint) as caught:
        facade.open_platform(
            code="Nice Shop",
            names={"fr": "Ville", "en": " "},
            hosts=["not a host"],
            blueprint={
                "accent": "#9fe0c8",
                "currency": "XXQ",
                "locales": ["de"],
                "colour": "red",
                "sections": {
                    "sign_in": {"session_days": 1000, "speed": 1},
                    "weather": {},
                },
            },
        )
    assert wrong_fields(caught.value) == {
        "code",
        "names.fr",
        "names.en",
        "hosts",
        "accent",
        "currency",
        "locales",
        "colour",
        "sign_in.session_days",
        "sign_in.speed",
        "weather",
    }
    assert not DirectoryEntry.objects.filter(code="Nice Shop").exists()


def test_unknown_preset() -> None:
    with pytest.raises(facade.InvalidBlueprint) as caught:
        open_one(blueprint="moon_retail")
    assert "city_retail" in str(caught.value)


@pytest.mark.parametrize(
    ("accent", "fine"),
    [("#0b6b53", True), ("#ffffff", False), ("#b4791f", False), ("#000000", True)],
)
def test_contrast(accent: str, fine: bool) -> None:
    assert contrast.readable(accent) is fine
    assert contrast.contrast("#000000") == pytest.approx(21)


def test_sections_by_defaults_and_by_schema() -> None:
    name = unique("s")
    facade.register_section(name, defaults={"days": 7, "open": True, "codes": ["a"]})
    assert sections.checked({name: {"days": 9}}) == {name: {"days": 9}}
    with pytest.raises(facade.InvalidBlueprint):
        sections.checked({name: {"days": "soon"}})
    assert sections.complete({name: {"days": 9}})[name] == {
        "days": 9,
        "open": True,
        "codes": ["a"],
    }

    outlived = sections.complete({name: {"days": 9, "gone": 1}, "gone": {"x": 1}})
    assert outlived[name]["days"] == 9
    assert "gone" not in outlived

    class Other(facade.Section):
        rate: int = Field(1, ge=0)

    with pytest.raises(ValueError, match="twice"):
        facade.register_section(name, Other)

    class Lacking(facade.Section):
        rate: int

    with pytest.raises(ValueError, match="rate"):
        facade.register_section(unique("s"), Lacking)


def test_settings_change_and_are_read(platform: Tenant) -> None:
    assert facade.setting("sign_in", "session_days") == 14
    info = facade.change_settings(settings={"sign_in": {"session_days": 3}}, accent="#7A4D0B")
    assert info.settings["sign_in"]["session_days"] == 3
    assert facade.setting("sign_in", "session_days") == 3
    assert facade.get_platform().accent == "#7a4d0b"
    with pytest.raises(facade.InvalidBlueprint):
        facade.change_settings(accent="#eeeeee")
    with pytest.raises(KeyError):
        facade.setting("sign_in", "nothing")


def test_settings_of_two_platforms_are_two(platform: Tenant) -> None:
    facade.change_settings(settings={"sign_in": {"session_days": 3}})
    with tenancy.scope(make_platform()):
        assert facade.setting("sign_in", "session_days") == 14


def test_state_machine() -> None:
    code = open_one().code
    with pytest.raises(InvalidTransition):
        Platform.TRANSITIONS.check("closed", "open")
    assert facade.suspend_platform(code=code, reason="unpaid").state == "suspended"
    assert facade.suspend_platform(code=code, reason="again").state == "suspended"
    assert facade.reopen_platform(code=code).state == "open"
    assert facade.close_platform(code=code, reason="ended").state == "closed"
    with pytest.raises(InvalidTransition):
        facade.reopen_platform(code=code)


def test_clock_moves_on_test_platforms_only() -> None:
    shop = make_platform(clock_offset=timedelta(days=30))
    with tenancy.scope(shop):
        ahead = clock.business() - clock.system()
    assert timedelta(days=29) < ahead < timedelta(days=31)
    live = make_platform(live=True)
    with pytest.raises(Invalid):
        facade.move_clock(code=live.code, offset=timedelta(days=1))
    with pytest.raises(Invalid):
        facade.move_clock(code=shop.code, offset=timedelta(days=10_000))


def test_directory_forgets_after_a_second() -> None:
    now = [100.0]
    reader = PlatformDirectory(clock=lambda: now[0])
    code = unique("p")
    assert reader.by_code(code) is None
    tenant = make_platform(code)
    assert reader.by_code(code) is None  # remembered as absent
    now[0] += 1.01
    assert reader.by_code(code) == tenant
    facade.suspend_platform(code=code, reason="unpaid")
    assert reader.by_code(code) == tenant
    now[0] += 1.01
    found = reader.by_code(code)
    assert found is not None
    assert found.state == "suspended"
    assert reader.by_id(tenant.id) is not None
    assert tenant.id in {each.id for each in reader.all()}


def test_directory_asks_once_a_second(django_assert_num_queries: Any) -> None:
    tenant = make_platform()
    reader = PlatformDirectory(clock=lambda: 1.0)
    with django_assert_num_queries(1):
        for _again in range(50):
            assert reader.by_code(tenant.code) is not None


def test_a_crash_between_row_and_directory_is_mended(platform: Tenant) -> None:
    facade.suspend_platform(code=platform.code, reason="unpaid")
    DirectoryEntry.objects.filter(id=platform.id).update(state="open")
    fresh = PlatformDirectory().by_id(platform.id)
    assert fresh is not None
    assert fresh.state == "open"
    with tenancy.scope(fresh):
        assert sync_directory(None) == {"changed": True}
    assert DirectoryEntry.objects.get(id=platform.id).state == "suspended"


def test_app_role_cannot_delete_from_the_directory(platform: Tenant) -> None:
    from django.db import transaction
    from django.db.utils import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        DirectoryEntry.objects.filter(id=platform.id).delete()


def test_live_platforms_give_live_keys() -> None:
    live = make_platform(live=True)
    with tenancy.scope(live):
        issued = make_key()
        assert issued.raw.startswith("qk_live_")
        assert api_client(issued).get("/merchant").status_code == 200
        test_twin = issued.raw.replace("qk_live_", "qk_test_")
        assert api_client(test_twin).get("/merchant").status_code == 401
