-- Statistics of tables that have grown, for a planner that knows nothing of them: it takes the first
-- index that begins with the platform, and a foreign key's check then reads all of the platform's rows.
-- Autovacuum comes once a minute; what is imported meanwhile takes time by the square of its length.
CREATE FUNCTION kernel_analyze_grown() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '50ms' SET default_statistics_target = 20
AS $$
DECLARE
  page CONSTANT bigint := current_setting('block_size')::bigint;
  grown regclass;
  done integer := 0;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('kernel_analyze_grown', 0)) THEN
    RETURN 0;
  END IF;
  FOR grown IN
    SELECT c.oid::regclass FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND c.relowner = current_user::regrole
      -- Doubled, or filled for the first time; dead rows of what was taken back don't count.
      AND (pg_relation_size(c.oid) > page * CASE WHEN c.reltuples < 0 THEN 0 ELSE 2 * c.relpages END
        OR c.reltuples = 0 AND pg_stat_get_live_tuples(c.oid) > 50)
    ORDER BY c.oid
  LOOP
    BEGIN
      EXECUTE format('ANALYZE %s', grown);
      done := done + 1;
    EXCEPTION
      WHEN lock_not_available THEN NULL;  -- somebody changes or cleans it: next time
      WHEN undefined_table THEN NULL;  -- a partition that has just been dropped
    END;
  END LOOP;
  RETURN done;
END $$;
