-- The mix of bench/ledger.py, one at a time: pgbench draws, so that the server only posts.
\set k random(0, 19)
\set d case when :k = 0 then random(101, 200) when :k >= 7 and :k <= 11 then 201 else random(1, 100) end
\set c case when :k >= 12 and :k <= 14 then 202 else 1 + (:d + random(0, 98)) % 100 end
\set much case when :k = 0 then 1000000000 else random(1, 499) end
\set flags case when :k >= 1 and :k <= 4 then 2 else 0 end
SELECT ledger_post(jsonb_build_array(jsonb_build_object('id', uuidv7(), 'debit', a[:d::int],
  'credit', a[:c::int], 'amount', :much::bigint, 'currency', 'CNY', 'code', 'bench', 'flags', :flags::int,
  'pending_id', NULL, 'expires_at', NULL, 'journal', uuidv7(), 'merchant_id', NULL,
  'reference', '', 'document', '')), '[]', clock_timestamp(), clock_timestamp())
FROM (SELECT current_setting('bench.accounts')::uuid[] AS a OFFSET 0) s;
