//! A module is named after what it is about, never after being left over.

use std::path::Path;

use syn::ItemMod;
use syn::visit::{self, Visit};

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;

const FORBIDDEN: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc"];

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for file in workspace.files.iter().filter(|file| file.is_rust()) {
        for part in Path::new(&file.path).with_extension("").components() {
            let name = part.as_os_str().to_string_lossy();
            if FORBIDDEN.contains(&name.as_ref()) {
                found.push(violation((&file.path, 1), &name));
            }
        }
        if let Some(syntax) = file.parse() {
            Modules {
                path: &file.path,
                found,
            }
            .visit_file(&syntax);
        }
    }
}

fn violation(place: (&str, usize), name: &str) -> Violation {
    Violation::new(
        place,
        "module-name",
        format!("a module named `{name}` says nothing"),
        "name it after what its items are about",
    )
}

/// Modules with a body in the same file; the others are found by their file's name.
struct Modules<'a> {
    path: &'a str,
    found: &'a mut Vec<Violation>,
}

impl<'ast> Visit<'ast> for Modules<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = item.ident.to_string();
        if item.content.is_some() && FORBIDDEN.contains(&name.as_str()) {
            self.found
                .push(violation((self.path, item.ident.span().start().line), &name));
        }
        visit::visit_item_mod(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::sample::findings;

    #[test]
    fn a_leftover_file_folder_or_inline_module_is_refused() {
        let files = [
            ("src/utils.rs", "fn a() {}"),
            ("tests/common/mod.rs", "fn a() {}"),
            ("src/lib.rs", "fn a() {}\nmod helpers { fn b() {} }"),
        ];
        assert_eq!(
            findings(check, &files),
            [
                "src/utils.rs:1: a module named `utils` says nothing",
                "tests/common/mod.rs:1: a module named `common` says nothing",
                "src/lib.rs:2: a module named `helpers` says nothing",
            ]
        );
    }

    #[test]
    fn names_that_only_contain_such_a_word_are_fine() {
        assert!(
            findings(
                check,
                &[("src/common_table_expression.rs", ""), ("docs/misc/a.md", "")]
            )
            .is_empty()
        );
    }
}
