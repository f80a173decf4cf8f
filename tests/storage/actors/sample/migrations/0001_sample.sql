-- A domain for tests of storage: accounts with a version, and one cell of every type.
CREATE TABLE account (
    id      uuid PRIMARY KEY,
    version bigint NOT NULL,
    balance bigint NOT NULL CHECK (balance >= 0)
);
