-- What a line's goods were made of when their buyer last said how many (cart_parts_mark()); 0: before that was kept.
ALTER TABLE "order".cart_line ADD COLUMN parts_mark bigint NOT NULL DEFAULT 0;
