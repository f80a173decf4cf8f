-- Which price list made the price of goods that an edit adds, as of any other line.
ALTER TABLE "order".order_edit_goods ADD COLUMN price_list_id uuid;
