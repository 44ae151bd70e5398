-- Migration: V102 Load currencies
-- Version: 102
-- Created: 2026-09-02
-- Description: Rows alone: one transaction, with its entry in the history.

INSERT INTO currency (code, name, sign, digits) VALUES
    ('EUR', 'Euro', '€', 2),
    ('JPY', '日本円', '¥', 0),
    ('KRW', '대한민국 원', '₩', 0),
    ('CHF', 'Schweizer Franken', 'Fr.', 2);
