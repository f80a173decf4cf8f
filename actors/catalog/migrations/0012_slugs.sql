-- Slugs lead to one thing each, and those that a thing had before lead to it, too (actors/host/slug_book.h).
CREATE TABLE catalog.product_slug (
    slug       text COLLATE "C" PRIMARY KEY,
    subject_id uuid NOT NULL,
    is_current boolean NOT NULL,
    given_at   bigint NOT NULL
);
CREATE TABLE catalog.category_slug (
    slug       text COLLATE "C" PRIMARY KEY,
    subject_id uuid NOT NULL,
    is_current boolean NOT NULL,
    given_at   bigint NOT NULL
);

-- The last ten of the 26 characters of an id in Crockford's base32.
CREATE FUNCTION catalog.id_tail(id uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz',
        (('x' || right(replace(id::text, '-', ''), 13))::bit(52)::bigint >> 5 * g & 31)::integer + 1, 1), '' ORDER BY g DESC)
    FROM generate_series(0, 9) g
$$;
-- Of several that have one slug the oldest keeps it.
UPDATE catalog.product p SET slug = CASE WHEN octet_length(p.slug) > 244 THEN left(p.slug, 60) ELSE p.slug END || '-' || catalog.id_tail(p.id)
    FROM (SELECT id, row_number() OVER (PARTITION BY slug ORDER BY id) AS place FROM catalog.product) o
    WHERE o.id = p.id AND (o.place > 1 OR p.slug = '');
UPDATE catalog.category c SET slug = CASE WHEN octet_length(c.slug) > 189 THEN left(c.slug, 45) ELSE c.slug END || '-' || catalog.id_tail(c.id)
    FROM (SELECT id, row_number() OVER (PARTITION BY slug ORDER BY depth, id) AS place FROM catalog.category) o
    WHERE o.id = c.id AND (o.place > 1 OR c.slug = '');
INSERT INTO catalog.product_slug SELECT slug, id, true, created_at FROM catalog.product ON CONFLICT DO NOTHING;
INSERT INTO catalog.category_slug SELECT slug, id, true, created_at FROM catalog.category ON CONFLICT DO NOTHING;
CREATE UNIQUE INDEX product_slug_current ON catalog.product_slug (subject_id) WHERE is_current;
CREATE UNIQUE INDEX category_slug_current ON catalog.category_slug (subject_id) WHERE is_current;
CREATE INDEX product_slug_former ON catalog.product_slug (subject_id) WHERE NOT is_current;
CREATE INDEX category_slug_former ON catalog.category_slug (subject_id) WHERE NOT is_current;

-- Documents that were written before say the old slug; whoever writes one takes this away.
ALTER TABLE catalog.product_document ADD COLUMN slug text;
UPDATE catalog.product_document d SET slug = p.slug FROM catalog.product p
    WHERE p.id = d.product_id AND right(p.slug, 11) = '-' || catalog.id_tail(p.id);
DROP FUNCTION catalog.id_tail(uuid);

-- What search engines are told, where it is not the name and the description.
ALTER TABLE catalog.product ADD COLUMN seo_title text, ADD COLUMN seo_description text,
    ADD CONSTRAINT product_seo_is_short CHECK (length(seo_title) BETWEEN 1 AND 200 AND length(seo_description) BETWEEN 1 AND 500);
ALTER TABLE catalog.category ADD COLUMN seo_title text, ADD COLUMN seo_description text,
    ADD CONSTRAINT category_seo_is_short CHECK (length(seo_title) BETWEEN 1 AND 200 AND length(seo_description) BETWEEN 1 AND 500);
