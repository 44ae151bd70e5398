-- Rollback: V1.17.0 Create feed landing
-- Version: 1.17.0
-- Created: 2026-09-19
-- Description: Takes back V1.17.0.

DROP TABLE raw.partner_feed;
