"""Presets with which a platform can be opened; contexts' sections have defaults for the rest."""

from platforms.facade import register_blueprint

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
            "marketplace": {"commission_rate": "1", "complete_after_days": 3},
            "journeys": {"payment_minutes": 120},
            "payments": {"release_days": 3, "payout_minimum": 10_000},
        },
    },
)
