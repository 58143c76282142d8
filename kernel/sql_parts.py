"""Pieces of SQL that several modules put into their statements."""

# A UUIDv7 of the time %(now)s: PostgreSQL below 18 has no function for it.
UUID7 = (
    "(lpad(to_hex((extract(epoch FROM %(now)s::timestamptz) * 1000)::bigint), 12, '0') "
    "|| '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)


def unseen(parameter: str, kind: str = "uuid") -> str:
    """An array parameter into which the planner can't look: ``unseen("%(ids)s")``.

    PostgreSQL goes on planning a prepared statement for each array as long as that promises to
    be cheaper than the plan for any; it expects ten members of one that it doesn't see, so for
    one or two it never stops. Planning takes longer than such a statement does.
    """
    return f"(SELECT {parameter}::{kind}[])"


def unseen_rows(**kinds: str) -> str:
    """Arrays of one length as the columns of rows, for FROM; each named as its parameter."""
    arrays = [unseen(f"%({name})s", kind) for name, kind in kinds.items()]
    return f"unnest({', '.join(arrays)})"


# ``column`` AMONG, with an array of ids as parameter.
AMONG = f"= ANY({unseen('%s')}::uuid[])"
