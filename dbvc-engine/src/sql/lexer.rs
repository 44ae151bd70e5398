//! One token at a time, over bytes, without allocation.
//!
//! The rules are those of the servers' own scanners (PostgreSQL: manual 4.1; SQLite: `sqlite.org/lang_keywords.html`
//! and its tokenizer), so that a token ends here exactly where it ends there. Nothing is ever refused: what
//! is not closed runs to the end of the text.

use memchr::{memchr, memchr2};

use super::Dialect;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// White space.
    Space,
    /// A line or block comment.
    Comment,
    /// A keyword or an unquoted name.
    Word,
    /// A quoted name, with its quotes.
    QuotedName,
    /// A string of any kind, with its quotes and prefix.
    String,
    /// A number.
    Number,
    /// A numbered parameter, `$1`.
    Parameter,
    /// What opens or closes a comment that the server runs: `/*!40101`, `*/`.
    CodeMark,
    /// One character that is none of the above.
    Symbol,
}

/// A kind and the byte after the token's last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lexed {
    pub(super) kind: TokenKind,
    pub(super) end: usize,
}

/// UTF-8's byte order mark.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The token at `at`, which must be inside `text`; `None` when more text is needed to know where it ends.
pub(super) fn lex(text: &[u8], at: usize, dialect: &Dialect, end_of_input: bool) -> Option<Lexed> {
    let scan = Scan {
        text,
        dialect,
        end_of_input,
    };
    let first = text[at];
    if matches!(first, b';' | b'(' | b')' | b',') {
        return Some(Lexed {
            kind: TokenKind::Symbol,
            end: at + 1,
        });
    }
    let (kind, end) = scan.token(at, first);
    let lexed = scan.reconsider_at_the_end(at, Lexed { kind, end });
    (end_of_input || end < text.len()).then_some(lexed)
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Which bytes go on with a word: `$` does in every dialect here.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    loop {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..);
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

struct Scan<'a> {
    text: &'a [u8],
    dialect: &'a Dialect,
    end_of_input: bool,
}

impl Scan<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    fn token(&self, at: usize, first: u8) -> (TokenKind, usize) {
        let next = self.byte(at + 1);
        match first {
            byte if is_space(byte) => (TokenKind::Space, self.while_true(at + 1, is_space)),
            b'-' if next == b'-' && self.dashes_begin_comment(at) => (TokenKind::Comment, self.line(at)),
            b'#' if self.dialect.hash_comments => (TokenKind::Comment, self.line(at)),
            b'/' if next == b'*' && self.opens_code(at + 2) => (TokenKind::CodeMark, self.code_mark(at + 2)),
            b'/' if next == b'*' => (TokenKind::Comment, self.block_comment(at + 2)),
            b'\'' => (
                TokenKind::String,
                self.quoted(at + 1, b'\'', self.dialect.backslash_escapes),
            ),
            b'"' if self.dialect.double_quoted_strings => (
                TokenKind::String,
                self.quoted(at + 1, b'"', self.dialect.backslash_escapes),
            ),
            b'"' => (TokenKind::QuotedName, self.quoted(at + 1, b'"', false)),
            b'`' if self.dialect.backtick_identifiers => {
                (TokenKind::QuotedName, self.quoted(at + 1, b'`', false))
            }
            b'[' if self.dialect.doubled_brackets => {
                (TokenKind::QuotedName, self.quoted(at + 1, b']', false))
            }
            b'[' if self.dialect.bracket_identifiers => (TokenKind::QuotedName, self.until(at + 1, b']')),
            b'$' if self.dialect.dollar_quotes => self.dollar(at, next),
            b'0'..=b'9' => (TokenKind::Number, self.number(at)),
            byte if starts_word(byte) || self.is_sigil(byte) => self.word(at, first, next),
            _ => (TokenKind::Symbol, at + 1),
        }
    }

    /// `end`, if this is all there is; else the end of the text, which asks for more.
    fn only_more_can_tell(&self, end: usize) -> usize {
        if self.end_of_input { end } else { self.text.len() }
    }

    fn while_true(&self, mut at: usize, holds: impl Fn(u8) -> bool) -> usize {
        while at < self.text.len() && holds(self.text[at]) {
            at += 1;
        }
        at
    }

    fn until(&self, at: usize, byte: u8) -> usize {
        memchr(byte, &self.text[at..]).map_or(self.text.len(), |found| at + found + 1)
    }

    fn is_sigil(&self, byte: u8) -> bool {
        self.dialect.sigils_in_words && matches!(byte, b'@' | b'#')
    }

    fn dashes_begin_comment(&self, at: usize) -> bool {
        !self.dialect.dash_comment_needs_space || at + 2 >= self.text.len() || self.text[at + 2] <= b' '
    }

    /// A line comment, without the line's end.
    fn line(&self, at: usize) -> usize {
        let rest = &self.text[at..];
        let end = if self.dialect.carriage_return_ends_comment {
            memchr2(b'\n', b'\r', rest)
        } else {
            memchr(b'\n', rest)
        };
        end.map_or(self.text.len(), |found| at + found)
    }

    /// A line comment that runs to the end of the file although it holds a lone carriage return is one of a file whose
    /// lines end so: to take it at its word would drop the whole file without a sound.
    fn reconsider_at_the_end(&self, at: usize, lexed: Lexed) -> Lexed {
        let is_line_comment = lexed.kind == TokenKind::Comment && self.text[at] != b'/';
        if !self.end_of_input || lexed.end < self.text.len() || !is_line_comment {
            return lexed;
        }
        let end = memchr(b'\r', &self.text[at..]).map_or(lexed.end, |found| at + found);
        Lexed { end, ..lexed }
    }

    /// Whether `/*` before `at` opens a comment that the server runs.
    fn opens_code(&self, at: usize) -> bool {
        let mark = |at| self.byte(at) == b'!';
        self.dialect.code_in_comments && (mark(at) || (self.byte(at) | 0x20 == b'm' && mark(at + 1)))
    }

    /// The end of what opens such a comment: up to six digits say from which version on it is run.
    fn code_mark(&self, at: usize) -> usize {
        let digits = at + 1 + usize::from(self.byte(at) != b'!');
        let end = self.while_true(digits, |byte| byte.is_ascii_digit());
        end.min(digits + 6)
    }

    fn block_comment(&self, mut at: usize) -> usize {
        let mut depth = 1;
        while let Some(found) = memchr2(b'*', b'/', &self.text[at.min(self.text.len())..]) {
            at += found;
            match (self.text[at], self.byte(at + 1)) {
                (b'*', b'/') if depth == 1 => return at + 2,
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                }
                (b'/', b'*') if self.dialect.nested_comments => {
                    depth += 1;
                    at += 2;
                }
                _ => at += 1,
            }
        }
        self.text.len()
    }

    /// The end of what `quote` opened just before `at`; a doubled quote stands for itself.
    fn quoted(&self, mut at: usize, quote: u8, backslash: bool) -> usize {
        loop {
            let rest = &self.text[at.min(self.text.len())..];
            let found = if backslash {
                memchr2(quote, b'\\', rest)
            } else {
                memchr(quote, rest)
            };
            let Some(found) = found else {
                return self.text.len();
            };
            at += found;
            if self.text[at] == quote && self.byte(at + 1) != quote {
                return at + 1;
            }
            at += 2;
        }
    }

    /// `E'…'`. After white space with a line end, a further `'…'` goes on with the same string and its escapes
    /// (PostgreSQL manual 4.1.2.1), and so its `\'` does not close it.
    fn escape_string(&self, at: usize) -> usize {
        let mut end = self.quoted(at, b'\'', true);
        loop {
            let mut next = end;
            let mut new_line = false;
            loop {
                match self.byte(next) {
                    byte if next < self.text.len() && is_space(byte) => {
                        new_line |= matches!(byte, b'\n' | b'\r');
                        next += 1;
                    }
                    b'-' if self.byte(next + 1) == b'-' => next = self.line(next),
                    _ => break,
                }
            }
            let half_a_comment = self.byte(next) == b'-' && next + 1 == self.text.len();
            if next >= self.text.len() || half_a_comment {
                return self.only_more_can_tell(end);
            }
            if !new_line || self.text[next] != b'\'' {
                return end;
            }
            end = self.quoted(next + 1, b'\'', true);
        }
    }

    fn dollar(&self, at: usize, next: u8) -> (TokenKind, usize) {
        if next.is_ascii_digit() {
            return (
                TokenKind::Parameter,
                self.while_true(at + 1, |byte| byte.is_ascii_digit()),
            );
        }
        let mut tag_end = at + 1;
        if starts_word(next) {
            tag_end = self.while_true(at + 1, |byte| byte != b'$' && WORD[usize::from(byte)]);
        }
        if tag_end >= self.text.len() {
            return (TokenKind::Symbol, self.only_more_can_tell(at + 1));
        }
        if self.text[tag_end] != b'$' {
            return (TokenKind::Symbol, at + 1);
        }
        let tag = &self.text[at..=tag_end];
        let body = tag_end + 1;
        let end = memchr::memmem::find(&self.text[body..], tag)
            .map_or(self.text.len(), |found| body + found + tag.len());
        (TokenKind::String, end)
    }

    fn number(&self, at: usize) -> usize {
        let next = self.byte(at + 1) | 0x20;
        if self.text[at] == b'0' && matches!(next, b'x' | b'o' | b'b') {
            let digits = self.while_true(at + 2, |byte| byte.is_ascii_hexdigit() || byte == b'_');
            if digits > at + 2 || digits >= self.text.len() {
                return digits.min(self.text.len());
            }
        }
        let end = self.while_true(at, |byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.'));
        if self.byte(end) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            let exponent = self.while_true(end + 1 + sign, |byte| byte.is_ascii_digit());
            if exponent > end + 1 + sign || exponent >= self.text.len() {
                return exponent.min(self.text.len());
            }
        }
        end
    }

    fn word(&self, at: usize, first: u8, next: u8) -> (TokenKind, usize) {
        if next == b'\'' {
            match first | 0x20 {
                b'e' if self.dialect.escape_strings => {
                    return (TokenKind::String, self.escape_string(at + 2));
                }
                b'b' | b'x' => return (TokenKind::String, self.quoted(at + 2, b'\'', false)),
                b'n' => {
                    let end = self.quoted(at + 2, b'\'', self.dialect.backslash_escapes);
                    return (TokenKind::String, end);
                }
                _ => {}
            }
        }
        if first | 0x20 == b'u' && next == b'&' && self.dialect.escape_strings {
            match self.byte(at + 2) {
                b'\'' => return (TokenKind::String, self.quoted(at + 3, b'\'', false)),
                b'"' => return (TokenKind::QuotedName, self.quoted(at + 3, b'"', false)),
                _ if at + 2 >= self.text.len() => return (TokenKind::Word, self.text.len()),
                _ => {}
            }
        }
        let mut end = at + 1;
        while end < self.text.len() && (WORD[usize::from(self.text[end])] || self.is_sigil(self.text[end])) {
            end += 1;
        }
        (TokenKind::Word, end)
    }
}

/// The first line end at or after `at`: where it begins and where the next line begins. `None` when there is none, or
/// when a carriage return is the last byte and a line feed might follow.
pub(super) fn line_end(text: &[u8], at: usize, end_of_input: bool) -> Option<(usize, usize)> {
    let begin = at + memchr2(b'\n', b'\r', &text[at..])?;
    match (text[begin], text.get(begin + 1)) {
        (b'\r', Some(b'\n')) => Some((begin, begin + 2)),
        (b'\r', None) if !end_of_input => None,
        _ => Some((begin, begin + 1)),
    }
}
