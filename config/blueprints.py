"""Presets with which a platform can be opened; contexts' sections have defaults for the rest."""

from platforms.facade import register_blueprint

register_blueprint(
    "city_retail",
    {
        "locales": ["zh-Hans", "en"],
        "currency": "CNY",
        "accent": "#0b6b53",
        "sections": {},
    },
)
register_blueprint(
    "corn_wholesale",
    {
        "locales": ["zh-Hans", "en"],
        "currency": "CNY",
        "accent": "#7a4d0b",
        "sections": {},
    },
)
