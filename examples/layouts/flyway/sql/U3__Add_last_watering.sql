DROP TRIGGER watering_seen;
ALTER TABLE plant DROP COLUMN last_watered;
