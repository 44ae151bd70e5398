-- +goose Up
CREATE TABLE plant (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE
);
INSERT INTO plant (name) VALUES ('Basil'), ('Salvia; sage');

-- +goose Down
DROP TABLE plant;
