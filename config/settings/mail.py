"""Mail: by SMTP when a server is named, else files under DATA_DIR/mail."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import env

MAIL_URL = env.text("MAIL_URL")
MAIL_FROM = env.text("MAIL_FROM", "Quancheng <noreply@localhost>")
DEFAULT_FROM_EMAIL = MAIL_FROM
if MAIL_URL and not (urlsplit(MAIL_URL).scheme.startswith("smtp") and urlsplit(MAIL_URL).hostname):
    raise ImproperlyConfigured("MAIL_URL: use smtp://user:password@host:587.")
