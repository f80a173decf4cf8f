"""A market with all that a price can be made of: every vendor sends, goods are taxed, and there is a code."""
CODE = "BENCH"
ADDRESS = {"name": "Ada Lovelace", "line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117",
           "country": "DE"}


def furnish(market):
    """Straight into the tables: imported vendors have nobody who could sign in."""
    market.sql("vendor", """
        INSERT INTO vendor.shipping_profile (id, vendor_id, name, is_default, created_at)
        SELECT id, id, 'Standard', true, 1 FROM vendor.vendor;
        INSERT INTO vendor.shipping_method (id, vendor_id, profile_id, name, kind, currency, price_amount, countries,
                                            is_active, created_at)
        SELECT gen_random_uuid(), id, id, 'Parcel', 0, 'EUR', 499, '{}', true, 1 FROM vendor.vendor""")
    market.sql("order", f"""
        INSERT INTO "order".tax_rate (id, name, country, region, tax_class, ppm, starts_at, created_at)
        SELECT gen_random_uuid(), 'VAT', 'DE', '', class, 190000, 1, 1 FROM unnest('{{0, 4}}'::int[]) AS t (class);
        INSERT INTO "order".promotion (id, owner_id, name, code, code_key, holds_code, status, kind, off_ppm,
            fixed_amount, buy_quantity, get_quantity, target_products, qualifying_products, quantity_min, subtotal_min,
            group_ids, needs_first_order, starts_at, is_exclusive, priority, bearer, market_ppm, limit_total,
            created_at, updated_at)
        VALUES (gen_random_uuid(), '00000000-0000-0000-0000-000000000000', 'Bench', '{CODE}', '{CODE}', true, 'active',
            'percent', 100000, 0, 0, 0, '{{}}', '{{}}', 0, 0, '{{}}', false, 1, false, 0, 'market', 0, 1000000000, 1,
            1)""")
