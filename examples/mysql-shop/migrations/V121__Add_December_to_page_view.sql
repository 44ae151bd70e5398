-- Migration: V121 Add December to page view
-- Version: 121
-- Created: 2026-10-01
-- Description: The last partition is parted.

ALTER TABLE page_view REORGANIZE PARTITION rest INTO (
    PARTITION p2026_12 VALUES LESS THAN (TO_DAYS('2027-01-01')),
    PARTITION rest VALUES LESS THAN MAXVALUE
);
