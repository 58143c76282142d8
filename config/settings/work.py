"""Workers, wake-ups and the cache."""

from django.core.exceptions import ImproperlyConfigured

from config import env

# How long audit rows are kept in the database; their chain stays for good. 0: for good as well.
AUDIT_KEPT_YEARS = env.integer("AUDIT_KEPT_YEARS", 0)
if AUDIT_KEPT_YEARS != 0 and not 3 <= AUDIT_KEPT_YEARS <= 100:
    raise ImproperlyConfigured(
        "AUDIT_KEPT_YEARS: 3 to 100, as a trade's records have to be kept, or 0 for good."
    )
# How long the single steps of journeys are kept once their journey ended. 0: for good.
JOURNEY_STEPS_KEPT_DAYS = env.integer("JOURNEY_STEPS_KEPT_DAYS", 180)
if JOURNEY_STEPS_KEPT_DAYS != 0 and not 30 <= JOURNEY_STEPS_KEPT_DAYS <= 36500:
    raise ImproperlyConfigured("JOURNEY_STEPS_KEPT_DAYS: 30 to 36500, or 0 for good.")
REDIS_URL = env.text("REDIS_URL")
# Webhooks over plain http and to private addresses; for development only.
WEBHOOK_ALLOW_PRIVATE = env.flag("WEBHOOK_ALLOW_PRIVATE", False)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
