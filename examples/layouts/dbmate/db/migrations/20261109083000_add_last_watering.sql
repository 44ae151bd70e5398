-- migrate:up
ALTER TABLE plant ADD COLUMN last_watered TEXT;

CREATE TRIGGER watering_seen AFTER INSERT ON watering
BEGIN
    UPDATE plant SET last_watered = new.day
     WHERE id = new.plant_id AND coalesce(last_watered, '') < new.day;
END;

-- migrate:down
DROP TRIGGER watering_seen;
ALTER TABLE plant DROP COLUMN last_watered;
