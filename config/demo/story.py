"""What the visitor can try: printed, and kept in DATA_DIR/demo.json."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings

from config.demo.goods import CORN_SHOP, FEED_MILL, SHOPS
from config.demo.progress import Progress, write_private
from config.demo.seed import BUYER, CORN_MARKET, OPERATOR, PLATFORMS, RETAIL
from config.demo.staff import CLERK
from config.demo.wholesale import CHEF

Say = Callable[[str], None]


def details(progress: Progress) -> dict[str, Any]:
    """Addresses, keys and logins, as one document."""
    base = f"http://127.0.0.1:{settings.PORT}"
    sellers = {RETAIL: [shop.code for shop in SHOPS], CORN_MARKET: [CORN_SHOP.code]}
    emails = {shop.code: shop.email for shop in (*SHOPS, CORN_SHOP)}
    password = progress["password"]
    platforms = {}
    for code, names, _blueprint in PLATFORMS:
        keys = {
            "operator": progress[f"api:{code}:operator"],
            "buyer": progress[f"api:{code}:buyer"],
            "seller": progress[f"api:{code}:seller:{sellers[code][0]}"],
            "sellers": {shop: progress[f"api:{code}:seller:{shop}"] for shop in sellers[code]},
        }
        owner = f"api:{code}:owner:{sellers[code][0]}"
        if owner in progress:  # the owner's own key: second factor, automatic consents
            keys["owner"] = progress[owner]
        logins = {
            "operator": {"email": OPERATOR, "password": password},
            "buyer": {"email": BUYER, "password": password},
            "merchant": {"email": emails[sellers[code][0]], "password": password},
        }
        if code == RETAIL:
            logins["clerk"] = {"email": CLERK, "password": password}
            logins["wholesale"] = {"email": CHEF, "password": password}
        platforms[code] = {
            "name": names,
            "url": f"{base}/p/{code}/",
            "api": f"{base}/p/{code}/api/v1/",
            "keys": keys,
            "logins": logins,
        }
    return {
        "url": f"{base}/",
        "platforms": platforms,
        "gateway": {"url": settings.GATEWAY_URL, "secret_key": progress["gateway_key"]},
        "first_order": progress["order"],
        "first_return": progress["return"],
        "order_with_contract": progress["contract_order"],
        "contract": {
            "id": progress["contract"],
            "amendment": progress["amendment"],
            "evidence": [progress["evidence:contract"], progress["evidence:amendment"]],
            # The seeds of the two owners' authenticator apps (RFC 6238), to sign more with.
            "apps": {
                CORN_SHOP.email: progress["app:seller"],
                FEED_MILL.email: progress["app:buyer"],
            },
        },
    }


def tell(progress: Progress, say: Say) -> dict[str, Any]:
    """Write the document, and say what is in it; the document."""
    path, shown = settings.DATA_DIR / "demo.json", details(progress)
    text = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
    if not path.exists() or path.read_text() != text:
        write_private(path, text)
    say("")
    for code, platform in shown["platforms"].items():
        logins, shop = platform["logins"], platform["url"]
        say(f"  {platform['name']['zh-Hans']} · {platform['name']['en']}")
        say(f"    shop       {shop}")
        others = f", {FEED_MILL.email}" if code == CORN_MARKET else ""
        say(f"    merchants  {shop}merchant/    sign in: {logins['merchant']['email']}{others}")
        say(f"    operator   {shop}operator/    sign in: {logins['operator']['email']}")
        say(f"    API        {platform['api']}docs    seller key: {platform['keys']['seller']}")
        if code == RETAIL:
            say(f"    buyer      sign in: {logins['buyer']['email']}")
            say(f"    warehouse  {shop}merchant/    sign in: {logins['clerk']['email']}")
            say(f"    restaurant at wholesale prices    sign in: {logins['wholesale']['email']}")
        else:
            say(
                f"    verify     {shop}verify/    with {' or '.join(shown['contract']['evidence'])}"
            )
    password = next(iter(shown["platforms"].values()))["logins"]["buyer"]["password"]
    say(f"  All sign in with the password {password}")
    say(f"  Sandbox gateway {shown['gateway']['url']}   letters {shop}mail/")
    say(f"  Everything is in {path}")
    return shown
