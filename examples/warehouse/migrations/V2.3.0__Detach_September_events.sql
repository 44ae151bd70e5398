-- Migration: V2.3.0 Detach September events
-- Version: 2.3.0
-- Created: 2026-10-16
-- Description: The same while events keep coming: CONCURRENTLY, so outside a transaction.
-- dbvc: no-transaction
-- dbvc: lock-timeout=10s

ALTER TABLE raw.web_event DETACH PARTITION raw.web_event_2026_09 CONCURRENTLY;
