-- What products of a category say beside their texts: defined with the category, for it and all that is below it; of one key the nearest counts.
CREATE TABLE catalog.category_attribute (
    id            uuid PRIMARY KEY,
    category_id   uuid NOT NULL REFERENCES catalog.category ON DELETE CASCADE,
    key           text COLLATE "C" NOT NULL CHECK (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    type          smallint NOT NULL CHECK (type BETWEEN 0 AND 3), -- enum catalog_attribute_type, by its place
    unit          text CHECK (length(unit) BETWEEN 1 AND 20),
    choices       text[] NOT NULL,
    is_required   boolean NOT NULL,
    is_filterable boolean NOT NULL,
    version       bigint NOT NULL DEFAULT 1,
    created_at    bigint NOT NULL,
    UNIQUE (category_id, key),
    CONSTRAINT category_attribute_choices_are_a_choices CHECK ((type = 0) = (cardinality(choices) > 0) AND cardinality(choices) <= 200)
);

-- Key, value, key, value ... in the order of definitions.
ALTER TABLE catalog.product ADD COLUMN attributes text[] NOT NULL DEFAULT '{}'
    CONSTRAINT product_attributes_are_pairs CHECK (cardinality(attributes) % 2 = 0 AND cardinality(attributes) <= 100);
