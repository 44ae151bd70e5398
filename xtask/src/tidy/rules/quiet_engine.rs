//! The engine and the adapters never print; the engine never reads the environment nor ends the process.

use syn::visit::{self, Visit};
use syn::{ItemMod, Macro, Path};

use crate::tidy::Workspace;
use crate::tidy::rules::floors::is_test_only;
use crate::tidy::violation::Violation;

const PRINTING: &[&str] = &["print", "println", "eprint", "eprintln"];
/// Module and function; the names are read from the end of a path.
const OUTSIDE: &[(&str, &str)] = &[
    ("env", "var"),
    ("env", "var_os"),
    ("env", "vars"),
    ("env", "vars_os"),
    ("env", "args"),
    ("env", "args_os"),
    ("env", "set_var"),
    ("process", "exit"),
    ("process", "abort"),
];

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    let packages = workspace.packages.iter();
    for package in packages.filter(|package| package.name == "dbvc-engine" || package.is_adapter()) {
        let sources = format!("{}src/", package.folder());
        for file in workspace
            .files
            .iter()
            .filter(|file| file.path.starts_with(&sources) && !file.is_test())
        {
            if let Some(syntax) = file.parse() {
                let engine = package.name == "dbvc-engine";
                Loud {
                    path: &file.path,
                    engine,
                    found,
                }
                .visit_file(&syntax);
            }
        }
    }
}

struct Loud<'a> {
    path: &'a str,
    engine: bool,
    found: &'a mut Vec<Violation>,
}

impl<'ast> Visit<'ast> for Loud<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        if let Some(last) = call.path.segments.last()
            && PRINTING.contains(&last.ident.to_string().as_str())
        {
            self.found.push(Violation::new(
                (self.path, last.ident.span().start().line),
                "print",
                format!("`{}!` prints", last.ident),
                "return a value, or tell the observer or `tracing`",
            ));
        }
        visit::visit_macro(self, call);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let names: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if let [.., module, function] = names.as_slice()
            && self.engine
            && OUTSIDE.contains(&(module.as_str(), function.as_str()))
        {
            let line = path.segments[0].ident.span().start().line;
            self.found.push(Violation::new(
                (self.path, line),
                "outside-world",
                format!("`{module}::{function}` reaches outside the engine"),
                "let the caller pass the value in, or return an error",
            ));
        }
        visit::visit_path(self, path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::package::Package;
    use crate::tidy::rules::sample::findings_in;
    use crate::tidy::source::SourceFile;

    fn about(package: &str, text: &str) -> Vec<String> {
        let packages = vec![Package {
            name: package.to_owned(),
            manifest: format!("{package}/Cargo.toml"),
            dependencies: Vec::new(),
        }];
        let files = vec![SourceFile::new(&format!("{package}/src/a.rs"), text)];
        findings_in(check, &Workspace { files, packages })
    }

    #[test]
    fn printing_is_refused_in_engine_and_adapters_only() {
        let text = "fn a() {\n    println!(\"x\");\n}";
        assert_eq!(
            about("dbvc-engine", text),
            ["dbvc-engine/src/a.rs:2: `println!` prints"]
        );
        assert_eq!(about("dbvc-sqlite", text).len(), 1);
        assert!(about("dbvc-cli", text).is_empty());
    }

    #[test]
    fn the_engine_may_not_read_the_environment_or_exit() {
        let text = "fn a() { std::env::var(\"HOME\"); std::process::exit(1) }";
        assert_eq!(about("dbvc-engine", text).len(), 2);
        assert!(about("dbvc-postgres", text).is_empty());
    }

    #[test]
    fn comments_strings_and_tests_may_speak() {
        let text = "/// println!(\"x\")\nconst A: &str = \"println!\";\n#[cfg(test)] mod tests { fn a() { println!() } }";
        assert!(about("dbvc-engine", text).is_empty());
    }
}
