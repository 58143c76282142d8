-- Statistics of tables that have grown, for a planner that knows nothing of them: it takes the first
-- index that begins with the platform, and a foreign key's check then reads all of the platform's rows.
-- Autovacuum comes once a minute; what is imported meanwhile takes time by the square of its length.
-- Only columns that are in an index, from few rows: to sort long texts and JSON takes most of the time.
-- Autovacuum doesn't count this as a look of its own, so it still comes and looks at all columns.
CREATE OR REPLACE FUNCTION kernel_analyze_grown() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '50ms' SET default_statistics_target = 10
AS $$
DECLARE
  page CONSTANT bigint := current_setting('block_size')::bigint;
  grown record;
  done integer := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('kernel_analyze_grown', 0)) THEN
    RETURN 0;
  END IF;
  FOR grown IN
    SELECT c.oid::regclass AS name, (
      SELECT '(' || string_agg(quote_ident(a.attname), ', ') || ')' FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY(i.indkey))
    ) AS keys
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND c.relowner = current_user::regrole
      -- Grew fourfold, or filled for the first time; dead rows of what was taken back don't count.
      AND (pg_relation_size(c.oid) > page * CASE WHEN c.reltuples < 0 THEN 0 ELSE 4 * c.relpages END
        OR c.reltuples = 0 AND pg_stat_get_live_tuples(c.oid) > 50)
    ORDER BY c.oid
  LOOP
    BEGIN
      EXECUTE format('ANALYZE %s %s', grown.name, grown.keys);
      done := done + 1;
    EXCEPTION
      WHEN lock_not_available THEN NULL;  -- somebody changes or cleans it: next time
      WHEN undefined_table THEN NULL;  -- a partition that has just been dropped
    END;
  END LOOP;
  RETURN done;
END $$;
