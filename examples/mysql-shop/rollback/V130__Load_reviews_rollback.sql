-- Rollback: V130 Load reviews
-- Version: 130
-- Created: 2026-10-14
-- Description: Takes back V130.

DELETE FROM review;
