"""What the visitor can try: printed, and kept in DATA_DIR/demo.json."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings

from config.demo.goods import CORN_SHOP, SHOPS
from config.demo.progress import Progress, write_private
from config.demo.seed import BUYER, CORN_MARKET, OPERATOR, PLATFORMS, RETAIL

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
        logins = {
            "operator": {"email": OPERATOR, "password": password},
            "buyer": {"email": BUYER, "password": password},
            "merchant": {"email": emails[sellers[code][0]], "password": password},
        }
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
    }


def tell(progress: Progress, say: Say) -> None:
    """Write the document once, and say what is in it."""
    path = settings.DATA_DIR / "demo.json"
    if not path.exists():
        write_private(path, json.dumps(details(progress), ensure_ascii=False, indent=2) + "\n")
    shown = json.loads(path.read_text())
    say("")
    for code, platform in shown["platforms"].items():
        logins, shop = platform["logins"], platform["url"]
        say(f"  {platform['name']['zh-Hans']} · {platform['name']['en']}")
        say(f"    shop       {shop}")
        say(f"    merchants  {shop}merchant/    sign in: {logins['merchant']['email']}")
        say(f"    operator   {shop}operator/    sign in: {logins['operator']['email']}")
        say(f"    API        {platform['api']}docs    seller key: {platform['keys']['seller']}")
        if code == RETAIL:
            say(f"    buyer      sign in: {logins['buyer']['email']}")
    password = next(iter(shown["platforms"].values()))["logins"]["buyer"]["password"]
    say(f"  All sign in with the password {password}")
    say(f"  Sandbox gateway {shown['gateway']['url']}   letters {shop}mail/")
    say(f"  Everything is in {path}")
    say("  Ctrl-C stops.")
