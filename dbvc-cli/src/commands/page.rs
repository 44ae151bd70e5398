//! Writing a report as a page of HTML.

use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;

use crate::codes;
use crate::render::{Story, page};

/// Writes the page, over one that is there.
pub(super) fn write(path: &Path, story: Story<'_>) -> Result<(), Box<Diagnostic>> {
    let text = page(story).map_err(|error| error.to_string());
    let written = text.and_then(|text| std::fs::write(path, text).map_err(|error| error.to_string()));
    written.map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Box::new(Diagnostic::error(codes::FILE, message).help("check the path, and the rights of its folder"))
    })
}
