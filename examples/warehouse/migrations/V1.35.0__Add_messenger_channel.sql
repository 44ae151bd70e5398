-- Migration: V1.35.0 Add messenger channel
-- Version: 1.35.0
-- Created: 2026-10-07
-- Description: Customers may now be written to by messenger.

ALTER TYPE ref.contact_channel ADD VALUE IF NOT EXISTS 'messenger' BEFORE 'none';
