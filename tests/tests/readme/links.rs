//! No link leads nowhere.

use super::{pages, root};

/// The targets of Markdown links and images in a page.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| {
        let target = rest.split_once(')')?.0;
        let outside = target.contains("://") || target.starts_with("mailto:");
        (!outside).then_some(target)
    })
}

#[test]
fn every_link_leads_to_a_file_that_is_there() {
    let mut dead = Vec::new();
    for page in pages() {
        let text = std::fs::read_to_string(root().join(&page)).expect("a page");
        let folder = root().join(page.parent().expect("a folder"));
        for target in targets(&text) {
            let (path, _) = target.split_once('#').unwrap_or((target, ""));
            if !path.is_empty() && !folder.join(path).exists() {
                dead.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{dead:#?}");
}

#[test]
fn every_page_of_the_guide_and_the_reference_is_linked_from_its_index() {
    for folder in ["docs/guide", "docs/reference"] {
        let index = std::fs::read_to_string(root().join(folder).join("README.md")).expect("an index");
        for page in pages() {
            if page.parent().is_some_and(|parent| parent.ends_with(folder)) && !page.ends_with("README.md") {
                let name = page.file_name().expect("a name").to_string_lossy();
                assert!(
                    index.contains(&format!("({name})")),
                    "{folder}/README.md lacks {name}"
                );
            }
        }
    }
}
