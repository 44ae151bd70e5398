-- Rollback: V144 Drop September from page view
-- Version: 144
-- Created: 2026-11-04
-- Description: Takes back V144.

ALTER TABLE page_view REORGANIZE PARTITION p2026_10 INTO (
    PARTITION p2026_09 VALUES LESS THAN (TO_DAYS('2026-10-01')),
    PARTITION p2026_10 VALUES LESS THAN (TO_DAYS('2026-11-01'))
);
