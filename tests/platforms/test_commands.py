"""Commands of the deployment's operators."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kernel import mail, tenancy
from platforms import facade
from tests.factories.platforms import api_client, enrol, make_person, make_platform, unique

pytestmark = pytest.mark.django_db


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_opening_a_platform_with_its_first_operator() -> None:
    code = unique("p")
    told = run(
        *("open_platform", code, "--name", "玉米批发", "--name-en", "Corn"),
        *("--blueprint", "corn_wholesale", "--operator", "op@people.example", "--operator-key"),
    )
    assert f"/p/{code}/" in told
    key = re.search(r"qk_test_\S+", told)
    assert key
    assert api_client(key[0]).get("/merchants").status_code == 200
    tenant = tenancy.directory().by_code(code)
    assert tenant is not None
    with tenancy.scope(tenant):
        assert mail.letters().items[0].to == "op@people.example"


def test_mistakes_are_named() -> None:
    with pytest.raises(CommandError) as caught:
        run("open_platform", "Bad Code", "--name", "x", "--host", "no host")
    assert "code:" in str(caught.value)
    assert "hosts:" in str(caught.value)


def test_states() -> None:
    shop = make_platform()
    with pytest.raises(CommandError, match="reason"):
        run("platform_state", shop.code, "suspend")
    assert "suspended" in run("platform_state", shop.code, "suspend", "--reason", "unpaid")
    assert "open" in run("platform_state", shop.code, "reopen")
    with pytest.raises(CommandError):
        run("platform_state", "nowhere", "reopen")


def test_the_last_chief_operator_who_lost_the_second_factor() -> None:
    shop = make_platform()
    with tenancy.scope(shop):
        last = make_person(role="operator")
        enrol(last.id)
    command = ("reset_second_factor", shop.code)
    with pytest.raises(CommandError, match="reason"):
        run(*command, last.email)
    with pytest.raises(CommandError):
        run(*command, "nobody@people.example", "--reason", "lost")
    with tenancy.scope(shop):
        assert facade.has_second_factor(last.id)
    assert last.public_id in run(*command, last.email, "--reason", "lost, seen in person")
    with tenancy.scope(shop):
        assert not facade.has_second_factor(last.id)
