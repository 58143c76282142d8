"""Keys, hosts, cookies and headers."""

from django.core.exceptions import ImproperlyConfigured

from config import env

from .base import DATA_DIR, PRODUCTION


def _secret(name: str) -> str:
    """The secret from the environment; on one machine, one made at first start and kept."""
    value = env.text(name)
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set when ENVIRONMENT=production.")
    from config.embedded.secrets import kept_secret

    return kept_secret(DATA_DIR, name.lower())


SECRET_KEY = _secret("SECRET_KEY")
PERSONAL_DATA_KEY = _secret("PERSONAL_DATA_KEY")
# Whoever reads /metrics sends it as a bearer token; without one there is no such address.
METRICS_TOKEN = env.text("METRICS_TOKEN") if PRODUCTION else _secret("METRICS_TOKEN")
# Master keys before it, newest first, until manage.py rotate_keys has re-wrapped everything.
PERSONAL_DATA_KEY_PREVIOUS = env.words("PERSONAL_DATA_KEY_PREVIOUS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "" if PRODUCTION else "*")
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0)
if env.text("PROXY_SSL_HEADER"):
    SECURE_PROXY_SSL_HEADER = tuple(env.text("PROXY_SSL_HEADER").split("=", 1))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION and env.flag("SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
