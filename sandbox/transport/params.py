"""Parameter types: each reads the form's strings into a value or says what is wrong.

An empty string means *unset*: types with ``clear`` read it as ``None``, the others refuse it.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from kernel.currencies import table

from .errors import GatewayError

Raw = Any


@dataclass(frozen=True)
class Upload:
    """One file of a multipart body."""

    name: str
    content_type: str
    content: bytes


def wrong(message: str, param: str, code: str | None = None) -> GatewayError:
    """A bad parameter; nothing is remembered under the idempotency key."""
    return GatewayError(message, param=param, code=code, remember=False)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Base: ``required`` must be present, ``clear`` may be emptied."""

    required: bool = False
    clear: bool = False

    def read(self, raw: Raw, param: str) -> Any:
        if raw == "":
            return self._empty(param)
        return self._value(raw, param)

    def _empty(self, param: str) -> Any:
        if self.clear:
            return None
        raise wrong(
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{param}' cannot be unset. You should remove '{param}' "
            "from your request or supply a non-empty value.",
            param,
            "parameter_invalid_empty",
        )

    def _value(self, raw: Raw, param: str) -> Any:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Text(Kind):
    clear: bool = True
    limit: int = 5000
    pattern: str = ""
    problem: str = "has the wrong form"

    def _value(self, raw: Raw, param: str) -> str:
        if not isinstance(raw, str):
            raise wrong(f"Invalid string: {param} must be a string, not a hash or list.", param)
        if len(raw) > self.limit:
            raise wrong(
                f"Invalid string: {raw[:10]}…; must be at most {self.limit} characters", param
            )
        if self.pattern and not re.fullmatch(self.pattern, raw):
            raise wrong(f"Invalid {param}: '{raw[:60]}' {self.problem}.", param)
        return raw


@dataclass(frozen=True, kw_only=True)
class Email(Text):
    limit: int = 512

    def _value(self, raw: Raw, param: str) -> str:
        value = super()._value(raw, param)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            raise wrong(f"Invalid email address: {value[:60]}", param, "email_invalid")
        return value


@dataclass(frozen=True, kw_only=True)
class Url(Text):
    clear: bool = False

    def _value(self, raw: Raw, param: str) -> str:
        value = super()._value(raw, param)
        try:
            parts = urlsplit(value)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if not good or re.search(r"\s", value):
            raise wrong("Not a valid URL", param, "url_invalid")
        return value


@dataclass(frozen=True, kw_only=True)
class Integer(Kind):
    least: int | None = None
    most: int | None = None

    def _value(self, raw: Raw, param: str) -> int:
        if not isinstance(raw, str) or not re.fullmatch(r"[+-]?[0-9]{1,18}", raw):
            raise wrong(f"Invalid integer: {_shown(raw)}", param, "parameter_invalid_integer")
        value = int(raw)
        if self.least is not None and value < self.least:
            raise wrong(
                f"This value must be greater than or equal to {self.least}.",
                param,
                "parameter_invalid_integer",
            )
        if self.most is not None and value > self.most:
            raise wrong(
                f"This value must be less than or equal to {self.most} (it currently is "
                f"'{value}').",
                param,
                "parameter_invalid_integer",
            )
        return value


@dataclass(frozen=True, kw_only=True)
class Amount(Integer):
    """Minor units; eight digits at most, as with the original."""

    least: int | None = 1

    def _value(self, raw: Raw, param: str) -> int:
        value = super()._value(raw, param)
        if value > 99_999_999:
            raise wrong("Amount must be no more than 99999999", param, "amount_too_large")
        return value


@dataclass(frozen=True, kw_only=True)
class Decimal(Kind):
    """A number that may have a fraction, kept as it was written."""

    def _value(self, raw: Raw, param: str) -> str:
        if not isinstance(raw, str) or not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,12})?", raw):
            raise wrong(f"Invalid decimal: {_shown(raw)}", param)
        return raw


@dataclass(frozen=True, kw_only=True)
class File(Kind):
    """An uploaded file, as multipart sends it."""

    def _value(self, raw: Raw, param: str) -> Upload:
        if not isinstance(raw, Upload):
            raise wrong(f"Invalid file: send {param} as a part of multipart/form-data.", param)
        return raw


@dataclass(frozen=True, kw_only=True)
class Boolean(Kind):
    def _value(self, raw: Raw, param: str) -> bool:
        if raw not in ("true", "false"):
            raise wrong(f"Invalid boolean: {_shown(raw)}", param)
        return bool(raw == "true")


@dataclass(frozen=True, kw_only=True)
class Choice(Kind):
    values: tuple[str, ...] = ()

    def _value(self, raw: Raw, param: str) -> str:
        if not isinstance(raw, str) or raw not in self.values:
            raise wrong(
                f"Invalid {param}: must be one of {_either(self.values)}. You passed "
                f"'{_shown(raw)}'.",
                param,
            )
        return raw


@dataclass(frozen=True, kw_only=True)
class Currency(Kind):
    def _value(self, raw: Raw, param: str) -> str:
        if not isinstance(raw, str) or not raw.isascii() or raw.upper() not in table():
            raise wrong(
                f"Invalid currency: {_shown(raw)}. Use a three-letter ISO 4217 code such as cny.",
                param,
            )
        return raw.lower()


@dataclass(frozen=True, kw_only=True)
class Hash(Kind):
    """A hash with its own table of parameters."""

    fields: dict[str, Kind] = field(default_factory=dict)

    def _value(self, raw: Raw, param: str) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise wrong(f"Invalid hash: {_shown(raw)}", param)
        return read(self.fields, raw, param)


@dataclass(frozen=True, kw_only=True)
class Free(Kind):
    """A hash kept as it was given, for parameters that are only stored and shown again."""

    def _value(self, raw: Raw, param: str) -> Any:
        return raw


@dataclass(frozen=True, kw_only=True)
class List(Kind):
    of: Kind = field(default_factory=Text)
    limit: int = 500

    def _value(self, raw: Raw, param: str) -> list[Any]:
        if not isinstance(raw, dict) or not all(name.isdigit() for name in raw):
            raise wrong(f"Invalid array: {_shown(raw)}", param)
        if len(raw) > self.limit:
            raise wrong(f"Invalid array: at most {self.limit} elements.", param)
        return [self.of.read(raw[name], f"{param}[{name}]") for name in sorted(raw, key=int)]


@dataclass(frozen=True, kw_only=True)
class Either(Kind):
    """The first type that fits; the last one words the complaint."""

    kinds: tuple[Kind, ...] = ()

    def _value(self, raw: Raw, param: str) -> Any:
        for kind in self.kinds[:-1]:
            try:
                return kind.read(raw, param)
            except GatewayError:
                continue
        return self.kinds[-1].read(raw, param)


@dataclass(frozen=True, kw_only=True)
class Metadata(Kind):
    """Changes to the key-value store: ``None`` clears all, a value ``""`` deletes its key."""

    clear: bool = True

    def _value(self, raw: Raw, param: str) -> dict[str, str]:
        if not isinstance(raw, dict):
            raise wrong(f"Invalid hash: {_shown(raw)}", param)
        for key, value in raw.items():
            here = f"{param}[{key}]"
            if not isinstance(value, str):
                raise wrong(f"Metadata values must be strings: {key[:40]}", here)
            if len(key) > 40:
                raise wrong("Metadata keys can be at most 40 characters", here)
            if len(value) > 500:
                raise wrong("Metadata values can be at most 500 characters", here)
        return dict(raw)


def merge_metadata(current: dict[str, str], change: dict[str, str] | None) -> dict[str, str]:
    """``current`` after ``change``; at most 50 keys. ``None`` empties it."""
    if change is None:
        return {}
    merged = {key: value for key, value in (current | change).items() if value != ""}
    if len(merged) > 50:
        raise wrong("You can only have up to 50 metadata keys", "metadata")
    return merged


def read(kinds: dict[str, Kind], raw: dict[str, Raw], inside: str = "") -> dict[str, Any]:
    """All given parameters by name. Unknown ones are refused, required ones must be there."""
    unknown = [name for name in raw if name not in kinds]
    if unknown:
        named = [f"{inside}[{name}]" if inside else name for name in unknown]
        word = "parameters" if len(named) > 1 else "parameter"
        raise wrong(
            f"Received unknown {word}: {', '.join(name[:60] for name in named[:10])}",
            named[0][:100],
            "parameter_unknown",
        )
    found: dict[str, Any] = {}
    for name, kind in kinds.items():
        param = f"{inside}[{name}]" if inside else name
        if name in raw:
            found[name] = kind.read(raw[name], param)
        elif kind.required:
            raise wrong(f"Missing required param: {param}.", param, "parameter_missing")
    return found


def _shown(raw: Raw) -> str:
    return raw[:60] if isinstance(raw, str) else "a hash or list"


def _either(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])}, or {values[-1]}"
