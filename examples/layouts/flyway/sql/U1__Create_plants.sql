DROP TABLE plant;
