-- The catalogue: the category tree, products as shoppers see them, stock and who holds how much of it.
-- Times are bigint microseconds of market time. Texts that are looked up bytewise have the collation "C".
CREATE SCHEMA IF NOT EXISTS catalog;

-- `ancestors` are the ids from the root down to the category itself. "C" puts a parent before its children.
CREATE TABLE catalog.category (
    id         uuid PRIMARY KEY,
    parent_id  uuid REFERENCES catalog.category,
    name       text NOT NULL,
    slug       text NOT NULL,
    path       text COLLATE "C" NOT NULL UNIQUE,
    depth      smallint NOT NULL CHECK (depth BETWEEN 0 AND 14),
    ancestors  uuid[] NOT NULL CHECK (cardinality(ancestors) = depth + 1),
    created_at bigint NOT NULL
);

-- What the catalogue knows of a vendor, from its events.
CREATE TABLE catalog.vendor_copy (
    vendor_id uuid PRIMARY KEY,
    name      text NOT NULL,
    is_open   boolean NOT NULL,
    version   bigint NOT NULL
);

-- `price_*` and `compare_at_amount` repeat the cheapest variant in the currency of the market at the time of writing.
CREATE TABLE catalog.product (
    id                uuid PRIMARY KEY,
    vendor_id         uuid NOT NULL,
    category_id       uuid NOT NULL REFERENCES catalog.category,
    category_path     text NOT NULL, -- a path never changes
    handle            text COLLATE "C" NOT NULL,
    name              text NOT NULL,
    slug              text NOT NULL,
    description       text NOT NULL,
    images            text[] NOT NULL,
    is_listed         boolean NOT NULL,
    price_amount      bigint NOT NULL CHECK (price_amount >= 0),
    price_currency    text NOT NULL CHECK (length(price_currency) = 3),
    compare_at_amount bigint CHECK (compare_at_amount >= 0),
    search            tsvector NOT NULL, -- all words, for finding
    title             tsvector NOT NULL, -- name and vendor, for ranking
    content_digest    bytea NOT NULL,
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    version           bigint NOT NULL DEFAULT 1,
    UNIQUE (vendor_id, handle)
) WITH (toast_tuple_target = 512);
-- Long texts stand aside (with the target above), so that a search that visits many products reads few pages; ranking
-- looks at the short vector only, which stays in the row.
ALTER TABLE catalog.product ALTER COLUMN title SET STORAGE MAIN;
CREATE INDEX product_listed ON catalog.product (id) WHERE is_listed;
CREATE INDEX product_listed_by_vendor ON catalog.product (vendor_id, id) WHERE is_listed;
CREATE INDEX product_search ON catalog.product USING gin (search) WHERE is_listed;

-- What a shopper reads of a listed product, as the bytes of a `catalog.product` of the contract: written by the import, so
-- that reading takes no join. The vendor's name and what can be bought are put in when it is read.
CREATE TABLE catalog.product_document (
    product_id uuid PRIMARY KEY REFERENCES catalog.product,
    vendor_id  uuid NOT NULL,
    document   bytea NOT NULL
);
-- Not compressed: small ones stand in the row, the others take longer to unpack than to read.
ALTER TABLE catalog.product_document ALTER COLUMN document SET STORAGE EXTERNAL;

-- One row per listed product and category above it, so that a page of a category is one range of the primary key.
CREATE TABLE catalog.listing (
    category_id  uuid NOT NULL,
    product_id   uuid NOT NULL REFERENCES catalog.product,
    price_amount bigint NOT NULL,
    PRIMARY KEY (category_id, product_id) INCLUDE (price_amount)
);

-- `options` are name, value, name, value ...
CREATE TABLE catalog.variant (
    id           uuid PRIMARY KEY,
    product_id   uuid NOT NULL REFERENCES catalog.product,
    position     smallint NOT NULL,
    sku          text,
    options      text[] NOT NULL CHECK (cardinality(options) % 2 = 0),
    weight_grams bigint
);
CREATE INDEX variant_by_product ON catalog.variant (product_id);

CREATE TABLE catalog.variant_price (
    variant_id        uuid NOT NULL REFERENCES catalog.variant,
    currency          text NOT NULL CHECK (length(currency) = 3),
    amount            bigint NOT NULL CHECK (amount >= 0),
    compare_at_amount bigint CHECK (compare_at_amount >= 0),
    PRIMARY KEY (variant_id, currency)
);

-- The hot rows: no index on what changes and half-empty pages keep every update on its page (HOT).
-- `imported_quantity` is what a file said last, so that a repeated import does not undo sales. A variant that has vanished
-- from the file is not active: it cannot be bought any more, what is held of it stays held.
CREATE TABLE catalog.stock (
    variant_id        uuid PRIMARY KEY,
    product_id        uuid NOT NULL,
    on_hand           bigint NOT NULL,
    held              bigint NOT NULL DEFAULT 0,
    sold              bigint NOT NULL DEFAULT 0,
    received          bigint NOT NULL,
    imported_quantity bigint NOT NULL,
    is_active         boolean NOT NULL DEFAULT true,
    version           bigint NOT NULL DEFAULT 1,
    CONSTRAINT stock_is_sound CHECK (held >= 0 AND on_hand >= held AND sold >= 0),
    CONSTRAINT stock_is_complete CHECK (received = on_hand + sold)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX stock_by_product ON catalog.stock (product_id);

-- A released reservation of quantity 0 is a mark that was left before its reserve came.
CREATE TABLE catalog.reservation (
    reservation_id uuid NOT NULL,
    variant_id     uuid NOT NULL,
    quantity       bigint NOT NULL CHECK (quantity >= 0),
    state          smallint NOT NULL CHECK (state BETWEEN 1 AND 4), -- enum catalog_reservation_state
    expires_at     bigint NOT NULL,
    shard          smallint NOT NULL,
    PRIMARY KEY (reservation_id, variant_id)
) WITH (fillfactor = 80);
CREATE INDEX reservation_held ON catalog.reservation (expires_at, shard) WHERE state = 1;

-- The name weighs most, then the vendor; what stands in the description is found and comes last.
CREATE FUNCTION catalog.title_vector(name text, vendor_name text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector('pg_catalog.english', name), 'A')
        || setweight(to_tsvector('pg_catalog.english', vendor_name), 'B')
$$;
CREATE FUNCTION catalog.search_vector(name text, vendor_name text, description text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector('pg_catalog.english', name), 'A')
        || setweight(to_tsvector('pg_catalog.english', vendor_name), 'B')
        || setweight(to_tsvector('pg_catalog.english', description), 'C')
$$;

-- Puts text arrays of different lengths one behind the other.
CREATE AGGREGATE catalog.text_concat (text[]) (SFUNC = array_cat, STYPE = text[], INITCOND = '{}');

-- Statements are written for the plan that fits all parameters. Left to itself, PostgreSQL guesses that planning a list
-- each time is worth it, which takes three times as long as running it. And as long as a table has not been analysed (after
-- an import), it would rather read and sort a whole category than follow an index backwards for one page: fifty times
-- the work. What has to be sorted still is.
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET enable_sort = off', current_database());
    EXECUTE format('ALTER DATABASE %I SET plan_cache_mode = force_generic_plan', current_database());
END $$;
