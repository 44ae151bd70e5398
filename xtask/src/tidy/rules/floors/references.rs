//! Which of its crate's top modules a file names: in `use`, in paths, and inside macros.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, Macro, Path, UseTree};

/// A use of a top module of the same crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) module: String,
    pub(super) line: usize,
}

/// All uses in a file that holds the module with this path; code that is compiled for tests only is left out.
pub(super) fn of(syntax: &syn::File, module: Vec<String>) -> Vec<Reference> {
    let mut visitor = Uses {
        module,
        found: Vec::new(),
    };
    visitor.visit_file(syntax);
    visitor.found
}

/// Whether `#[cfg(test)]` stands on it.
pub(crate) fn is_test_only(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<Ident>()
                .is_ok_and(|condition| condition == "test")
    })
}

struct Uses {
    module: Vec<String>,
    found: Vec<Reference>,
}

impl Uses {
    /// Follows names from where the module stands; the first name below the crate is a top module.
    fn follow(&mut self, names: &[(String, usize)]) {
        let mut depth = None;
        for (index, (name, line)) in names.iter().enumerate() {
            match name.as_str() {
                "crate" if index == 0 => depth = Some(0),
                "self" if index == 0 => depth = Some(self.module.len()),
                "super" => depth = depth.unwrap_or(self.module.len()).checked_sub(1),
                _ if depth == Some(0) => {
                    self.found.push(Reference {
                        module: name.clone(),
                        line: *line,
                    });
                    return;
                }
                _ => return,
            }
        }
    }

    fn tree(&mut self, tree: &UseTree, before: &mut Vec<(String, usize)>) {
        match tree {
            UseTree::Path(path) => {
                before.push(named(&path.ident));
                self.tree(&path.tree, before);
                before.pop();
            }
            UseTree::Name(name) => self.leaf(&name.ident, before),
            UseTree::Rename(rename) => self.leaf(&rename.ident, before),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
            UseTree::Glob(_) => self.follow(before),
        }
    }

    fn leaf(&mut self, last: &Ident, before: &mut Vec<(String, usize)>) {
        before.push(named(last));
        self.follow(before);
        before.pop();
    }

    /// Paths inside a macro's input, which the parser leaves as tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<(String, usize)> = Vec::new();
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => path.push(named(&ident)),
                TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                TokenTree::Group(group) => {
                    self.follow(&std::mem::take(&mut path));
                    self.tokens(group.stream());
                }
                _ => self.follow(&std::mem::take(&mut path)),
            }
        }
        self.follow(&path);
    }
}

impl<'ast> Visit<'ast> for Uses {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_test_only(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_test_only(&item.attrs) {
            self.tree(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let names: Vec<_> = path
            .segments
            .iter()
            .map(|segment| named(&segment.ident))
            .collect();
        self.follow(&names);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

fn named(ident: &Ident) -> (String, usize) {
    (ident.to_string(), ident.span().start().line)
}
