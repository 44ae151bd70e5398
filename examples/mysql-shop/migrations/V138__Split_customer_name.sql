-- Migration: V138 Split customer name
-- Version: 138
-- Created: 2026-10-26
-- Description: The old column stays; the new one is filled.

ALTER TABLE customer ADD COLUMN short_name varchar(60) NULL AFTER name;
UPDATE customer SET short_name = SUBSTRING_INDEX(name, ' ', 1);
ALTER TABLE customer MODIFY COLUMN short_name varchar(60) NOT NULL;
