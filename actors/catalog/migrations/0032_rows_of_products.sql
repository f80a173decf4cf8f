-- What a product is made of is written in the unit that writes the product, under an id that was made for it a moment before, and no product
-- is ever deleted. To look each of these rows' product up again, and to lock it, took a tenth of what an import costs PostgreSQL. What refers
-- to something that may go (categories, pictures, lists) keeps its foreign key.
ALTER TABLE catalog.product_document DROP CONSTRAINT product_document_product_id_fkey;
ALTER TABLE catalog.listing DROP CONSTRAINT listing_product_id_fkey;
ALTER TABLE catalog.variant DROP CONSTRAINT variant_product_id_fkey;
ALTER TABLE catalog.variant_price DROP CONSTRAINT variant_price_variant_id_fkey;

-- Every row is something of no product.
CREATE FUNCTION catalog.check_products() RETURNS TABLE (invariant text, id uuid) LANGUAGE sql STABLE AS $$
    SELECT 'document_of_no_product', d.product_id FROM catalog.product_document d
    WHERE NOT EXISTS (SELECT FROM catalog.product p WHERE p.id = d.product_id)
    UNION ALL
    SELECT 'listing_of_no_product', l.product_id FROM catalog.listing l
    WHERE NOT EXISTS (SELECT FROM catalog.product p WHERE p.id = l.product_id)
    UNION ALL
    SELECT 'variant_of_no_product', w.id FROM catalog.variant w
    WHERE NOT EXISTS (SELECT FROM catalog.product p WHERE p.id = w.product_id)
    UNION ALL
    SELECT 'price_of_no_variant', r.variant_id FROM catalog.variant_price r
    WHERE NOT EXISTS (SELECT FROM catalog.variant w WHERE w.id = r.variant_id)
$$;
