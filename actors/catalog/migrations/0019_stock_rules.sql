-- Each checkout writes stock, a reservation and a movement of every line, twice: their rules are read once a session now
-- (storage/README.md, Decisions: a column's own rule is its type).
CREATE DOMAIN catalog.reservation_state AS smallint CHECK (VALUE BETWEEN 1 AND 4);
CREATE DOMAIN catalog.movement_kind AS smallint CHECK (VALUE BETWEEN 0 AND 4);

ALTER TABLE catalog.reservation
    DROP CONSTRAINT reservation_quantity_check, DROP CONSTRAINT reservation_state_check,
    ALTER COLUMN quantity TYPE host.amount, ALTER COLUMN state TYPE catalog.reservation_state;
ALTER TABLE catalog.stock_movement
    DROP CONSTRAINT stock_movement_kind_check, ALTER COLUMN kind TYPE catalog.movement_kind;

-- The rules of a row that is written often are one function (the same page).
CREATE FUNCTION catalog.stock_is_sound(s catalog.stock) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN s.held >= 0 AND s.on_hand >= s.held AND s.sold >= 0 AND s.received = s.on_hand + s.sold;
END $$;

ALTER TABLE catalog.stock
    DROP CONSTRAINT stock_is_complete, DROP CONSTRAINT stock_is_sound,
    ADD CONSTRAINT stock_is_sound CHECK (catalog.stock_is_sound(stock));
