-- The ledger's one door. A batch of transfers goes in, one result code for each comes out.
--
-- p_transfers: [{"id", "debit", "credit", "amount", "currency", "code", "flags", "pending_id",
--   "expires_at", "journal", "merchant_id", "reference", "document"}]; order is the order of
--   decision. flags: 1 linked (stands or falls with the next), 2 pending, 4 post, 8 void,
--   16 expire (with 8: the deadline is over).
-- p_accounts: [{"id", "currency", "code", "owner", "limit_debits", "limit_credits"}]: opened if
--   they don't exist, and locked with the others.
-- p_system, p_business: the two clocks.
--
-- "ok" and "exists" are success: the same id with the same fields is the same transfer. An id
-- that failed for a passing reason (the balance of an account, a pending transfer not yet there)
-- stays failed, so that a late retry can't surprise anyone.
CREATE FUNCTION ledger_post(
  p_transfers jsonb, p_accounts jsonb, p_system timestamptz, p_business timestamptz
) RETURNS text[]
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET jit = off
AS $ledger$
DECLARE
  platform uuid := public.kernel_current_platform();
  n int := jsonb_array_length(p_transfers);
  sticky CONSTANT text[] := ARRAY['debit_account_not_found', 'credit_account_not_found',
    'pending_transfer_not_found', 'exceeds_credits', 'exceeds_debits'];
  most CONSTANT bigint := 9000000000000000000;
  -- accounts, by their place in id order
  ids uuid[]; cur text[]; dpe bigint[]; dpo bigint[]; cpe bigint[]; cpo bigint[];
  limd boolean[]; limc boolean[];
  -- transfers, by their place in the batch; a place's effect is the same on both its accounts
  results text[]; ds int[]; cs int[]; pends bigint[]; posts bigint[]; keys int[]; pkeys int[];
  -- ids of the batch, by number: the place that holds the id (-1: failed for good), and whether
  -- it was posted or voided in this batch
  held int[]; resolved text[];
  r record; code text; kind int; d int; c int; place int; h int;
  p_flags int; p_amount bigint; p_until timestamptz;
  dpending bigint; dposted bigint;
  chain int; broken boolean := false; refused boolean := false;
BEGIN
  IF n > 8190 THEN
    RAISE EXCEPTION 'a batch has at most 8190 transfers, this one %', n USING ERRCODE = '22023';
  END IF;
  IF jsonb_array_length(p_accounts) > 0 THEN
    INSERT INTO ledger_account (platform_id, id, currency, code, owner, debits_pending,
      debits_posted, credits_pending, credits_posted, debits_must_not_exceed_credits,
      credits_must_not_exceed_debits, created_at)
    SELECT platform, a.id, a.currency, a.code, a.owner, 0, 0, 0, 0,
      a.limit_debits, a.limit_credits, p_system
    FROM jsonb_to_recordset(p_accounts) AS a(id uuid, currency text, code text, owner uuid,
      limit_debits boolean, limit_credits boolean)
    WHERE NOT EXISTS (SELECT FROM ledger_account l WHERE l.platform_id = platform AND l.id = a.id)
    ORDER BY a.id
    ON CONFLICT DO NOTHING;
  END IF;

  SELECT array_agg(s.id), array_agg(s.currency), array_agg(s.debits_pending),
    array_agg(s.debits_posted), array_agg(s.credits_pending), array_agg(s.credits_posted),
    array_agg(s.debits_must_not_exceed_credits), array_agg(s.credits_must_not_exceed_debits)
  INTO ids, cur, dpe, dpo, cpe, cpo, limd, limc
  FROM (
    SELECT a.* FROM ledger_account a
    WHERE a.platform_id = platform AND a.id = ANY (ARRAY(
      SELECT t.debit FROM jsonb_to_recordset(p_transfers) AS t(debit uuid)
      UNION SELECT t.credit FROM jsonb_to_recordset(p_transfers) AS t(credit uuid)
      UNION SELECT t.id FROM jsonb_to_recordset(p_accounts) AS t(id uuid)))
    ORDER BY a.id FOR NO KEY UPDATE
  ) s;
  IF n = 0 THEN
    RETURN ARRAY[]::text[];
  END IF;
  results := array_fill(NULL::text, ARRAY[n]);
  ds := array_fill(0, ARRAY[n]); cs := ds; keys := ds; pkeys := ds;
  pends := array_fill(0::bigint, ARRAY[n]); posts := pends;
  held := array_fill(0, ARRAY[2 * n]); resolved := array_fill(NULL::text, ARRAY[2 * n]);

  FOR r IN
    WITH b AS MATERIALIZED (
      SELECT t.*, t.place::int AS at FROM ROWS FROM (jsonb_to_recordset(p_transfers) AS (
        id uuid, debit uuid, credit uuid, amount bigint, currency text, code text, flags int,
        pending_id uuid, expires_at timestamptz, merchant_id uuid, reference text, document text
      )) WITH ORDINALITY AS t(id, debit, credit, amount, currency, code, flags, pending_id,
        expires_at, merchant_id, reference, document, place)
    ), numbered AS MATERIALIZED (
      SELECT u.k, row_number() OVER ()::int AS number FROM (
        SELECT b.id AS k FROM b UNION SELECT b.pending_id FROM b WHERE b.pending_id IS NOT NULL
      ) u
    )
    SELECT b.*, k.number AS key, pk.number AS pkey, da.place::int AS d, ca.place::int AS c,
      e.same, f.id AS failed, p.debit_id AS p_debit, p.credit_id AS p_credit,
      p.amount AS p_amount, p.flags AS p_flags, p.expires_at AS p_until, s.flags AS s_flags
    FROM b
    JOIN numbered k ON k.k = b.id
    LEFT JOIN numbered pk ON pk.k = b.pending_id
    LEFT JOIN unnest(ids) WITH ORDINALITY AS da(id, place) ON da.id = b.debit
    LEFT JOIN unnest(ids) WITH ORDINALITY AS ca(id, place) ON ca.id = b.credit
    LEFT JOIN LATERAL (
      SELECT x.debit_id = b.debit AND x.credit_id = b.credit AND x.amount = b.amount
        AND x.currency = b.currency AND x.code = b.code AND x.flags | 1 = b.flags | 1
        AND x.pending_id IS NOT DISTINCT FROM b.pending_id
        AND x.expires_at IS NOT DISTINCT FROM b.expires_at
        AND x.merchant_id IS NOT DISTINCT FROM b.merchant_id
        AND x.reference = b.reference AND x.document = b.document AS same
      FROM ledger_transfer x WHERE x.platform_id = platform AND x.id = b.id LIMIT 1
    ) e ON true
    LEFT JOIN LATERAL (
      SELECT x.id FROM ledger_failure x WHERE x.platform_id = platform AND x.id = b.id LIMIT 1
    ) f ON true
    LEFT JOIN LATERAL (
      SELECT x.debit_id, x.credit_id, x.amount, x.flags, x.expires_at FROM ledger_transfer x
      WHERE x.platform_id = platform AND x.id = b.pending_id LIMIT 1
    ) p ON b.pending_id IS NOT NULL
    LEFT JOIN LATERAL (
      SELECT x.flags FROM ledger_transfer x
      WHERE x.platform_id = platform AND x.pending_id = b.pending_id LIMIT 1
    ) s ON b.pending_id IS NOT NULL
    ORDER BY b.at
  LOOP
    place := r.at; d := r.d; c := r.c; h := held[r.key]; code := NULL;
    dpending := 0; dposted := 0; kind := r.flags & 30;
    keys[place] := r.key; pkeys[place] := r.pkey;
    IF chain IS NULL AND r.flags & 1 = 1 THEN
      chain := place; broken := false;
    END IF;

    IF chain IS NOT NULL AND broken THEN
      code := 'linked_event_failed';
    ELSIF chain IS NOT NULL AND r.flags & 1 = 1 AND place = n THEN
      code := 'linked_event_chain_open';
    ELSIF h > 0 THEN
      -- decided earlier in this batch: the same request but for its link to the next?
      code := CASE WHEN
          (p_transfers -> (h - 1)) - 'flags' - 'journal' = (p_transfers -> (place - 1)) - 'flags' - 'journal'
          AND (p_transfers -> (h - 1) ->> 'flags')::int | 1 = r.flags | 1
        THEN 'exists' ELSE 'exists_with_different_fields' END;
    ELSIF h < 0 OR r.failed IS NOT NULL THEN
      code := 'id_already_failed';
    ELSIF r.same IS NOT NULL THEN
      code := CASE WHEN r.same THEN 'exists' ELSE 'exists_with_different_fields' END;
    ELSIF r.amount IS NULL OR r.amount <= 0 THEN
      code := 'amount_must_be_positive';
    ELSIF r.flags NOT BETWEEN 0 AND 31 OR kind NOT IN (0, 2, 4, 8, 24)
        OR (kind IN (4, 8, 24)) IS DISTINCT FROM (r.pending_id IS NOT NULL)
        OR (r.expires_at IS NOT NULL AND kind <> 2) OR r.pending_id = r.id THEN
      code := 'flags_not_valid';
    ELSIF r.debit = r.credit THEN
      code := 'accounts_must_be_different';
    ELSIF d IS NULL THEN
      code := 'debit_account_not_found';
    ELSIF c IS NULL THEN
      code := 'credit_account_not_found';
    ELSIF cur[d] <> r.currency OR cur[c] <> r.currency THEN
      code := 'currency_must_match';
    ELSIF kind IN (0, 2) THEN
      IF limd[d] AND dpe[d] + dpo[d] + r.amount > cpo[d] THEN
        code := 'exceeds_credits';
      ELSIF limc[c] AND cpe[c] + cpo[c] + r.amount > dpo[c] THEN
        code := 'exceeds_debits';
      ELSIF greatest(dpe[d] + dpo[d], cpe[c] + cpo[c]) > most - r.amount THEN
        code := 'overflows';
      ELSIF kind = 2 THEN
        dpending := r.amount;
      ELSE
        dposted := r.amount;
      END IF;
    ELSE
      h := held[r.pkey];
      IF h > 0 THEN
        IF ds[h] IS DISTINCT FROM d OR cs[h] IS DISTINCT FROM c THEN
          code := 'pending_transfer_has_different_accounts';
        END IF;
        p_flags := (p_transfers -> (h - 1) ->> 'flags')::int;
        p_amount := (p_transfers -> (h - 1) ->> 'amount')::bigint;
        p_until := (p_transfers -> (h - 1) ->> 'expires_at')::timestamptz;
      ELSIF r.p_amount IS NOT NULL THEN
        IF r.p_debit <> r.debit OR r.p_credit <> r.credit THEN
          code := 'pending_transfer_has_different_accounts';
        END IF;
        p_flags := r.p_flags; p_amount := r.p_amount; p_until := r.p_until;
      ELSE
        p_flags := 2; p_amount := NULL;
      END IF;
      IF p_amount IS NULL THEN
        code := 'pending_transfer_not_found';
      ELSIF p_flags & 2 = 0 THEN
        code := 'pending_transfer_not_pending';
      ELSIF code IS NOT NULL THEN
        NULL;
      ELSIF resolved[r.pkey] IS NOT NULL THEN
        code := resolved[r.pkey];
      ELSIF r.s_flags IS NOT NULL THEN
        code := CASE WHEN r.s_flags & 4 = 4 THEN 'pending_transfer_already_posted'
          WHEN r.s_flags & 16 = 16 THEN 'pending_transfer_expired'
          ELSE 'pending_transfer_already_voided' END;
      ELSIF r.amount > p_amount THEN
        code := 'exceeds_pending_transfer_amount';
      ELSIF kind <> 4 AND r.amount <> p_amount THEN
        code := 'pending_transfer_has_different_amount';
      ELSIF kind = 24 AND (p_until IS NULL OR p_until > p_business) THEN
        code := 'pending_transfer_not_expired';
      ELSIF kind = 4 AND p_until <= p_business THEN
        code := 'pending_transfer_expired';
      ELSE
        dpending := -p_amount;
        dposted := CASE WHEN kind = 4 THEN r.amount ELSE 0 END;
        resolved[r.pkey] := CASE kind WHEN 4 THEN 'pending_transfer_already_posted'
          WHEN 24 THEN 'pending_transfer_expired' ELSE 'pending_transfer_already_voided' END;
      END IF;
    END IF;

    IF code IS NULL THEN
      code := 'ok';
      held[r.key] := place; ds[place] := d; cs[place] := c;
      pends[place] := dpending; posts[place] := dposted;
      dpe[d] := dpe[d] + dpending; dpo[d] := dpo[d] + dposted;
      cpe[c] := cpe[c] + dpending; cpo[c] := cpo[c] + dposted;
    ELSIF code = ANY (sticky) THEN
      held[r.key] := -1; refused := true;
    END IF;
    results[place] := code;

    IF chain IS NOT NULL THEN
      IF NOT broken AND code NOT IN ('ok', 'exists') THEN
        broken := true;
        FOR i IN REVERSE place - 1 .. chain LOOP
          CONTINUE WHEN results[i] <> 'ok';
          d := ds[i]; c := cs[i];
          dpe[d] := dpe[d] - pends[i]; dpo[d] := dpo[d] - posts[i];
          cpe[c] := cpe[c] - pends[i]; cpo[c] := cpo[c] - posts[i];
          held[keys[i]] := 0; results[i] := 'linked_event_failed';
          IF pkeys[i] IS NOT NULL THEN
            resolved[pkeys[i]] := NULL;
          END IF;
        END LOOP;
      END IF;
      IF r.flags & 1 = 0 THEN
        chain := NULL;
      END IF;
    END IF;
  END LOOP;

  INSERT INTO ledger_transfer (platform_id, id, debit_id, credit_id, amount, currency, code,
    flags, pending_id, expires_at, journal, merchant_id, reference, document, business_at,
    created_at, txid)
  SELECT platform, t.id, t.debit, t.credit, t.amount, t.currency, t.code, t.flags, t.pending_id,
    t.expires_at, t.journal, t.merchant_id, t.reference, t.document, p_business, p_system,
    pg_current_xact_id()::text::bigint
  FROM ROWS FROM (jsonb_to_recordset(p_transfers) AS (
    id uuid, debit uuid, credit uuid, amount bigint, currency text, code text, flags int,
    pending_id uuid, expires_at timestamptz, journal uuid, merchant_id uuid, reference text,
    document text
  )) WITH ORDINALITY AS t(id, debit, credit, amount, currency, code, flags, pending_id,
    expires_at, journal, merchant_id, reference, document, place)
  WHERE results[t.place] = 'ok';

  IF FOUND THEN
    UPDATE ledger_account a SET debits_pending = u.dpe, debits_posted = u.dpo,
      credits_pending = u.cpe, credits_posted = u.cpo
    FROM unnest(ids, dpe, dpo, cpe, cpo) AS u(id, dpe, dpo, cpe, cpo)
    WHERE a.platform_id = platform AND a.id = u.id
      AND (a.debits_pending, a.debits_posted, a.credits_pending, a.credits_posted)
        IS DISTINCT FROM (u.dpe, u.dpo, u.cpe, u.cpo);
  END IF;
  IF refused THEN
    INSERT INTO ledger_failure (platform_id, id, result, created_at)
    SELECT DISTINCT ON (t.id) platform, t.id, results[t.place], p_system
    FROM ROWS FROM (jsonb_to_recordset(p_transfers) AS (id uuid))
      WITH ORDINALITY AS t(id, place)
    WHERE results[t.place] = ANY (sticky)
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN results;
END $ledger$;
