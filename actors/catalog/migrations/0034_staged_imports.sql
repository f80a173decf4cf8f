-- Products of an import whose change waits for staff; before, they were counted as changed.
ALTER TABLE catalog.import_job ADD COLUMN staged bigint NOT NULL DEFAULT 0;
