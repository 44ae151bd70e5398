-- Rollback: V2.8.0 Load greetings
-- Version: 2.8.0
-- Created: 2026-10-21
-- Description: Takes back V2.8.0.

DROP TABLE ref.greeting;
