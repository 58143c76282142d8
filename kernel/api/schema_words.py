"""What is wrong with a field, in the reader's language: the kinds of errors that schemas raise."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

# By pydantic's name of the kind; the values are those of its context.
_PROBLEMS = {
    "missing": noop("This field is missing"),
    "extra_forbidden": noop("This field isn't known here"),
    "string_type": noop("A text is needed"),
    "string_too_short": noop("At least %(min_length)s characters are needed"),
    "string_too_long": noop("At most %(max_length)s characters are taken"),
    "string_pattern_mismatch": noop("The text doesn't match the pattern %(pattern)s"),
    "int_type": noop("A whole number is needed"),
    "int_parsing": noop("A whole number is needed"),
    "int_parsing_size": noop("A whole number is needed"),
    "int_from_float": noop("A whole number is needed"),
    "bool_type": noop("true or false is needed"),
    "bool_parsing": noop("true or false is needed"),
    "greater_than": noop("More than %(gt)s is needed"),
    "greater_than_equal": noop("At least %(ge)s is needed"),
    "less_than": noop("Less than %(lt)s is needed"),
    "less_than_equal": noop("At most %(le)s is taken"),
    "literal_error": noop("It is none of the values that are taken"),
    "enum": noop("It is none of the values that are taken"),
    "list_type": noop("A list is needed"),
    "tuple_type": noop("A list is needed"),
    "too_short": noop("At least %(min_length)s entries are needed"),
    "too_long": noop("At most %(max_length)s entries are taken"),
    "dict_type": noop("An object is needed"),
    "bytes_type": noop("A text is needed"),
    "model_type": noop("An object is needed"),
    "model_attributes_type": noop("An object is needed"),
    "json_invalid": noop("This is no valid JSON"),
    "none_required": noop("Nothing may be given here"),
    "date_type": noop("A date such as 2026-05-01 is needed"),
    "date_parsing": noop("A date such as 2026-05-01 is needed"),
    "date_from_datetime_parsing": noop("A date such as 2026-05-01 is needed"),
    "date_from_datetime_inexact": noop("A date such as 2026-05-01 is needed"),
    "datetime_type": noop("A time such as 2026-05-01T08:00:00Z is needed"),
    "datetime_parsing": noop("A time such as 2026-05-01T08:00:00Z is needed"),
    "datetime_from_date_parsing": noop("A time such as 2026-05-01T08:00:00Z is needed"),
    "url_parsing": noop("An address such as https://example.com/ is needed"),
    "url_scheme": noop("The address must begin with %(expected_schemes)s"),
}


def problem_of(item: Mapping[str, Any]) -> str:
    """The problem of one of pydantic's errors; a kind without words here keeps pydantic's."""
    words = _PROBLEMS.get(str(item.get("type", "")))
    said = str(item.get("msg", "")).removeprefix("Value error, ")
    if words is None:
        return said
    try:
        return _(words) % (item.get("ctx") or {})
    except KeyError:
        return said


def remedy_of(item: Mapping[str, Any]) -> str:
    """What to do about it, where the problem doesn't say it already."""
    kind = item.get("type", "")
    if kind == "extra_forbidden":
        return _("Leave it out; see the schema of this route for the fields it takes.")
    if kind == "missing":
        return _("Send this field.")
    context = item.get("ctx") or {}
    if "expected" in context:
        expected = str(context["expected"]).replace(" or ", ", ")
        return _("Use one of: %(values)s.") % {"values": expected}
    return ""
