-- +goose Up
CREATE TABLE watering (
    plant_id  INTEGER NOT NULL REFERENCES plant (id),
    day       TEXT NOT NULL,
    litres    REAL NOT NULL CHECK (litres > 0),
    PRIMARY KEY (plant_id, day)
);
CREATE INDEX watering_day ON watering (day);

-- +goose Down
DROP TABLE watering;
