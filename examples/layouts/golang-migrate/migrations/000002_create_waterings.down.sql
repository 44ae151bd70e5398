DROP TABLE watering;
