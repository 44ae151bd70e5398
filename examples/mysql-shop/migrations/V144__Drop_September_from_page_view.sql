-- Migration: V144 Drop September from page view
-- Version: 144
-- Created: 2026-11-04
-- Description: The rows of a month go with its partition; the way back gives an empty one.

ALTER TABLE page_view DROP PARTITION p2026_09;
