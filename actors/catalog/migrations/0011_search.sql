-- What search needs beside its index: which sale it has heard of, and the words of staff.

-- The beginning of the sale that search was told of: when another one has begun, it is told again. A node of the version before, which
-- does not know the column, leaves it behind its sale_from: then it is told once more.
ALTER TABLE catalog.product ADD COLUMN sale_announced bigint;
CREATE INDEX product_sale_untold ON catalog.product (sale_from)
    WHERE sale_amount IS NOT NULL AND sale_announced IS DISTINCT FROM sale_from;

-- The index has taken the place of these words: they are written no more, and dropped, with their functions, by the first migration of the
-- next release. Until then nodes of the version before go on searching what they and their kind have written.
ALTER TABLE catalog.product ALTER COLUMN search SET DEFAULT '', ALTER COLUMN title SET DEFAULT '';

-- Words that mean the same, written alike (messages/catalog.toml, synonyms).
CREATE TABLE catalog.search_synonym (
    id         uuid PRIMARY KEY,
    words      text[] NOT NULL CHECK (cardinality(words) BETWEEN 2 AND 16),
    version    bigint NOT NULL DEFAULT 1,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);

-- Where a product stands among the hits of a query, which is written as all queries are compared.
CREATE TABLE catalog.search_pin (
    id         uuid PRIMARY KEY,
    query      text COLLATE "C" NOT NULL,
    product_id uuid NOT NULL REFERENCES catalog.product,
    effect     smallint NOT NULL CHECK (effect BETWEEN 0 AND 2), -- enum catalog_pin_effect
    place      smallint NOT NULL CHECK (place BETWEEN 1 AND 20),
    created_at bigint NOT NULL,
    UNIQUE (query, product_id)
);

-- What was searched for and not found; nothing says by whom.
CREATE TABLE catalog.zero_result (
    query    text COLLATE "C" PRIMARY KEY,
    count    bigint NOT NULL,
    first_at bigint NOT NULL,
    last_at  bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX zero_result_by_time ON catalog.zero_result (last_at);
