"""What the planner knows of tables that grow fast (``kernel/sql/statistics.sql`` says why).

A plan is kept by its connection until the tables' statistics change; one made for an empty table
would be used for the ten thousand rows that an import puts there within seconds.
"""

from kernel.system_role import asking_cursor


def keep_up(shard: str) -> int:
    """Look anew at the database's tables that grew fourfold since they were last looked at; how
    many.

    Takes a millisecond when there is none, some ten for each. One that somebody locks is left."""
    with asking_cursor(shard) as sql:
        sql.execute("SELECT kernel_analyze_grown()")
        return int(sql.fetchone()[0])
