"""The corn contract: 200 t of yellow corn sold over HTTP, from two identities to the evidence.

Both companies prove who they are and get certificates, the seller drafts from a template, they
agree after one counter-offer, both owners sign with a code of their app, then an amendment moves
the delivery. The evidence packages are kept in DATA_DIR/evidence.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyotp
from django.conf import settings

from config.demo.api import Api, Refused
from config.demo.goods import CORN_SHOP, FEED_MILL, Shop
from config.demo.pictures import picture
from config.demo.progress import Progress
from config.demo.seed import CORN_MARKET

Say = Callable[[str], None]
PATIENCE = 90.0
STEP = 30  # seconds of an app's code
TONNES, FIRST_PRICE, AGREED_PRICE = 200, 231_500, 231_000  # fen a tonne


def corn(price: int, first: datetime) -> dict[str, Any]:
    """The contract's values at ``price`` fen a tonne, delivered from ``first`` on."""
    total = TONNES * price
    return {
        "grade": "2", "crop_year": "2026", "origin": "吉林省公主岭市",
        "quantity": {"value": str(TONNES), "unit": "TNE"}, "tolerance": "1",
        "unit_price": {"amount": price, "currency": "CNY"},
        "total": {"amount": total, "currency": "CNY"},
        "moisture": "14.0", "bulk_density": "690", "impurity": "1.0", "imperfect": "8.0",
        "mould": "2.0", "warehouse": "公主岭一号粮库", "delivery_from": day(first, 5),
        "delivery_to": day(first, 30), "delivery_mode": "receipt", "inspector": "吉林省粮油检验站",
        "payment_days": "5", "deposit": {"amount": total // 10, "currency": "CNY"},
        "breach_rate": "0.5", "breach_share": "10", "dispute": "changchun",
    }  # fmt: skip


def day(first: datetime, after: int) -> str:
    """A date so many days after ``first``."""
    return f"{first + timedelta(days=after):%Y-%m-%d}"


@dataclass
class Side:
    """A company at the table: its role, what is written in its licence, its owner's client."""

    role: str
    shop: Shop
    number: str
    representative: str
    api: Api


class Deal:
    """The contract told step by step; each write has a key that outlives a kill."""

    def __init__(
        self,
        progress: Progress,
        say: Say,
        *,
        client: Callable[[str], Api],
        folder: Path,
        pause: Callable[[], None] = lambda: time.sleep(0.5),
    ) -> None:
        """``client`` makes a caller of the corn market's API from a key; ``pause`` passes the time
        between two looks at what others have to do."""
        self.progress, self.say, self.folder, self.pause = progress, say, folder, pause
        self.operator = client(progress[f"api:{CORN_MARKET}:operator"])
        self.number = 0
        keys = {shop.code: progress[f"api:{CORN_MARKET}:owner:{shop.code}"]
                for shop in (CORN_SHOP, FEED_MILL)}  # fmt: skip
        # Well-formed numbers of nobody: the check sign is right, the region is, the body isn't.
        self.seller = Side(
            "seller", CORN_SHOP, "93220184MA0DEM001R", "孙立国", client(keys["coop"])
        )
        self.buyer = Side("buyer", FEED_MILL, "91220101MA0DEM002U", "陈静", client(keys["mill"]))
        self.sides = (self.seller, self.buyer)

    def step(self, who: str, what: str) -> None:
        self.number += 1
        self.say(f"  {self.number:>2}. {who:<9} {what}")

    def run(self) -> None:
        for side in self.sides:
            self.identify(side)
        for side in self.sides:
            self.certify(side)
            self.set_up_app(side)
        contract = self.negotiate()
        self.sign(contract)
        self.keep_evidence("contract", contract)
        amendment = self.amend(contract)
        self.sign(amendment)
        self.keep_evidence("amendment", amendment)

    def identify(self, side: Side) -> None:
        """Stated, licence uploaded, found in the register by the provider, approved."""
        api, key = side.api, self.key(side)
        stated = {
            "name": side.shop.zh, "number_kind": "credit_code", "number": side.number,
            "representative": side.representative,
        }  # fmt: skip
        if "stated" not in self.progress.facts.get(f"deal:{side.role}", ""):
            api.put("/identity", stated, key=key("identity"))
            licence = picture("sack", 3)
            api.send(
                "/identity/papers?kind=business_licence", licence, "image/jpeg", key=key("licence")
            )
            api.post("/identity/submit", {"of": "merchant"}, key=key("submit"))
            self.progress.keep(f"deal:{side.role}", "stated")
        found = self.until(lambda: api.get("/identity"), "state", {"in_review", "verified"})
        if found["state"] == "in_review":
            where = f"/identities/{found['id']}"
            self.operator.post(f"{where}/claim", key=key("claim"))
            found = self.operator.post(f"{where}/approve", key=key("approve"))
        self.step(side.role, f"is {found['name']} ({found['number']}): {found['level']}")

    def certify(self, side: Side) -> None:
        """A P-256 certificate to sign PDFs, an SM2 one for the national signature and the seal."""
        key = self.key(side)
        made = {}
        for algorithm in ("p256", "sm2"):
            body = {"profile": "organization", "algorithm": algorithm}
            where = f"/certificates/by-external-id/demo-{algorithm}"
            try:
                made[algorithm] = side.api.put(where, body, key=key(algorithm))
            except Refused as error:
                if algorithm == "p256" or "sm2" not in str(error):
                    raise
                self.say("      (no SM2 on this system: signed with P-256 alone)")
        ids = " and ".join(sorted(made)).upper().replace("P256", "P-256").replace("AND", "and")
        until = made["p256"]["not_after"][:10]
        self.step(side.role, f"gets certificates ({ids}) of the test authority until {until}")
        if "sm2" in made:
            self.seal(side, made["sm2"]["id"])

    def seal(self, side: Side, certificate: str) -> None:
        """The company's contract seal, made by the operator."""
        key = self.key(side)
        body = {"kind": "contract", "name": side.shop.zh, "certificate": certificate,
                "external_id": "demo-seal"}  # fmt: skip
        made = self.progress.once(
            f"seal:{side.role}", lambda: side.api.post("/seals", body, key=key("seal"))["id"]
        )
        self.operator.post(f"/seals/{made}/make", key=key("make"))

    def set_up_app(self, side: Side) -> None:
        """The owner's authenticator app."""
        key, name = self.key(side), f"app:{side.role}"
        if side.api.get("/second-factor")["enrolled"]:
            return
        sure = {"password": self.progress["password"]}
        begun = side.api.post("/second-factor", sure, key=key(f"begin:{uuid4().hex}"))
        self.progress.keep(name, begun["secret"])
        side.api.post("/second-factor/activate", {"code": self.code(side)}, key=uuid4().hex)

    def code(self, side: Side) -> str:
        return app_code(self.progress, side.role)

    def negotiate(self) -> str:
        """Drafted by the seller, answered by the buyer with a lower price, agreed."""
        seller, buyer = self.seller.api, self.buyer.api
        first = datetime.now(UTC)
        template = next(
            row for row in seller.get("/contract-templates", state="published", limit=100)["data"]
            if row["code"] == "corn_sale"
        )  # fmt: skip
        values = self.progress.once("deal:values", lambda: corn(FIRST_PRICE, first))
        parties = [{"role": side.role, "merchant": side.api.get("/identity")["merchant"]}
                   for side in self.sides]  # fmt: skip
        body = {"template": template["id"], "drafter": "seller", "parties": parties,
                "values": values, "external_id": "demo-corn-200t"}  # fmt: skip
        contract = self.progress.once(
            "contract",
            lambda: seller.post("/contracts", body, key=self.progress.key("draft"))["id"],
        )
        found = seller.get(f"/contracts/{contract}")
        if found["state"] == "draft":
            found = seller.post(f"/contracts/{contract}/proposals", key=self.progress.key("offer"))
        self.step("seller", f"drafts {found['number']} “{found['title']}”: 200 t at ¥2,315.00")
        if found["round"] == 1:
            lower = {**values, **prices(AGREED_PRICE)}
            answer = {"values": lower, "message": "按挂牌价 2310 元/吨。", "round": 1}
            buyer.post(f"/contracts/{contract}/proposals", answer, key=self.progress.key("answer"))
        self.step("buyer", "answers with ¥2,310.00 a tonne, ¥462,000.00 in all")
        if seller.get(f"/contracts/{contract}")["state"] == "negotiating":
            seller.post(
                f"/contracts/{contract}/agree", {"round": 2}, key=self.progress.key("agree")
            )
        self.step("seller", "agrees; the document is set and frozen")
        return str(contract)

    def amend(self, contract: str) -> str:
        """The buyer asks for five days more; drafted, proposed, agreed."""
        buyer, key = self.buyer.api, self.progress.key
        late = datetime.strptime(self.progress["deal:values"]["delivery_to"], "%Y-%m-%d")
        body = {"values": {"delivery_to": day(late, 5)}, "external_id": "demo-corn-later"}
        made = self.progress.once(
            "amendment",
            lambda: buyer.post(f"/contracts/{contract}/amendments", body, key=key("amend"))["id"],
        )
        found = buyer.get(f"/contracts/{made}")
        if found["state"] == "draft":
            found = buyer.post(f"/contracts/{made}/proposals", key=key("offer_later"))
        self.step("buyer", f"proposes the amendment {found['number']}: delivery five days later")
        if found["state"] == "negotiating":
            self.seller.api.post(f"/contracts/{made}/agree", {"round": 1}, key=key("agree_later"))
        return str(made)

    def sign(self, contract: str) -> None:
        """Both owners sign what they were shown, each with a code of this moment."""
        where = f"/contracts/{contract}"
        if self.seller.api.get(where)["state"] == "agreed":
            self.seller.api.post(f"{where}/open-signing", key=uuid4().hex)
        for side in self.sides:
            found = side.api.get(where)
            mine = side.api.get("/identity")["merchant"]
            party = next(one for one in found["parties"] if one["merchant"] == mine)
            if party["signed_at"] is None:
                body = {"sha256": found["agreed_sha256"], "code": self.code(side)}
                seal = self.progress.facts.get(f"seal:{side.role}")
                body |= {"seal": seal} if seal else {}
                found = self.signed(side, where, body)
            self.step(side.role, f"signs {found['number']} with a code of the owner's app")

    def signed(self, side: Side, where: str, body: dict[str, Any]) -> dict[str, Any]:
        """The signature; one that a killed start left under way is waited for. Raises Refused."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return side.api.post(f"{where}/sign", body, key=uuid4().hex)
            except Refused as error:
                if "signing_in_progress" not in str(error) or time.monotonic() > deadline:
                    raise
                self.pause()
                body = {**body, "code": self.code(side)}

    def keep_evidence(self, name: str, contract: str) -> None:
        """Download the evidence package once it is made."""
        deadline = time.monotonic() + PATIENCE
        while (content := self.seller.api.download(f"/evidence/{contract}")) is None:
            if time.monotonic() > deadline:
                raise Refused(f"There is no evidence package after {PATIENCE:.0f} s.")
            self.pause()
        number = self.seller.api.get(f"/contracts/{contract}")["number"]
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{number}.zip"
        path.write_bytes(content)
        self.progress.keep(f"evidence:{name}", str(path))
        self.step("seller", f"downloads the evidence package {path} ({len(content) // 1024} KB)")

    def until(
        self, ask: Callable[[], dict[str, Any]], name: str, wanted: set[str]
    ) -> dict[str, Any]:
        """The answer, once ``name`` has come to one of the wanted."""
        deadline = time.monotonic() + PATIENCE
        while (found := ask())[name] not in wanted:
            if time.monotonic() > deadline:
                raise Refused(f"The {name} is {found[name]} after {PATIENCE:.0f} s.")
            self.pause()
        return found

    def key(self, side: Side) -> Callable[[str], str]:
        """Idempotency keys of one side's steps."""
        return lambda name: self.progress.key(f"{side.role}:{name}")


def app_code(progress: Progress, role: str) -> str:
    """What the app of an owner, the ``seller`` or the ``buyer``, shows: each code once, so that it
    may take half a minute until there is another."""
    name = f"app_step:{role}"
    while True:
        now = time.time()
        least = max(progress.facts.get(name, 0) + 1, int(now / STEP))
        if least <= int(now / STEP) + 1:
            break
        time.sleep(1)
    progress.keep(name, least)
    return pyotp.TOTP(progress[f"app:{role}"]).at(least * STEP)


def prices(price: int) -> dict[str, Any]:
    """The values that follow from the price of a tonne."""
    total = TONNES * price
    return {
        "unit_price": {"amount": price, "currency": "CNY"},
        "total": {"amount": total, "currency": "CNY"},
        "deposit": {"amount": total // 10, "currency": "CNY"},
    }


def deal(progress: Progress, say: Say) -> None:
    """Make the contract, or what is left of it."""
    base = f"http://127.0.0.1:{settings.PORT}/p/{CORN_MARKET}/api/v1"
    folder = settings.DATA_DIR / "evidence"
    Deal(progress, say, client=lambda key: Api(base, key), folder=folder).run()
