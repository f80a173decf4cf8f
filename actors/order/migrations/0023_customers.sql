-- Groups of shoppers, as staff makes them: a promotion may be for some of them. The place bounds how many there are.
CREATE TABLE "order".customer_group (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    name_key   text NOT NULL UNIQUE, -- in lower case
    place      smallint NOT NULL UNIQUE CHECK (place BETWEEN 0 AND 99),
    version    bigint NOT NULL CHECK (version >= 1), -- of the name; members do not move it
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE "order".customer_group_member (
    user_id  uuid NOT NULL,
    group_id uuid NOT NULL REFERENCES "order".customer_group ON DELETE CASCADE,
    added_at bigint NOT NULL,
    PRIMARY KEY (user_id, group_id) -- what prices ask
);
CREATE INDEX customer_group_members ON "order".customer_group_member (group_id, user_id);

-- Which guest an account was: the digest of an address that was verified for it. What a guest has used of a promotion
-- counts for the account, and the other way round.
CREATE TABLE "order".customer_address (
    user_id  uuid NOT NULL,
    customer uuid NOT NULL,
    PRIMARY KEY (user_id, customer)
);
CREATE INDEX customer_address_of ON "order".customer_address (customer);

-- All whose uses count as this customer's, itself first.
CREATE FUNCTION "order".customers_like(one uuid) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT one UNION ALL SELECT a.customer FROM "order".customer_address a WHERE a.user_id = one
                 UNION ALL SELECT a.user_id FROM "order".customer_address a WHERE a.customer = one)
$$;
