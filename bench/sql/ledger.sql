SELECT bench_ledger(1);
