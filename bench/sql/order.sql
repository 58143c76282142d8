\set a random(1, 10000)
\set b random(10001, 20000)
SELECT uuidv7() AS order \gset
BEGIN;
SELECT id, on_hand FROM plain_stock WHERE id IN (:a, :b) ORDER BY id FOR NO KEY UPDATE;
UPDATE plain_stock SET on_hand = on_hand - 1 WHERE id IN (:a, :b);
INSERT INTO plain_order VALUES (:order, 'guest', '{"city": "x", "line1": "y"}', 5440, 'pending', now());
INSERT INTO plain_line VALUES (uuidv7(), :order, :a, 1, 1990), (uuidv7(), :order, :b, 1, 3450);
INSERT INTO plain_event VALUES (uuidv7(), 'order.placed', '{"order": "x"}');
COMMIT;
BEGIN;
INSERT INTO plain_payment VALUES (uuidv7(), :order, 5440, 'captured');
UPDATE plain_order SET state = 'paid' WHERE id = :order;
INSERT INTO plain_event VALUES (uuidv7(), 'order.paid', '{"order": "x"}');
COMMIT;
