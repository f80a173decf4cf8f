-- Which price list of one of its buyer's groups made a line's price. The lists are the catalogue's.
ALTER TABLE "order".order_line ADD COLUMN price_list_id uuid;
