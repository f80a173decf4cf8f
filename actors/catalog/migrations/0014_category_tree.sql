-- Categories move, are renamed, put in an order and taken away.
ALTER TABLE catalog.category
    ADD COLUMN version  bigint NOT NULL DEFAULT 1,
    ADD COLUMN position integer NOT NULL DEFAULT 100000 CHECK (position >= 0), -- among its siblings; equal ones go by name
    ADD COLUMN crumbs   text[] NOT NULL DEFAULT '{}', -- name and slug of each of its `ancestors`
    ADD CONSTRAINT category_path_is_short CHECK (length(path) <= 500),
    ADD CONSTRAINT category_is_not_its_own_parent CHECK (parent_id <> id AND ancestors[cardinality(ancestors)] = id);
UPDATE catalog.category c SET crumbs = (SELECT catalog.text_concat(ARRAY[a.name, a.slug] ORDER BY u.place)
    FROM unnest(c.ancestors) WITH ORDINALITY AS u (id, place) JOIN catalog.category a ON a.id = u.id);

-- Whoever changes the tree locks this row, and moves its version; whoever adds a leaf shares it. So two moves never make a circle together,
-- and no leaf is put below what is moving.
CREATE TABLE catalog.category_guard (
    is_only boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    version bigint NOT NULL DEFAULT 1
);
INSERT INTO catalog.category_guard DEFAULT VALUES;

-- Categories whose products are being brought in line with the tree, some at a time: below `old`, where they were, they are listed no more;
-- those of one that is going (`into_id`) get another. Twice: a handler may have read the tree before and write after the first time.
CREATE TABLE catalog.category_task (
    category_id uuid PRIMARY KEY,
    into_id     uuid,
    old         uuid[] NOT NULL,
    after       uuid NOT NULL,
    is_again    boolean NOT NULL DEFAULT false,
    due_at      bigint NOT NULL,
    shard       smallint NOT NULL
);

-- What is listed is found by the listing.
CREATE INDEX product_unlisted_by_category ON catalog.product (category_id, id) WHERE NOT is_listed;

-- A document says where its product is by this, and its own word is not looked at: names and paths change.
ALTER TABLE catalog.product_document ADD COLUMN category_id uuid;
UPDATE catalog.product_document d SET category_id = p.category_id FROM catalog.product p WHERE p.id = d.product_id;
