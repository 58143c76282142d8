"""Presets with which a platform can be opened; contexts' sections have defaults for the rest."""

from platforms.facade import register_blueprint

# What buyers of corn filter by; the values stand in a product's metadata under these codes.
CORN = [
    {
        "code": "grade",
        "names": {"zh-Hans": "等级", "en": "Grade"},
        "values": {
            f"{numeral}等": {"zh-Hans": f"{numeral}等", "en": f"grade {number}"}
            for number, numeral in enumerate("一二三四五", start=1)
        },
    },
    {
        "code": "moisture",
        "kind": "number",
        "unit": "P1",
        "names": {"zh-Hans": "水分", "en": "Moisture"},
    },
    {
        "code": "bulk_density",
        "kind": "number",
        "unit": "GL",
        "names": {"zh-Hans": "容重", "en": "Bulk density"},
    },
    {"code": "harvest_year", "names": {"zh-Hans": "收获年份", "en": "Harvest year"}},
]

register_blueprint(
    "city_retail",
    {
        "locales": ["zh-Hans", "en"],
        "currency": "CNY",
        "accent": "#0b6b53",
        "sections": {
            "marketplace": {"commission_rate": "5"},
            "journeys": {"payment_minutes": 30},
        },
    },
)
register_blueprint(
    "corn_wholesale",
    {
        "locales": ["zh-Hans", "en"],
        "currency": "CNY",
        "accent": "#7a4d0b",
        "sections": {
            "marketplace": {
                "commission_rate": "1",
                "complete_after_days": 3,
                "exchange_days": 0,  # grain is rejected, priced down or taken back
            },
            "journeys": {"payment_minutes": 120},
            "payments": {"release_days": 3, "payout_minimum": 10_000},
            "search": {"attributes": CORN, "warehouses": True},
            "identity": {"require": {"contract.sign": "verified"}},
        },
    },
)
