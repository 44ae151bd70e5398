-- Rollback: V1.13.0 Create customer satellites
-- Version: 1.13.0
-- Created: 2026-09-15
-- Description: Takes back V1.13.0.

DROP TABLE vault.customer_address_s;
DROP TABLE vault.customer_profile_s;
