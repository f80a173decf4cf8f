-- Rates of tax as staff has entered them. Rows that have been in force stay, so that what was taxed can be explained.
CREATE TABLE "order".tax_rate (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    country    text NOT NULL, -- '': everywhere else
    region     text NOT NULL, -- '': the whole country
    tax_class  smallint NOT NULL,
    ppm        integer NOT NULL CHECK (ppm BETWEEN 0 AND 1000000),
    starts_at  bigint NOT NULL,
    ends_at    bigint CHECK (ends_at > starts_at),
    created_at bigint NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    CHECK (country <> '' OR region = '')
);
CREATE UNIQUE INDEX tax_rate_by_place ON "order".tax_rate (country, region, tax_class, name, starts_at);
