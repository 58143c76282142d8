-- Decides a batch of transfers in order, and writes what passed: what stands behind ledger_post,
-- whose callers alone it serves.
--
-- Accounts with a limit are locked, in id order. Nothing is decided by the balance of an account
-- without one, so it isn't: each transaction adds to a stripe of it that no other holds just now.
CREATE OR REPLACE FUNCTION ledger_post_batch(
  platform uuid, p_transfers jsonb, p_accounts jsonb, p_system timestamptz, p_business timestamptz
) RETURNS text[]
LANGUAGE plpgsql VOLATILE
AS $batch$
DECLARE
  n int := jsonb_array_length(p_transfers);
  opened int := jsonb_array_length(p_accounts);
  sticky CONSTANT text[] := ARRAY['debit_account_not_found', 'credit_account_not_found',
    'pending_transfer_not_found', 'exceeds_credits', 'exceeds_debits'];
  most CONSTANT bigint := 9000000000000000000;
  -- the batch, by place
  t_id uuid[]; t_debit uuid[]; t_credit uuid[]; t_amount bigint[]; t_currency text[];
  t_code text[]; t_flags int[]; t_pending uuid[]; t_until timestamptz[]; t_journal uuid[];
  t_merchant uuid[]; t_reference text[]; t_document text[];
  -- accounts, by their place in id order; cur is NULL where there is no such account. stripes:
  -- the stripe that takes what is added to an account without a limit.
  ids uuid[]; cur text[]; dpe bigint[]; dpo bigint[]; cpe bigint[]; cpo bigint[];
  limd boolean[]; limc boolean[]; stripes uuid[]; touched boolean[];
  -- what each transfer did; the same on both its accounts, which are ds and cs
  results text[]; ds int[]; cs int[]; pends bigint[]; posts bigint[];
  -- ids of the batch and those of their pending transfers, by number: the place that holds the
  -- id (-1: failed for good), and how it was resolved in this batch
  numbers int[]; held int[]; resolved text[];
  -- what the tables know: 1 the id is there, 2 it failed; and the pending transfer
  known int[]; any_pending boolean; q_debit uuid[]; q_credit uuid[]; q_amount bigint[];
  q_flags int[]; q_until timestamptz[]; q_end int[];
  one jsonb; r record; x record; code text; kind int; flags int; amount bigint;
  a uuid; b uuid; d int; c int; h int; k int; i int;
  p_flags int; p_amount bigint; p_until timestamptz; attempt int := 0;
  dpending bigint; dposted bigint;
  chain int; broken boolean; refused boolean; passed boolean; hot boolean;
BEGIN
  IF n > 8190 THEN
    RAISE EXCEPTION 'a batch has at most 8190 transfers, this one %', n USING ERRCODE = '22023';
  END IF;
  IF opened > 0 THEN
    INSERT INTO ledger_account (platform_id, id, currency, code, owner, debits_pending,
      debits_posted, credits_pending, credits_posted, debits_must_not_exceed_credits,
      credits_must_not_exceed_debits, created_at)
    SELECT platform, o.id, o.currency, o.code, o.owner, 0, 0, 0, 0,
      o.limit_debits, o.limit_credits, p_system
    FROM jsonb_to_recordset(p_accounts) AS o(id uuid, currency text, code text, owner uuid,
      limit_debits boolean, limit_credits boolean)
    WHERE NOT EXISTS (SELECT FROM ledger_account l WHERE l.platform_id = platform AND l.id = o.id)
    ORDER BY o.id
    ON CONFLICT DO NOTHING;
  END IF;

  IF n = 1 THEN
    -- Several times cheaper than the query below.
    one := p_transfers -> 0;
    t_id := ARRAY[(one ->> 'id')::uuid]; t_debit := ARRAY[(one ->> 'debit')::uuid];
    t_credit := ARRAY[(one ->> 'credit')::uuid]; t_amount := ARRAY[(one ->> 'amount')::bigint];
    t_currency := ARRAY[one ->> 'currency']; t_code := ARRAY[one ->> 'code'];
    t_flags := ARRAY[coalesce((one ->> 'flags')::int, 0)];
    t_pending := ARRAY[(one ->> 'pending_id')::uuid];
    t_until := ARRAY[(one ->> 'expires_at')::timestamptz];
    t_journal := ARRAY[(one ->> 'journal')::uuid];
    t_merchant := ARRAY[(one ->> 'merchant_id')::uuid];
    t_reference := ARRAY[coalesce(one ->> 'reference', '')];
    t_document := ARRAY[coalesce(one ->> 'document', '')];
    any_pending := t_pending[1] IS NOT NULL;
  ELSIF n > 1 THEN
    SELECT array_agg(t.id), array_agg(t.debit), array_agg(t.credit), array_agg(t.amount),
      array_agg(t.currency), array_agg(t.code), array_agg(coalesce(t.flags, 0)),
      array_agg(t.pending_id), array_agg(t.expires_at), array_agg(t.journal),
      array_agg(t.merchant_id), array_agg(coalesce(t.reference, '')),
      array_agg(coalesce(t.document, '')), bool_or(t.pending_id IS NOT NULL)
    INTO t_id, t_debit, t_credit, t_amount, t_currency, t_code, t_flags, t_pending, t_until,
      t_journal, t_merchant, t_reference, t_document, any_pending
    FROM jsonb_to_recordset(p_transfers) AS t(id uuid, debit uuid, credit uuid, amount bigint,
      currency text, code text, flags int, pending_id uuid, expires_at timestamptz, journal uuid,
      merchant_id uuid, reference text, document text);
  END IF;

  -- Every account gets its place in id order, every transfer the places of its two.
  a := t_debit[1]; b := t_credit[1];
  IF n = 1 AND a IS NOT NULL AND b IS NOT NULL AND opened = 0 THEN
    ids := CASE WHEN a < b THEN ARRAY[a, b] WHEN a > b THEN ARRAY[b, a] ELSE ARRAY[a] END;
    ds := ARRAY[CASE WHEN a <= b THEN 1 ELSE 2 END];
    cs := ARRAY[CASE WHEN b <= a THEN 1 ELSE 2 END];
  ELSE
    SELECT array_agg(s.rank ORDER BY s.place), array_agg(s.id ORDER BY s.id) FILTER (WHERE s.first)
    INTO numbers, ids
    FROM (
      SELECT u.id, u.place, dense_rank() OVER (ORDER BY u.id)::int AS rank,
        row_number() OVER (PARTITION BY u.id) = 1 AND u.id IS NOT NULL AS first
      FROM unnest(t_debit || t_credit || ARRAY(
        SELECT o.id FROM jsonb_to_recordset(p_accounts) AS o(id uuid)
      )) WITH ORDINALITY AS u(id, place)
    ) s;
    ds := numbers[1:n]; cs := numbers[n + 1:2 * n];
  END IF;

  -- The ids of the transfers and of those they resolve get numbers.
  IF n = 1 THEN
    numbers := ARRAY[1, CASE WHEN t_pending[1] = t_id[1] THEN 1 ELSE 2 END];
  ELSIF n > 1 THEN
    SELECT array_agg(s.rank ORDER BY s.place) INTO numbers FROM (
      SELECT u.place, dense_rank() OVER (ORDER BY u.id)::int AS rank
      FROM unnest(t_id || t_pending) WITH ORDINALITY AS u(id, place)
    ) s;
  END IF;

  k := coalesce(array_length(ids, 1), 0);
  <<attempts>>
  LOOP
    cur := array_fill(NULL::text, ARRAY[k]); stripes := array_fill(NULL::uuid, ARRAY[k]);
    dpe := array_fill(0::bigint, ARRAY[k]); dpo := dpe; cpe := dpe; cpo := dpe;
    limd := array_fill(false, ARRAY[k]); limc := limd; touched := limd;
    i := 1; hot := false;
    FOR r IN
      SELECT l.* FROM ledger_account l WHERE l.platform_id = platform AND l.id = ANY (ids)
        AND (l.debits_must_not_exceed_credits OR l.credits_must_not_exceed_debits)
      ORDER BY l.id FOR NO KEY UPDATE
    LOOP
      WHILE ids[i] <> r.id LOOP i := i + 1; END LOOP;
      cur[i] := r.currency; dpe[i] := r.debits_pending; dpo[i] := r.debits_posted;
      cpe[i] := r.credits_pending; cpo[i] := r.credits_posted;
      limd[i] := r.debits_must_not_exceed_credits; limc[i] := r.credits_must_not_exceed_debits;
    END LOOP;
    IF n = 0 THEN
      RETURN ARRAY[]::text[];
    END IF;
    IF array_position(cur, NULL) IS NOT NULL THEN
      i := 1;
      FOR r IN
        SELECT l.id, l.currency, s.* FROM ledger_account l LEFT JOIN LATERAL (
          SELECT t.id AS stripe, t.debits_pending, t.debits_posted, t.credits_pending,
            t.credits_posted
          FROM ledger_stripe t WHERE t.platform_id = platform AND t.account_id = l.id
          ORDER BY t.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
        ) s ON true
        WHERE l.platform_id = platform AND l.id = ANY (ids)
          AND NOT (l.debits_must_not_exceed_credits OR l.credits_must_not_exceed_debits)
        ORDER BY l.id
      LOOP
        WHILE ids[i] <> r.id LOOP i := i + 1; END LOOP;
        cur[i] := r.currency; hot := true;
        IF r.stripe IS NULL THEN
          stripes[i] := gen_random_uuid();
          INSERT INTO ledger_stripe (platform_id, id, account_id, debits_pending, debits_posted,
            credits_pending, credits_posted) VALUES (platform, stripes[i], r.id, 0, 0, 0, 0);
        ELSE
          stripes[i] := r.stripe; dpe[i] := r.debits_pending; dpo[i] := r.debits_posted;
          cpe[i] := r.credits_pending; cpo[i] := r.credits_posted;
        END IF;
      END LOOP;
    END IF;

    results := array_fill(NULL::text, ARRAY[n]);
    pends := array_fill(0::bigint, ARRAY[n]); posts := pends;
    known := array_fill(0, ARRAY[n]);
    held := array_fill(0, ARRAY[2 * n]); resolved := array_fill(NULL::text, ARRAY[2 * n]);
    FOR r IN
      SELECT u.place, f.what FROM unnest(t_id) WITH ORDINALITY AS u(id, place), LATERAL (
        (SELECT 2 AS what FROM ledger_failure y
          WHERE y.platform_id = platform AND y.id = u.id LIMIT 1)
        UNION ALL
        (SELECT 1 FROM ledger_transfer y WHERE y.platform_id = platform AND y.id = u.id LIMIT 1)
      ) f
    LOOP
      known[r.place] := r.what;
    END LOOP;
    IF any_pending THEN
      q_amount := pends; q_flags := known; q_end := known;
      q_debit := array_fill(NULL::uuid, ARRAY[n]); q_credit := q_debit;
      q_until := array_fill(NULL::timestamptz, ARRAY[n]);
      FOR r IN
        SELECT u.place, p.*, s.flags AS ended
        FROM unnest(t_pending) WITH ORDINALITY AS u(id, place), LATERAL (
          SELECT y.debit_id, y.credit_id, y.amount, y.flags, y.expires_at FROM ledger_transfer y
          WHERE y.platform_id = platform AND y.id = u.id LIMIT 1
        ) p LEFT JOIN LATERAL (
          SELECT y.flags FROM ledger_transfer y
          WHERE y.platform_id = platform AND y.pending_id = u.id LIMIT 1
        ) s ON true
        WHERE u.id IS NOT NULL
      LOOP
        i := r.place;
        q_debit[i] := r.debit_id; q_credit[i] := r.credit_id; q_amount[i] := r.amount;
        q_flags[i] := r.flags; q_until[i] := r.expires_at; q_end[i] := r.ended;
      END LOOP;
    END IF;

    chain := NULL; broken := false; refused := false; passed := false;
    FOR place IN 1..n LOOP
      flags := t_flags[place]; amount := t_amount[place]; kind := flags & 30; code := NULL;
      d := ds[place]; c := cs[place]; h := held[numbers[place]];
      dpending := 0; dposted := 0;
      IF chain IS NULL AND flags & 1 = 1 THEN
        chain := place; broken := false;
      END IF;

      IF chain IS NOT NULL AND broken THEN
        code := 'linked_event_failed';
      ELSIF chain IS NOT NULL AND flags & 1 = 1 AND place = n THEN
        code := 'linked_event_chain_open';
      ELSIF h > 0 OR h = 0 AND known[place] = 1 THEN
        -- Decided before: the same request, but for its link to the next? The first field that
        -- differs is told.
        IF h > 0 THEN
          SELECT t_flags[h] AS flags, t_pending[h] AS pending_id, t_until[h] AS expires_at,
            t_debit[h] AS debit_id, t_credit[h] AS credit_id, t_amount[h] AS amount,
            t_currency[h] AS currency, t_code[h] AS code, t_merchant[h] AS merchant_id,
            t_reference[h] AS reference, t_document[h] AS document INTO x;
        ELSE
          -- Types as above: a record's fields keep theirs while the plan lives.
          SELECT y.flags::int AS flags, y.pending_id, y.expires_at, y.debit_id, y.credit_id,
            y.amount, y.currency::text AS currency, y.code::text AS code, y.merchant_id,
            y.reference::text AS reference, y.document::text AS document
          INTO x FROM ledger_transfer y
          WHERE y.platform_id = platform AND y.id = t_id[place];
        END IF;
        code := CASE
          WHEN x.flags | 1 <> flags | 1 THEN 'exists_with_different_flags'
          WHEN x.pending_id IS DISTINCT FROM t_pending[place]
            THEN 'exists_with_different_pending_id'
          WHEN x.expires_at IS DISTINCT FROM t_until[place]
            THEN 'exists_with_different_expires_at'
          WHEN x.debit_id IS DISTINCT FROM t_debit[place]
            THEN 'exists_with_different_debit_account'
          WHEN x.credit_id IS DISTINCT FROM t_credit[place]
            THEN 'exists_with_different_credit_account'
          WHEN x.amount IS DISTINCT FROM amount THEN 'exists_with_different_amount'
          WHEN x.currency IS DISTINCT FROM t_currency[place]
            THEN 'exists_with_different_currency'
          WHEN x.code IS DISTINCT FROM t_code[place] THEN 'exists_with_different_code'
          WHEN x.merchant_id IS DISTINCT FROM t_merchant[place]
            THEN 'exists_with_different_merchant'
          WHEN x.reference IS DISTINCT FROM t_reference[place]
            THEN 'exists_with_different_reference'
          WHEN x.document IS DISTINCT FROM t_document[place]
            THEN 'exists_with_different_document'
          ELSE 'exists' END;
      ELSIF h < 0 OR known[place] = 2 THEN
        code := 'id_already_failed';
      ELSIF amount IS NULL OR amount <= 0 THEN
        code := 'amount_must_be_positive';
      ELSIF flags NOT BETWEEN 0 AND 31 OR kind NOT IN (0, 2, 4, 8, 24)
          OR (kind IN (4, 8, 24)) IS DISTINCT FROM (t_pending[place] IS NOT NULL)
          OR (t_until[place] IS NOT NULL AND kind <> 2) OR t_pending[place] = t_id[place] THEN
        code := 'flags_not_valid';
      ELSIF d = c THEN
        code := 'accounts_must_be_different';
      ELSIF t_debit[place] IS NULL OR cur[d] IS NULL THEN
        code := 'debit_account_not_found';
      ELSIF t_credit[place] IS NULL OR cur[c] IS NULL THEN
        code := 'credit_account_not_found';
      ELSIF cur[d] <> t_currency[place] OR cur[c] <> t_currency[place] THEN
        code := 'currency_must_match';
      ELSIF kind <= 2 THEN
        IF limd[d] AND dpe[d] + dpo[d] + amount > cpo[d] THEN
          code := 'exceeds_credits';
        ELSIF limc[c] AND cpe[c] + cpo[c] + amount > dpo[c] THEN
          code := 'exceeds_debits';
        ELSIF greatest(dpe[d] + dpo[d], cpe[c] + cpo[c]) > most - amount THEN
          code := 'overflows';
        ELSIF kind = 2 THEN
          dpending := amount;
        ELSE
          dposted := amount;
        END IF;
      ELSE
        i := numbers[n + place]; h := held[i];
        IF h > 0 THEN
          p_flags := t_flags[h]; p_amount := t_amount[h]; p_until := t_until[h];
          IF ds[h] <> d OR cs[h] <> c THEN
            code := 'pending_transfer_has_different_accounts';
          END IF;
        ELSIF q_amount[place] > 0 THEN
          p_flags := q_flags[place]; p_amount := q_amount[place]; p_until := q_until[place];
          IF q_debit[place] <> t_debit[place] OR q_credit[place] <> t_credit[place] THEN
            code := 'pending_transfer_has_different_accounts';
          END IF;
        ELSE
          p_amount := NULL;
        END IF;
        IF p_amount IS NULL THEN
          code := 'pending_transfer_not_found';
        ELSIF p_flags & 2 = 0 THEN
          code := 'pending_transfer_not_pending';
        ELSIF code IS NOT NULL THEN
          NULL;
        ELSIF resolved[i] IS NOT NULL THEN
          code := resolved[i];
        ELSIF q_end[place] > 0 THEN
          code := CASE WHEN q_end[place] & 4 = 4 THEN 'pending_transfer_already_posted'
            WHEN q_end[place] & 16 = 16 THEN 'pending_transfer_expired'
            ELSE 'pending_transfer_already_voided' END;
        ELSIF amount > p_amount THEN
          code := 'exceeds_pending_transfer_amount';
        ELSIF kind <> 4 AND amount <> p_amount THEN
          code := 'pending_transfer_has_different_amount';
        ELSIF kind = 24 AND (p_until IS NULL OR p_until > p_business) THEN
          code := 'pending_transfer_not_expired';
        ELSIF kind = 4 AND p_until <= p_business THEN
          code := 'pending_transfer_expired';
        ELSE
          dpending := -p_amount;
          dposted := CASE WHEN kind = 4 THEN amount ELSE 0 END;
          resolved[i] := CASE kind WHEN 4 THEN 'pending_transfer_already_posted'
            WHEN 24 THEN 'pending_transfer_expired' ELSE 'pending_transfer_already_voided' END;
        END IF;
      END IF;

      IF code IS NULL THEN
        code := 'ok'; passed := true;
        held[numbers[place]] := place;
        touched[d] := true; touched[c] := true;
        IF dposted <> 0 THEN
          posts[place] := dposted;
          dpo[d] := dpo[d] + dposted; cpo[c] := cpo[c] + dposted;
        END IF;
        IF dpending <> 0 THEN
          pends[place] := dpending;
          dpe[d] := dpe[d] + dpending; cpe[c] := cpe[c] + dpending;
        END IF;
      ELSIF code = ANY (sticky) THEN
        held[numbers[place]] := -1; refused := true;
      END IF;
      results[place] := code;

      IF chain IS NOT NULL THEN
        IF NOT broken AND code NOT IN ('ok', 'exists') THEN
          broken := true;
          FOR j IN REVERSE place - 1 .. chain LOOP
            CONTINUE WHEN results[j] <> 'ok';
            d := ds[j]; c := cs[j];
            dpe[d] := dpe[d] - pends[j]; dpo[d] := dpo[d] - posts[j];
            cpe[c] := cpe[c] - pends[j]; cpo[c] := cpo[c] - posts[j];
            held[numbers[j]] := 0; results[j] := 'linked_event_failed';
            IF t_pending[j] IS NOT NULL THEN
              resolved[numbers[n + j]] := NULL;
            END IF;
          END LOOP;
        END IF;
        IF flags & 1 = 0 THEN
          chain := NULL;
        END IF;
      END IF;
    END LOOP;

    EXIT attempts WHEN NOT passed;
    BEGIN
      INSERT INTO ledger_transfer (platform_id, id, debit_id, credit_id, amount, currency, code,
        flags, pending_id, expires_at, journal, merchant_id, reference, document, business_at,
        created_at, txid)
      SELECT platform, t.id, t.debit, t.credit, t.amount, t.currency, t.code, t.flags,
        t.pending_id, t.expires_at, t.journal, t.merchant_id, t.reference, t.document, p_business,
        p_system, pg_current_xact_id()::text::bigint
      FROM unnest(t_id, t_debit, t_credit, t_amount, t_currency, t_code, t_flags, t_pending,
        t_until, t_journal, t_merchant, t_reference, t_document, results) AS t(id, debit, credit,
        amount, currency, code, flags, pending_id, expires_at, journal, merchant_id, reference,
        document, result)
      WHERE t.result = 'ok'
      ORDER BY t.id; -- so that two batches of the same ids wait for each other, not in a ring
      EXIT attempts;
    EXCEPTION WHEN unique_violation THEN
      -- Someone else took an id between our look and our write, and has committed: look again.
      attempt := attempt + 1;
      IF attempt > 20 THEN -- a snapshot that can't see it, as in REPEATABLE READ
        RAISE;
      END IF;
    END;
  END LOOP;

  IF passed THEN
    UPDATE ledger_account l SET debits_pending = u.dpe, debits_posted = u.dpo,
      credits_pending = u.cpe, credits_posted = u.cpo
    FROM unnest(ids, dpe, dpo, cpe, cpo, stripes, touched)
      AS u(id, dpe, dpo, cpe, cpo, stripe, touched)
    WHERE l.platform_id = platform AND l.id = u.id AND u.touched AND u.stripe IS NULL;
    IF hot THEN
      UPDATE ledger_stripe l SET debits_pending = u.dpe, debits_posted = u.dpo,
        credits_pending = u.cpe, credits_posted = u.cpo
      FROM unnest(dpe, dpo, cpe, cpo, stripes, touched) AS u(dpe, dpo, cpe, cpo, stripe, touched)
      WHERE l.platform_id = platform AND l.id = u.stripe AND u.touched;
    END IF;
  END IF;
  IF refused THEN
    INSERT INTO ledger_failure (platform_id, id, result, created_at)
    SELECT DISTINCT ON (t.id) platform, t.id, t.result, p_system
    FROM unnest(t_id, results) AS t(id, result)
    WHERE t.result = ANY (sticky)
    ORDER BY t.id
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN results;
END $batch$;
