-- Tables that are cut by time: made ahead, emptied by dropping what is old.
-- The key of the cut is the row's id, a UUIDv7: its first 48 bits are milliseconds, so a moment
-- is a bound. docs/decisions/0015-partitions-by-id.md says why.

CREATE TABLE kernel_partitioned (
  name text PRIMARY KEY,
  unit text NOT NULL CHECK (unit IN ('day', 'week', 'month', 'quarter')),
  ahead integer NOT NULL CHECK (ahead BETWEEN 1 AND 12),  -- periods made beyond the running one
  least interval NOT NULL,        -- no partition goes earlier, whatever is asked for
  each text[] NOT NULL,           -- for each new partition: format(…, partition, suffix)
  carry text NOT NULL             -- run before one goes: format(…, partition); '' is nothing
);
-- What keeps a partition: a question over its bounds ($1 from, $2 below), true while it must stay.
CREATE TABLE kernel_partitionhold (
  name text NOT NULL REFERENCES kernel_partitioned,
  reason text NOT NULL,
  question text NOT NULL,
  PRIMARY KEY (name, reason)
);
CREATE TABLE kernel_partitiondropped (
  partition text NOT NULL,
  dropped_at timestamptz NOT NULL,
  name text NOT NULL,
  low uuid NOT NULL,
  high uuid NOT NULL,
  rows bigint NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (partition, dropped_at)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON kernel_partitiondropped
  FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change();

-- What lies before 1970 is the lowest id of all: its number is below nought, and would be read as a
-- time behind all others.
CREATE FUNCTION kernel_uuid_floor(p_at timestamptz) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (lpad(to_hex(floor(extract(epoch FROM greatest(p_at, 'epoch')) * 1000)::bigint), 12, '0')
  || repeat('0', 20))::uuid;

CREATE FUNCTION kernel_uuid_moment(p_id uuid) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_timestamp(
  ('x0000' || left(replace(p_id::text, '-', ''), 12))::bit(64)::bigint / 1000.0);

CREATE VIEW kernel_partition AS
SELECT p.relname::text AS name, c.relname::text AS partition, c.oid AS relation,
  b.bound = 'DEFAULT' AS rest,
  CASE WHEN b.bound = 'DEFAULT' THEN NULL
    ELSE coalesce(substring(b.bound FROM $$FROM \('([^']+)'\)$$),
      '00000000-0000-0000-0000-000000000000')::uuid END AS low,
  substring(b.bound FROM $$TO \('([^']+)'\)$$)::uuid AS high
FROM pg_inherits i
JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p'
JOIN pg_namespace n ON n.oid = p.relnamespace AND n.nspname = 'public'
JOIN pg_class c ON c.oid = i.inhrelid
CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) b;

-- Makes what lacks, from the running period on; and for what went into the rest meanwhile. How many
-- were made; NULL when somebody else is at it. The parent is locked first: who holds a lock on a
-- partition has one on the parent, so nothing deadlocks. It is waited for shortly, since whoever
-- comes after waits behind: who gets an error tries again later.
CREATE FUNCTION kernel_make_partitions(p_name text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '200ms' SET timezone = 'UTC'
AS $$
DECLARE
  rule kernel_partitioned;
  period interval;
  starts timestamptz;
  ends timestamptz;
  low timestamptz;
  lows timestamptz[];
  rest text := p_name || '_rest';
  child text;
  statement text;
BEGIN
  SELECT * INTO rule FROM kernel_partitioned t WHERE t.name = p_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION '% is no partitioned table', p_name USING ERRCODE = 'QC003';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('kernel_partitioned', 0)) THEN
    RETURN NULL;
  END IF;
  period := CASE rule.unit WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || rule.unit)::interval END;
  starts := date_trunc(rule.unit, now());
  ends := starts + period * (rule.ahead + 1);
  EXECUTE format(
    'SELECT array_agg(s ORDER BY s) FROM ('
    '  SELECT generate_series($1, $2 - $3, $3) UNION'
    '  SELECT date_trunc($4, kernel_uuid_moment(id)) FROM %I'
    '  WHERE id >= kernel_uuid_floor($1 - interval ''3 years'') AND id < kernel_uuid_floor($2)'
    ') w(s) WHERE NOT EXISTS (SELECT FROM kernel_partition p WHERE p.name = $5 AND NOT p.rest'
    '  AND p.low < kernel_uuid_floor(s + $3) AND p.high > kernel_uuid_floor(s))', rest)
    INTO lows USING starts, ends, period, rule.unit, p_name;
  IF lows IS NULL THEN
    RETURN 0;
  END IF;
  EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', p_name);
  FOREACH low IN ARRAY lows LOOP
    child := p_name || '_' || to_char(low, 'YYYYMMDD');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', child, p_name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', child);
    -- What was written while there was no partition for it.
    EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', rest);
    EXECUTE format(
      'WITH gone AS (DELETE FROM %I WHERE id >= $1 AND id < $2 RETURNING *) '
      'INSERT INTO %I SELECT * FROM gone', rest, child)
      USING kernel_uuid_floor(low), kernel_uuid_floor(low + period);
    EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', rest);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
      p_name, child, kernel_uuid_floor(low), kernel_uuid_floor(low + period));
    FOREACH statement IN ARRAY rule.each LOOP
      EXECUTE format(statement, child, to_char(low, 'YYYYMMDD'));
    END LOOP;
  END LOOP;
  RETURN cardinality(lows);
END $$;

-- Drops the oldest partition that ended so long ago that p_kept (at least the rule's least) is over,
-- and that nothing holds: at most one a call, so that a lock is short. Tells it, and each that is
-- held, with the reason. The time is the database's own: a worker whose clock is wrong drops
-- nothing. With p_look nothing is dropped and what would be is told.
CREATE FUNCTION kernel_drop_partition(p_name text, p_kept interval, p_look boolean)
RETURNS TABLE (partition text, held text, rows bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '200ms' SET timezone = 'UTC'
AS $$
#variable_conflict use_column
DECLARE
  rule kernel_partitioned;
  part record;
  hold record;
  kept boolean;
  size bigint;
BEGIN
  SELECT * INTO rule FROM kernel_partitioned t WHERE t.name = p_name;
  IF NOT FOUND OR p_kept IS NULL OR p_look IS NULL THEN
    RAISE EXCEPTION '% is no partitioned table, or it isn''t said how long its rows are kept', p_name
      USING ERRCODE = 'QC003';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtextextended('kernel_partitioned', 0)) THEN
    RETURN;
  END IF;
  FOR part IN
    SELECT p.* FROM kernel_partition p WHERE p.name = p_name AND NOT p.rest
      AND p.high <= kernel_uuid_floor(now() - greatest(p_kept, rule.least)) ORDER BY p.high
  LOOP
    partition := part.partition;
    held := '';
    FOR hold IN
      SELECT h.* FROM kernel_partitionhold h WHERE h.name = p_name ORDER BY h.reason
    LOOP
      EXECUTE hold.question INTO kept USING part.low, part.high;
      IF kept THEN
        held := hold.reason;
        EXIT;
      END IF;
    END LOOP;
    rows := NULL;
    IF held = '' AND NOT p_look THEN
      EXECUTE format('SELECT count(*) FROM %I', part.partition) INTO rows;
      IF rule.carry <> '' THEN
        EXECUTE format(rule.carry, part.partition);
      END IF;
      size := pg_total_relation_size(part.relation);
      EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', p_name);
      INSERT INTO kernel_partitiondropped (partition, dropped_at, name, low, high, rows, bytes)
      VALUES (part.partition, clock_timestamp(), p_name, part.low, part.high, rows, size);
      EXECUTE format('DROP TABLE %I', part.partition);
      RETURN NEXT;
      RETURN;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- For migrations only: the table becomes the first partition of a new one of its name. No row is
-- copied; what has an id beyond the running period, which no clock gave, goes into the rest.
-- All in the migration's transaction: after a crash it is as it was.
CREATE FUNCTION kernel_partition_table(
  p_name text, p_unit text, p_ahead integer, p_least interval, p_each text[], p_carry text
) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp SET timezone = 'UTC'
AS $$
DECLARE
  first text := p_name || '_first';
  rest text := p_name || '_rest';
  made text[];
  one record;
  statement text;
  high uuid;
BEGIN
  EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', p_name);
  SELECT coalesce(array_agg(pg_get_indexdef(i.indexrelid)), '{}') INTO made
    FROM pg_index i WHERE i.indrelid = p_name::regclass AND NOT i.indisunique;
  SELECT made || coalesce(array_agg(format('ALTER TABLE %I ADD CONSTRAINT %I %s', p_name, c.conname,
      pg_get_constraintdef(c.oid))), '{}') INTO made
    FROM pg_constraint c WHERE c.conrelid = p_name::regclass AND c.contype = 'f';
  EXECUTE format('ALTER TABLE %I RENAME TO %I', p_name, first);
  FOR one IN
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = first::regclass
  LOOP
    EXECUTE format('ALTER INDEX %I RENAME TO %I', one.relname, one.relname || '_first');
  END LOOP;
  FOR one IN SELECT p.polname FROM pg_policy p WHERE p.polrelid = first::regclass LOOP
    EXECUTE format('DROP POLICY %I ON %I', one.polname, first);
  END LOOP;
  FOR one IN
    SELECT DISTINCT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.oid = first::regclass AND a.grantee <> c.relowner
    UNION SELECT r.rolname FROM pg_attribute t, aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee
    WHERE t.attrelid = first::regclass
  LOOP
    EXECUTE format('REVOKE ALL ON %I FROM %I', first, one.rolname);
  END LOOP;
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) '
    'PARTITION BY RANGE (id)', p_name, first);
  EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (platform_id, id)',
    p_name, p_name || '_pkey');
  FOREACH statement IN ARRAY made LOOP
    EXECUTE statement;
  END LOOP;
  EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', rest, p_name);
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', rest);
  FOREACH statement IN ARRAY p_each LOOP
    EXECUTE format(statement, rest, 'rest');
  END LOOP;
  high := kernel_uuid_floor(date_trunc(p_unit, now())
    + CASE p_unit WHEN 'quarter' THEN interval '3 months' ELSE ('1 ' || p_unit)::interval END);
  EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', first);
  EXECUTE format('WITH stray AS (DELETE FROM %I WHERE id >= $1 RETURNING *) '
    'INSERT INTO %I SELECT * FROM stray', first, rest) USING high;
  EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', first);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%L)',
    p_name, first, high);
  INSERT INTO kernel_partitioned VALUES (p_name, p_unit, p_ahead, p_least, p_each, p_carry);
  PERFORM kernel_make_partitions(p_name);
END $$;
