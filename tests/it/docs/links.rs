//! What a page leads to is there.

use std::{fs, path::Path};

/// Every target of a link in a text, without its anchor, as far as it is a file of ours.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| {
        let (target, _) = rest.split_once(')')?;
        let file = target.split('#').next().unwrap_or_default();
        (!file.is_empty() && !file.contains("://")).then_some(file)
    })
}

/// The pages of a directory and below.
fn pages(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = vec![root.join("README.md"), root.join("CHANGELOG.md")];
    pages(&root.join("docs"), &mut all);
    let mut links = 0;
    for page in all {
        let text = fs::read_to_string(&page).unwrap();
        for target in targets(&text) {
            let path = page.parent().unwrap().join(target);
            assert!(
                path.exists(),
                "{} leads to {target}, which is not there",
                page.display()
            );
            links += 1;
        }
    }
    assert!(links > 60, "{links} links were found");
}

#[test]
fn the_architecture_names_every_part_of_the_tree() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/architecture.md")).unwrap();
    for entry in fs::read_dir(root.join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let part = name.trim_end_matches(".rs");
        let is_named =
            text.contains(&format!("src/{part}")) || ["main", "lib", "proto"].contains(&part);
        assert!(is_named, "docs/architecture.md says nothing of src/{part}");
    }
}
