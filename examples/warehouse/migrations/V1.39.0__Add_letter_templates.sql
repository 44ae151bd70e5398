-- Migration: V1.39.0 Add letter templates
-- Version: 1.39.0
-- Created: 2026-10-11
-- Description: Texts with ${…} of their own, so placeholders are off in this file.
-- dbvc: placeholders=off

CREATE TABLE ops.letter_template (
    template_name  text PRIMARY KEY,
    subject        text NOT NULL,
    body           text NOT NULL
);

INSERT INTO ops.letter_template VALUES
    ('welcome', 'Welcome, ${given_name}! 👋', $body$Dear ${given_name},

thank you for joining ${brand}; your number is ${customer_no}.
It's good to have you -- really.
$body$),
    ('parcel', 'Your parcel ${purchase_no} left', 'It weighs ${weight} g; a courier has it.');
