//! Reading a statement's words from left to right.

use crate::statement::Word;

/// A reader of a statement's words.
pub(super) struct Reader<'a> {
    pub(super) words: &'a [Word],
}

impl Reader<'_> {
    pub(super) fn take(&mut self, keyword: &str) -> bool {
        let found = self.words.first().is_some_and(|word| word.is(keyword));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let found = self
            .words
            .first()
            .is_some_and(|word| !word.name && word.text == sign);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    pub(super) fn any(&mut self, keywords: &[&str]) {
        while keywords.iter().any(|keyword| self.take(keyword)) {}
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let word = self.words.first().filter(|word| word.name)?;
        self.words = &self.words[1..];
        Some(word.text.clone())
    }

    /// `name` or `database.name`.
    pub(super) fn full_name(&mut self) -> Option<(Option<String>, String)> {
        let first = self.name()?;
        if self.sign(".") {
            return Some((Some(first), self.name()?));
        }
        Some((None, first))
    }

    /// Steps over `DEFINER = user@host`, `ALGORITHM = x`, `SQL SECURITY x`.
    pub(super) fn options(&mut self) {
        loop {
            if self.take("DEFINER") || self.take("ALGORITHM") {
                self.sign("=");
                self.words = self.words.get(1..).unwrap_or_default();
                if self.sign("@") {
                    self.words = self.words.get(1..).unwrap_or_default();
                }
                if self.sign("(") {
                    self.sign(")");
                }
            } else if self.take("SQL") {
                self.words = self.words.get(2..).unwrap_or_default();
            } else {
                return;
            }
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a comma stands outside parentheses: more than one thing is asked for.
    pub(super) fn has_list(&self) -> bool {
        let mut depth = 0_usize;
        self.words.iter().filter(|word| !word.name).any(|word| {
            match word.text.as_str() {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                "," => return depth == 0,
                _ => {}
            }
            false
        })
    }
}
