"""Every route answers an id of another platform exactly as one that doesn't exist."""

import json

import pytest

from config.api import api
from kernel import tenancy
from kernel.api import OPERATIONS, Operation
from tests.factories.platforms import ApiClient
from tests.tenancy.calls import Slot, absent, own, send, shown, slots, told
from tests.tenancy.prefixes import PREFIXES
from tests.tenancy.town import CALLERS
from tests.tenancy.towns import Towns

assert api  # its import registers every route
PLAIN = [operation for operation in OPERATIONS if not operation.raw]
# Reads first: an upsert by B's external id makes A a row of its own under it.
WITH = sorted((o for o in PLAIN if slots(o)), key=lambda o: o.method != "GET")
WITHOUT = [o for o in PLAIN if all(slot.place == "query" for slot in slots(o))]
LISTS = [
    operation
    for operation in PLAIN
    if operation.method == "GET"
    and "{" not in operation.path
    and operation.path != "/shipping/quotes"  # needs a merchant's id
    and operation.response is not None  # a file
]


def name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def caller(towns: Towns, who: str) -> ApiClient:
    return ApiClient(code=towns.a.tenant.code, raw_key=towns.a.keys[who])


def fillings(towns: Towns, operation: Operation) -> list[tuple[set[Slot], dict[Slot, str]]]:
    """Which slots get B's id, and what the others hold: first all, then each beside A's own."""
    found = slots(operation)
    cases: list[tuple[set[Slot], dict[Slot, str]]] = [(set(found), {})]
    if len(found) > 1:
        cases += [
            ({slot}, {other: own(towns.a, other) for other in found if other != slot})
            for slot in found
        ]
    return cases


def test_the_walk_reaches_every_kind_of_id() -> None:
    known = {slot.prefix for operation in WITH for slot in slots(operation)}
    # Named in answers only.
    assert set(PREFIXES) - known <= {"aud", "cpr", "eni", "evt", "plt", "rsv", "stk", "sus", "tst"}
    missed = [
        name(operation) for operation in PLAIN if "{" in operation.path and not slots(operation)
    ]
    assert set(missed) == {
        "GET /ocsp/{path:question}",  # its question names certificates by serial
        "GET /certificate-profiles/{profile}",  # the same codes on every platform
        "GET /certificate-profiles/{profile}/versions",
        "PATCH /certificate-profiles/{profile}",
        "GET /payments/providers/{name}",  # the same name on every platform
        "PUT /payments/providers/{name}",
    }


def walk_with_ids(towns: Towns, theirs: set[str], operation: Operation) -> None:
    """Each caller of A sends B's ids and absent ones; the answers must be the same."""
    for who in CALLERS:
        client = caller(towns, who)
        for foreign, beside in fillings(towns, operation):
            headers = towns.a.headers if beside else towns.b.headers
            texts = []
            for missing in (True, False):
                sent = {s: absent(s) if missing else own(towns.b, s) for s in foreign}
                answer = send(client, operation, beside | sent, headers)
                assert answer.status_code < 500, answer.content.decode(errors="replace")
                texts.append(shown(answer, sent))
                if not missing:
                    given = told(json.dumps(list(sent.values())))
                    assert told(answer.content.decode(errors="replace")) & theirs <= given, who
            slots_sent = sorted(str(slot.name) for slot in foreign)
            assert texts[0] == texts[1], f"{name(operation)} as {who}: {slots_sent}"


def walk_without_ids(towns: Towns, theirs: set[str], operation: Operation) -> None:
    """Each caller of A asks for what takes no id; nothing of B may be in the answer."""
    for who in CALLERS:
        for headers in ({}, towns.b.headers):
            answer = send(caller(towns, who), operation, {}, headers)
            assert answer.status_code < 500, answer.content.decode(errors="replace")
            found = told(answer.content.decode(errors="replace")) & theirs
            assert found == set(), f"{name(operation)} as {who}"


def test_lists_are_not_empty(towns: Towns) -> None:
    """What the tests below read isn't nothing: A's callers do see A's rows there, before the
    walk changes them."""
    seen, empty = 0, []
    for operation in LISTS:
        answers = [send(caller(towns, who), operation, {}, towns.a.headers) for who in CALLERS]
        good = [answer.json() for answer in answers if answer.status_code == 200]
        if any(found.get("data", True) for found in good):
            seen += 1
        else:
            empty.append(name(operation))
    assert empty == []
    assert seen > 20


@pytest.mark.parametrize("guard", ["policies", "scoping"])
def test_one_guard_alone_holds(
    request: pytest.FixtureRequest, towns: Towns, theirs: set[str], guard: str
) -> None:
    """All routes once more with row-level security alone, and with the ORM's scoping alone."""
    request.getfixturevalue("no_scoping" if guard == "policies" else "no_policies")
    wrong = []
    for operation in PLAIN:
        # Upserts by B's own id make A a row; they come once, below.
        if operation.method != "GET" and "{external_id}" in operation.path:
            continue
        walk = walk_without_ids if operation in WITHOUT else walk_with_ids
        try:
            walk(towns, theirs, operation)
        except AssertionError as error:
            wrong.append(str(error)[:300])
    assert wrong == []


def test_the_walk_would_see_a_leak(
    towns: Towns, theirs: set[str], no_policies: None, no_scoping: None
) -> None:
    """With both guards off, reads do answer differently: the walk isn't blind."""
    seen = []
    for operation in PLAIN:
        if operation.method == "GET":
            walk = walk_without_ids if operation in WITHOUT else walk_with_ids
            try:
                walk(towns, theirs, operation)
            except AssertionError:
                seen.append(name(operation))
    assert len(seen) > 25, seen


@pytest.mark.parametrize("operation", WITH, ids=name)
def test_answers_as_for_an_absent_id(towns: Towns, theirs: set[str], operation: Operation) -> None:
    walk_with_ids(towns, theirs, operation)


@pytest.mark.parametrize("operation", WITHOUT, ids=name)
def test_routes_without_ids_tell_nothing_of_the_other(
    towns: Towns, theirs: set[str], operation: Operation
) -> None:
    walk_without_ids(towns, theirs, operation)


# Looking at a paper or into a contract, or fetching a copy, is written down; a code opens a really
# signed one only.
LOOKED_INTO = ("document", "evidence", "terms")
NOT_OPENED = (
    "/papers/{paper_id}",
    "/documents/{document_id}",  # an applicant's, by the operator or the applicant alone
    "/exports/{export_id}/content",
    "/verifications/{code}",
    *(f"/inspection/{what}" for what in LOOKED_INTO),
)


def test_a_known_id_is_answered(towns: Towns, b_acts: None) -> None:
    """The ids that the walk asks for would open something on their own platform."""
    client = ApiClient(code=towns.b.tenant.code, raw_key=towns.b.keys["operator"])
    merchant = ApiClient(code=towns.b.tenant.code, raw_key=towns.b.keys["merchant"])
    guest = ApiClient(code=towns.b.tenant.code)
    failed = []
    for operation in WITH:
        if operation.method != "GET" or "{" not in operation.path:
            continue
        if operation.path.endswith(NOT_OPENED):
            continue
        who = (
            client if "operator" in operation.audience
            else merchant if "merchant" in operation.audience
            else guest
        )  # fmt: skip
        ids = {slot: own(towns.b, slot) for slot in slots(operation) if slot.place == "path"}
        answer = send(who, operation, ids, towns.b.headers)
        if answer.status_code != 200:
            failed.append((name(operation), answer.status_code))
    assert failed == []


def test_keys_of_another_platform_open_nothing(towns: Towns) -> None:
    for who in ("operator", "merchant", "buyer"):
        client = ApiClient(code=towns.a.tenant.code, raw_key=towns.b.keys[who])
        for operation in LISTS:
            answer = send(client, operation, {}, {})
            assert answer.status_code == 401, name(operation)
    assert tenancy.current_or_none() is None
