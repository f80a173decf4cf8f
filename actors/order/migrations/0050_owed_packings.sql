-- Parcels of units that were owed exclude each other by variant: whoever packs some moves the row on from the version it has counted
-- by. A row stays; there are as many as variants that were ever packed so.
CREATE TABLE "order".owed_packing (
    variant_id uuid   PRIMARY KEY,
    version    bigint NOT NULL CHECK (version > 0)
);

-- Bundles that wait for a part. Those that are packed or cancelled are not in it.
CREATE INDEX order_line_parts ON "order".order_line USING gin (part_ids)
    WHERE part_ids IS NOT NULL AND packed + cancelled < quantity;
