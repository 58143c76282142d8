"""Lists as PostgreSQL reads arrays: psycopg's own way takes eight times as long for ids."""

from decimal import Decimal
from struct import pack
from typing import Any
from uuid import UUID

from psycopg.abc import Buffer
from psycopg.adapt import PyFormat
from psycopg.types.array import BaseListDumper, ListBinaryDumper, ListDumper
from psycopg.types.uuid import UUIDBinaryDumper

_NOTHING = type(None)
_UUID = 2950  # PostgreSQL's number of the type
_SIXTEEN, _NULL = pack("!i", 16), pack("!i", -1)  # what stands before each member


class Ids(ListBinaryDumper):
    """Ids as sixteen bytes each: neither side puts them into words."""

    element_oid = _UUID

    def dump(self, obj: list[Any]) -> Buffer | None:
        """See psycopg's."""
        kinds = set(map(type, obj))
        if kinds == {UUID}:
            text = _SIXTEEN + _SIXTEEN.join([one.int.to_bytes(16, "big") for one in obj])
        elif kinds == {UUID, _NOTHING}:
            text = b"".join(
                [_NULL if one is None else _SIXTEEN + one.int.to_bytes(16, "big") for one in obj]
            )
        else:
            return super().dump(obj)
        return pack("!iiIii", 1, _NOTHING in kinds, _UUID, len(obj), 1) + text


class Lists(ListDumper):
    """Joins texts, amounts and truths without a look at each; ids have a way of their own, any
    other list goes psycopg's."""

    def upgrade(self, obj: list[Any], format: PyFormat) -> BaseListDumper:
        """See psycopg's, which has refused lists of several types before."""
        if type(self._find_list_element(obj, format)) is UUID:
            ids = Ids(self.cls, self._tx)
            ids.oid = self._get_base_type_info(_UUID).array_oid
            ids.sub_dumper = UUIDBinaryDumper(UUID, self._tx)
            return ids
        return super().upgrade(obj, format)

    def dump(self, obj: list[Any]) -> Buffer | None:
        """See psycopg's."""
        kinds = set(map(type, obj))
        if kinds == {str}:
            text = '"' + '","'.join(obj) + '"'
            if "\\" in text or text.count('"') != 2 * len(obj):
                text = ",".join(map(_quoted, obj))
        elif kinds == {str, _NOTHING}:
            text = ",".join([_quoted(one) if one is not None else "NULL" for one in obj])
        elif kinds == {Decimal}:
            text = ",".join(map(str, obj))
        elif kinds == {bool}:
            text = ",".join(["t" if one else "f" for one in obj])
        else:
            return super().dump(obj)
        return super().dump(obj) if "\0" in text else f"{{{text}}}".encode()


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
