-- Migration: V125 Forget old baskets
-- Version: 125
-- Created: 2026-10-07
-- Description: An event; it runs where the server's event scheduler is on.

CREATE EVENT forget_old_baskets
    ON SCHEDULE EVERY 1 DAY STARTS '2026-11-01 03:00:00'
    ON COMPLETION PRESERVE
    COMMENT 'Baskets live for thirty days'
    DO DELETE FROM basket WHERE touched_at < CURRENT_TIMESTAMP - INTERVAL 30 DAY;
