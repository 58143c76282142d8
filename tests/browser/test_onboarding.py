"""Becoming a merchant, on a phone and on a desktop: the applicant's page and the operator's."""

from typing import Any

import pytest

from config.demo.newcomers import CAME, WAITS, welcome
from journeys import facade as journeys
from journeys.services.application_upkeep import open_shops
from kernel import tenancy
from tests.browser.conftest import Visitor
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def enter(visitor: Visitor, person: Any) -> None:
    """Signed in, wherever that leads for who it is."""
    visitor.goto("/sign-in/")
    visitor.page.fill("#id_email", person.email)
    visitor.page.fill("#id_password", PASSWORD)
    with visitor.page.expect_navigation():
        visitor.page.locator("main button[type=submit]").click()


@pytest.mark.parametrize(("name", "options"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_becoming_a_merchant(
    shop: Any, live_server: Any, chromium: Any, name: str, options: dict[str, Any]
) -> None:
    with tenancy.scope(shop["tenant"]):
        boss = make_person(role="operator", password=PASSWORD)
        people = {one: make_person(email=one, password=PASSWORD) for one in (CAME, WAITS)}
        welcome({email: one.id for email, one in people.items()}, boss.id)
        came = journeys.own_application(person_id=people[CAME].id)
        waits = journeys.own_application(person_id=people[WAITS].id)
        assert came is not None
        assert waits is not None
        assert (came.state, waits.state) == ("approved", "in_review")
        assert open_shops() == 1
        welcome({email: one.id for email, one in people.items()}, boss.id)
        fresh = make_person(password=PASSWORD)
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-onboarding", **options)
    enter(visitor, fresh)
    visitor.goto("/account/shop/")
    visitor.shot("form")
    enter(visitor, people[WAITS])
    visitor.goto("/account/shop/")
    visitor.shot("waiting")
    enter(visitor, boss)
    visitor.goto("/operator/applications/")
    visitor.shot("list")
    visitor.goto(f"/operator/applications/{waits.public_id}/")
    visitor.shot("review")
    enter(visitor, people[CAME])
    visitor.goto("/account/shop/")
    visitor.shot("open")
    visitor.goto("/merchant/delivery/")
    visitor.shot("delivery")
    visitor.close()
