-- The yardsticks' own tables, in a database beside the product's: nothing special about them.
CREATE TABLE bench_bare (id int PRIMARY KEY, name varchar(100) NOT NULL, price bigint NOT NULL);
INSERT INTO bench_bare SELECT n, 'product ' || n, n * 10 FROM generate_series(1, 10000) AS n;
CREATE TABLE plain_stock (id int PRIMARY KEY, on_hand int NOT NULL);
INSERT INTO plain_stock SELECT n, 1000000 FROM generate_series(1, 20000) AS n;
CREATE TABLE plain_order (id uuid PRIMARY KEY, buyer text NOT NULL, address jsonb NOT NULL,
  total bigint NOT NULL, state text NOT NULL, created_at timestamptz NOT NULL);
CREATE TABLE plain_line (id uuid PRIMARY KEY, order_id uuid NOT NULL REFERENCES plain_order,
  variant_id int NOT NULL, quantity int NOT NULL, price bigint NOT NULL);
CREATE TABLE plain_payment (id uuid PRIMARY KEY, order_id uuid NOT NULL REFERENCES plain_order,
  amount bigint NOT NULL, state text NOT NULL);
CREATE TABLE plain_event (id uuid PRIMARY KEY, name text NOT NULL, body jsonb NOT NULL);
