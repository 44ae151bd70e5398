-- Rollback: V125 Forget old baskets
-- Version: 125
-- Created: 2026-10-07
-- Description: Takes back V125.

DROP EVENT forget_old_baskets;
