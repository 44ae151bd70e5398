-- Rollback: V121 Add December to page view
-- Version: 121
-- Created: 2026-10-01
-- Description: Takes back V121.

ALTER TABLE page_view REORGANIZE PARTITION p2026_12, rest INTO (PARTITION rest VALUES LESS THAN MAXVALUE);
