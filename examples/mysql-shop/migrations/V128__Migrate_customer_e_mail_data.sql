-- Migration: V128 Migrate customer e mail data
-- Version: 128
-- Created: 2026-10-11
-- Description: What was known, taken over.

UPDATE customer SET email = CONCAT(login, '@', LOWER(country), '.example') WHERE id IN (1, 2, 3, 4);
