-- What is said in other languages of the market. What is NULL is said in the first.
CREATE TABLE catalog.product_translation (
    product_id      uuid NOT NULL REFERENCES catalog.product,
    language        text NOT NULL CHECK (language ~ '^[a-z]{2,8}$'),
    name            text CHECK (char_length(name) BETWEEN 1 AND 255),
    description     text CHECK (char_length(description) BETWEEN 1 AND 20000),
    seo_title       text CHECK (char_length(seo_title) BETWEEN 1 AND 200),
    seo_description text CHECK (char_length(seo_description) BETWEEN 1 AND 500),
    PRIMARY KEY (product_id, language),
    CONSTRAINT product_translation_says_something CHECK (num_nonnulls(name, description, seo_title, seo_description) > 0)
);

CREATE TABLE catalog.category_translation (
    category_id uuid NOT NULL REFERENCES catalog.category ON DELETE CASCADE,
    language    text NOT NULL CHECK (language ~ '^[a-z]{2,8}$'),
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    PRIMARY KEY (category_id, language)
);
CREATE INDEX category_translation_by_language ON catalog.category_translation (language, category_id);
