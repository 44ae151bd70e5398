//! Functions stay short: counted from the signature to the closing brace, attributes and comments above it left out.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, Signature, TraitItemFn};

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;

const MOST_LINES: usize = 60;

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for file in &workspace.files {
        if let Some(syntax) = file.parse() {
            Functions {
                path: &file.path,
                found,
            }
            .visit_file(&syntax);
        }
    }
}

struct Functions<'a> {
    path: &'a str,
    found: &'a mut Vec<Violation>,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &Signature, body: &Block) {
        let first = line(signature.span());
        let lines = body.brace_token.span.close().end().line - first + 1;
        if lines > MOST_LINES {
            self.found.push(Violation::new(
                (self.path, first),
                "function-length",
                format!(
                    "`{}` has {lines} lines, at most {MOST_LINES} are allowed",
                    signature.ident
                ),
                "give its steps names of their own",
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.measure(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::sample::findings;

    fn function(lines: usize) -> String {
        format!("fn work() {{\n{}}}\n", "    step();\n".repeat(lines - 2))
    }

    #[test]
    fn a_function_of_61_lines_is_too_long() {
        let text = format!("/// Above it.\n{}", function(61));
        assert_eq!(
            findings(check, &[("a.rs", &text)]),
            ["a.rs:2: `work` has 61 lines, at most 60 are allowed"]
        );
    }

    #[test]
    fn a_function_of_60_lines_is_fine() {
        assert!(findings(check, &[("a.rs", &function(60))]).is_empty());
    }

    #[test]
    fn methods_default_methods_and_functions_inside_tests_count_too() {
        let long = function(70);
        for text in [
            format!("impl Job {{ {long} }}"),
            format!("trait Job {{ {long} }}"),
            format!("#[cfg(test)] mod tests {{ {long} }}"),
        ] {
            assert_eq!(findings(check, &[("a.rs", &text)]).len(), 1, "{text}");
        }
    }

    #[test]
    fn braces_inside_text_do_not_confuse_the_count() {
        let text = format!(
            "fn small() {{ let _ = \"{{\"; }}\n{}",
            "fn next() {}\n".repeat(70)
        );
        assert!(findings(check, &[("a.rs", &text)]).is_empty());
    }
}
