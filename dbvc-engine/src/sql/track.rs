//! What must be remembered of a statement while it is read, to know where it ends.

use super::{Bodies, Dialect, compound::Compound, copy::CopyHead};

/// The state of one statement, fed with its tokens in order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tracker {
    /// Where the first token begins.
    pub(super) first: Option<usize>,
    /// Where the last token ends.
    pub(super) last: usize,
    depth: usize,
    body: Body,
    compound: Compound,
    /// In a comment that the server runs.
    pub(super) in_code: bool,
    pub(super) copy: CopyHead,
}

/// How far a statement that can hold statements has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Body {
    /// Nothing read yet.
    #[default]
    Start,
    /// `CREATE`, perhaps with `OR REPLACE` or `TEMPORARY`.
    Create,
    /// It creates a routine or trigger, whose body has not begun.
    Head,
    /// `BEGIN`, which `ATOMIC` must follow to begin a body.
    Begin,
    /// In the body; `fresh` when the next token begins a statement of it.
    Inside { fresh: bool },
    /// There is no body, or it has ended.
    None,
}

impl Tracker {
    /// Whether a `;` here ends the statement.
    pub(super) fn ends_at_semicolon(&self, dialect: &Dialect) -> bool {
        let in_parentheses = dialect.semicolons_in_parentheses && self.depth > 0;
        !in_parentheses
            && !matches!(self.body, Body::Inside { .. })
            && !self.compound.holds_semicolon()
            && !self.in_code
    }

    /// Whether only a chosen delimiter tells where this ends.
    pub(super) fn ends_at_delimiter(&self) -> bool {
        self.compound.ends_at_delimiter()
    }

    /// Notes that a token other than white space or a comment spans `start..end`.
    pub(super) fn span(&mut self, start: usize, end: usize) {
        self.first.get_or_insert(start);
        self.last = end;
    }

    pub(super) fn word(&mut self, word: &[u8], dialect: &Dialect) {
        if dialect.bodies == Bodies::Compound {
            self.compound.word(word, self.depth);
            return;
        }
        if self.depth == 0 {
            if dialect.bodies != Bodies::None && self.body != Body::None {
                self.body = self.body.after(word, dialect.bodies);
            }
            if dialect.copy_data {
                self.copy.word(word);
            }
        }
    }

    pub(super) fn symbol(&mut self, symbol: u8, dialect: &Dialect) {
        match symbol {
            b'(' => {
                if self.depth == 0 {
                    self.copy.open();
                }
                self.depth += 1;
            }
            b')' => self.depth = self.depth.saturating_sub(1),
            b';' if !dialect.semicolons_in_parentheses => self.depth = 0,
            _ => {}
        }
        if dialect.bodies == Bodies::Compound {
            self.compound.symbol(symbol, self.depth);
            return;
        }
        self.other(dialect);
        if symbol == b';' && self.depth == 0 && matches!(self.body, Body::Inside { .. }) {
            self.body = Body::Inside { fresh: true };
        }
    }

    /// A token that is no word: a quoted name, a string, a number.
    pub(super) fn other(&mut self, dialect: &Dialect) {
        if dialect.bodies == Bodies::Compound {
            self.compound.other();
            return;
        }
        if self.depth == 0 {
            self.copy.other();
        }
        self.body = match self.body {
            Body::Start | Body::Create => Body::None,
            Body::Begin => Body::Head,
            Body::Inside { .. } => Body::Inside { fresh: false },
            body => body,
        };
    }
}

impl Body {
    /// A body's closing `END` always comes right after a `;` or after what opened the body, where no statement of a
    /// body can begin with that word; every other `END` closes a `CASE` or is a name. So nothing needs to be counted.
    fn after(self, word: &[u8], bodies: Bodies) -> Self {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        let atomic = bodies == Bodies::Atomic;
        match self {
            Self::Start if is("create") => Self::Create,
            Self::Start if !atomic && (is("explain") || is("query") || is("plan")) => Self::Start,
            Self::Create if atomic && (is("or") || is("replace")) => Self::Create,
            Self::Create if atomic && (is("function") || is("procedure")) => Self::Head,
            Self::Create if !atomic && (is("temp") || is("temporary")) => Self::Create,
            Self::Create if !atomic && is("trigger") => Self::Head,
            Self::Start | Self::Create | Self::None => Self::None,
            Self::Head | Self::Begin if is("begin") => {
                if atomic {
                    Self::Begin
                } else {
                    Self::Inside { fresh: true }
                }
            }
            Self::Begin if is("atomic") => Self::Inside { fresh: true },
            Self::Head | Self::Begin => Self::Head,
            Self::Inside { fresh: true } if is("end") => Self::None,
            Self::Inside { .. } => Self::Inside { fresh: false },
        }
    }
}
