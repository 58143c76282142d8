"""Pieces of SQL that several modules put into their statements."""

# A UUIDv7 of the time %(now)s: PostgreSQL below 18 has no function for it.
UUID7 = (
    "(lpad(to_hex((extract(epoch FROM %(now)s::timestamptz) * 1000)::bigint), 12, '0') "
    "|| '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)
