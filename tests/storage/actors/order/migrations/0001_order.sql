CREATE TABLE nothing (id uuid PRIMARY KEY);
