//! Where a stored program of MySQL's or MariaDB's ends when no `DELIMITER` says so.
//!
//! Nothing but the opening and closing words of blocks is followed (MySQL manual, "Compound Statement Syntax"; MariaDB
//! knowledge base, "Programmatic & Compound Statements"): enough to tell a `;` inside from the one that ends.

/// The token before, as far as it decides what the next one is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Before {
    /// A name, a value, a closing parenthesis: what an expression can end with.
    #[default]
    Operand,
    /// A word or sign that something must follow.
    Operator,
    /// `.` or `@`, which make a name of any word.
    Name,
    /// `CHARACTER` or `RETURNS`, after which `SET` begins no statement.
    Type,
}

/// How far the statement has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Part {
    /// Nothing read yet.
    #[default]
    Start,
    /// A first word that may be a label, or `BEGIN`.
    First { begin: bool },
    /// `CREATE` or `ALTER`, perhaps with what may stand before the kind.
    Create,
    /// The head of a stored program; `ready` where the body may begin.
    Head { kind: Kind, ready: bool },
    /// In a block.
    Inside,
    /// There is no block, or it has ended.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Routine,
    Trigger,
    Event,
}

/// What the next word inside a block may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Next {
    /// Part of the statement that is being read.
    #[default]
    More,
    /// The first word of a statement.
    Statement,
    /// `END` was read: `IF`, `CASE`, `LOOP` and so on belong to it.
    EndOf,
    /// In an `UNTIL`, whose `END` stands behind an expression.
    Until,
    /// In a `DECLARE`, which may become a handler.
    Declare,
    /// In a handler, before its conditions.
    Handler,
    /// A handler's condition.
    Condition,
    /// After a handler's condition: a comma, or the handler's statement.
    AfterCondition,
}

/// The blocks that are open; a bit that is set is a `CASE` in an expression.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Open {
    depth: u8,
    expressions: u128,
}

impl Open {
    fn push(&mut self, expression: bool) {
        if self.depth < 128 {
            let bit = 1_u128 << self.depth;
            self.expressions = if expression {
                self.expressions | bit
            } else {
                self.expressions & !bit
            };
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn in_expression(self) -> bool {
        (1..=128).contains(&self.depth) && self.expressions >> (self.depth - 1) & 1 == 1
    }
}

/// The state of one statement.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Compound {
    part: Part,
    before: Before,
    next: Next,
    open: Open,
    /// A stored program, a package, or a block outside one.
    program: bool,
    package: bool,
    /// It has, or had, a block.
    block: bool,
}

impl Compound {
    /// Whether only a chosen delimiter tells the end: of a program whose block was not seen to close, such as one in
    /// MariaDB's Oracle mode, and of a package, whose parts are not followed.
    pub(super) fn ends_at_delimiter(&self) -> bool {
        let closed = self.block && self.part == Part::Plain;
        self.package || self.program && !closed
    }

    /// Whether a `;` here belongs to the statement.
    pub(super) fn holds_semicolon(&self) -> bool {
        self.part == Part::Inside
    }

    /// A word, `depth` parentheses deep.
    pub(super) fn word(&mut self, word: &[u8], depth: usize) {
        let mut upper = [0; 16];
        let keyword = match upper.get_mut(..word.len()) {
            Some(upper) if self.before != Before::Name => {
                upper.copy_from_slice(word);
                upper.make_ascii_uppercase();
                std::str::from_utf8(upper).unwrap_or("")
            }
            _ => "",
        };
        match self.part {
            Part::Start => {
                self.part = match keyword {
                    "CREATE" | "ALTER" => Part::Create,
                    "BEGIN" => Part::First { begin: true },
                    // MariaDB runs these outside stored programs too.
                    "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => {
                        self.enter(keyword);
                        Part::Inside
                    }
                    _ => Part::First { begin: false },
                };
            }
            Part::First { begin: true } if keyword == "NOT" => self.enter("BEGIN"),
            Part::First { .. } | Part::Plain => self.part = Part::Plain,
            Part::Create if depth == 0 => self.create(keyword),
            Part::Head { kind, ready } if depth == 0 => self.head(kind, ready, keyword),
            Part::Create | Part::Head { .. } => {}
            Part::Inside => self.inside(keyword),
        }
        self.before = before(keyword);
    }

    /// One character that is no word; `depth` is that after it.
    pub(super) fn symbol(&mut self, symbol: u8, depth: usize) {
        match (self.part, symbol) {
            (Part::First { begin: false }, b':') => self.part = Part::Start,
            (Part::Head { kind, .. }, b')') if depth == 0 && kind == Kind::Routine => {
                self.part = Part::Head { kind, ready: true };
            }
            (Part::Start | Part::First { .. }, _) => self.part = Part::Plain,
            (Part::Inside, _) => self.symbol_inside(symbol),
            _ => {}
        }
        self.before = match symbol {
            b')' => Before::Operand,
            b'.' | b'@' => Before::Name,
            _ => Before::Operator,
        };
    }

    /// A quoted name, a string, a number.
    pub(super) fn other(&mut self) {
        match self.part {
            Part::Start => self.part = Part::First { begin: false },
            Part::First { .. } => self.part = Part::Plain,
            Part::Inside => {
                self.next = match self.next {
                    Next::Condition => Next::AfterCondition,
                    Next::Until | Next::Declare | Next::AfterCondition => self.next,
                    _ => Next::More,
                };
            }
            _ => {}
        }
        self.before = Before::Operand;
    }

    fn create(&mut self, keyword: &str) {
        let head = |kind| Part::Head { kind, ready: false };
        self.part = match keyword {
            "PROCEDURE" | "FUNCTION" => head(Kind::Routine),
            "TRIGGER" => head(Kind::Trigger),
            "EVENT" => head(Kind::Event),
            "OR" | "REPLACE" | "DEFINER" | "AGGREGATE" => Part::Create,
            // The definer's name, after `=` or `@`.
            _ if matches!(self.before, Before::Operator | Before::Name) => Part::Create,
            _ => Part::Plain,
        };
        self.package |= keyword == "PACKAGE";
        self.program = matches!(self.part, Part::Head { .. });
    }

    fn head(&mut self, kind: Kind, ready: bool, keyword: &str) {
        let now_ready = match (kind, keyword) {
            (Kind::Trigger, "ROW") | (Kind::Event, "DO") => true,
            _ => ready,
        };
        self.part = Part::Head {
            kind,
            ready: now_ready,
        };
        if !ready {
            return;
        }
        match keyword {
            "BEGIN" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => self.enter(keyword),
            "SET" if self.before == Before::Type => {}
            "RETURN" | "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "CALL" | "SET" | "WITH"
            | "DO" | "VALUES" | "SIGNAL" | "RESIGNAL" | "EXECUTE" | "PREPARE" | "TRUNCATE" | "ALTER"
            | "CREATE" | "DROP" | "LOAD" | "OPTIMIZE" | "ANALYZE" | "SONAME" => self.part = Part::Plain,
            _ => {}
        }
    }

    /// Opens the block that `keyword` begins.
    fn enter(&mut self, keyword: &str) {
        self.part = Part::Inside;
        self.program = true;
        self.block = true;
        self.open.push(false);
        self.next = match keyword {
            "BEGIN" | "LOOP" | "REPEAT" => Next::Statement,
            _ => Next::More,
        };
    }

    fn inside(&mut self, keyword: &str) {
        let begins = match self.next {
            Next::Statement => true,
            Next::AfterCondition => !matches!(keyword, "FOUND" | "VALUE"),
            _ => false,
        };
        if begins {
            return self.begin_statement(keyword);
        }
        match (self.next, keyword) {
            (Next::EndOf, _) => self.next = Next::More,
            (Next::Condition, _) => self.next = Next::AfterCondition,
            (Next::Declare, "HANDLER") => self.next = Next::Handler,
            (Next::Handler, "FOR") => self.next = Next::Condition,
            (Next::Until, "END") if !self.open.in_expression() && self.before == Before::Operand => {
                self.end();
            }
            (_, "CASE") => self.open.push(true),
            (_, "END") if self.open.in_expression() && self.before == Before::Operand => self.open.pop(),
            (Next::More, "THEN" | "ELSE" | "DO") if !self.open.in_expression() => self.next = Next::Statement,
            _ => {}
        }
    }

    fn begin_statement(&mut self, keyword: &str) {
        match keyword {
            "BEGIN" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => self.enter(keyword),
            "END" => self.end(),
            "ELSE" | "ATOMIC" => self.next = Next::Statement,
            "UNTIL" => self.next = Next::Until,
            "DECLARE" => self.next = Next::Declare,
            _ => self.next = Next::More,
        }
    }

    fn end(&mut self) {
        self.open.pop();
        self.next = Next::EndOf;
        if self.open.depth == 0 {
            self.part = Part::Plain;
        }
    }

    fn symbol_inside(&mut self, symbol: u8) {
        match symbol {
            b';' => {
                // No expression holds a `;`: what looked like one is a statement.
                if self.open.in_expression() {
                    self.open.pop();
                    self.open.push(false);
                }
                self.next = Next::Statement;
            }
            b':' if !self.open.in_expression() => self.next = Next::Statement,
            b',' if self.next == Next::AfterCondition => self.next = Next::Condition,
            _ if matches!(self.next, Next::Statement | Next::EndOf) => self.next = Next::More,
            _ => {}
        }
    }
}

fn before(keyword: &str) -> Before {
    match keyword {
        "CHARACTER" | "RETURNS" => Before::Type,
        "CASE" | "WHEN" | "THEN" | "ELSE" | "AND" | "OR" | "NOT" | "XOR" | "BETWEEN" | "LIKE" | "IN"
        | "DIV" | "MOD" | "REGEXP" | "RLIKE" | "UNTIL" | "SELECT" | "INTERVAL" | "DISTINCT" | "BINARY" => {
            Before::Operator
        }
        _ => Before::Operand,
    }
}
